"""The code of another version, in a folder of its own."""

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from tests.program import ROOT


@contextmanager
def code_of(reference: str | None) -> Iterator[Path]:
    """Give the folder of a commit, tag or branch; None: of the code that lies here.

    Raises subprocess.CalledProcessError if there is no such commit.
    """
    if reference is None:
        yield ROOT
        return
    command = ("git", "archive", "--format=tar", reference)
    archive = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own
    with tempfile.TemporaryDirectory(prefix="foley-old-") as folder:
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
            tar.extractall(folder, filter="data")
        yield Path(folder)
