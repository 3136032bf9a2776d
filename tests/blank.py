"""A database with the present schema and no rows, made once a process: it takes a while."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from storage import migrate


def put_blank(path: Path) -> None:
    """Put one there, unless a file is there already."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(_folder().name) / "blank.db", path)


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="foley-blank-")
    engine = sa.create_engine(f"sqlite:///{folder.name}/blank.db")
    with engine.begin() as connection:
        migrate._run(connection)
    engine.dispose()
    return folder
