"""A file that an operator has named: it appears as a whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import StorageError


class FileError(StorageError):
    """A file that was named cannot be read, written or used; str() is a sentence."""


@contextmanager
def new_file(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give an empty file beside the target; when all goes well, it takes the target's name.

    Only its owner may read it. Raises FileError when it cannot be written, and, unless it may
    `replace` the target, when there is one.
    """
    if target.exists() and not replace:
        raise FileError(f"{target} is there already; --force writes over it.")
    with writing(target):
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".partial", dir=target.absolute().parent
        )
        os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with writing(target):
            _sync(partial)
            partial.replace(target)
            _sync(partial.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Raise FileError for what the system refuses."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{target} cannot be written: {error.strerror or error}.") from error


def _sync(path: Path) -> None:
    """Have it on the disk before anything that counts on it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
