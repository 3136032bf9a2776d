"""The disk: whether what is on it lasts, and whether there is room."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.filesize import decimal

from bot import disk
from bot.check.finding import Finding, ok, warning, wrong
from storage.database import Address

# 100,000 jobs take 110 MB, and a backup as much again.
ROOM_FOR_DATA = 250_000_000
# Four results are brought at once; of 100 MB each, they took 400 MB (docs/performance.md).
ROOM_FOR_FILES = 500_000_000


def look(address: Address, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Look where the database is kept, and how much can still be written."""
    files = Path(tempfile.gettempdir())
    room = [_room("files on their way", files, ROOM_FOR_FILES)]
    if address.path is None:
        return [ok("disk", "The data is in PostgreSQL; this disk need not last."), *room]
    if (trouble := disk.trouble(address, environment)) is not None:
        kept = wrong("disk", trouble)
    else:
        kept = ok("disk", disk.fate(address.path.resolve(), disk.machine(environment)).says)
    return [kept, _room("data", address.path.parent, ROOM_FOR_DATA), *room]


def _room(what: str, folder: Path, needed: int) -> Finding:
    free = disk.free_bytes(folder)
    says = f"{decimal(free)} are free for {what} ({folder.resolve()})"
    if free < needed:
        return warning("room", f"{says}; {decimal(needed)} or more are better.")
    return ok("room", f"{says}.")
