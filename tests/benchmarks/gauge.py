"""How much memory a process takes, as Linux counts it; in bytes."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.02
# What the kernel calls "forget how much there ever was".
_RESET_PEAK = "5"
# A process that has ended, or a file that was closed, while it was looked at.
_GONE = (FileNotFoundError, ProcessLookupError)


@dataclass
class Gauge:
    """What a process had before, and the most of what it has had since.

    `resident`: all its memory, mapped files too. `anonymous`: without these. `children`: what its
    children have resident. `reading`, `writing`: in how many folders below `parent` it had files
    open for that at the same time.
    """

    pid: int
    parent: Path
    idle_resident: int = 0
    idle_anonymous: int = 0
    resident: int = 0
    anonymous: int = 0
    children: int = 0
    reading: int = 0
    writing: int = 0

    @property
    def growth(self) -> int:
        """How much more was resident than before."""
        return self.resident - self.idle_resident

    @property
    def anonymous_growth(self) -> int:
        """How much more of it no file backs; sampled, so a short peak may be missed."""
        return self.anonymous - self.idle_anonymous

    def begin(self) -> None:
        """Note what there is now, and begin to count from there."""
        Path(f"/proc/{self.pid}/clear_refs").write_text(_RESET_PEAK)
        now = _status(self.pid)
        self.idle_resident, self.idle_anonymous = now["VmRSS"], now["RssAnon"]

    def look(self) -> None:
        """Note what is more than ever; the kernel itself remembers the peak of `resident`."""
        now = _status(self.pid)
        self.resident = now["VmHWM"]
        self.anonymous = max(self.anonymous, now["RssAnon"])
        self.children = max(self.children, _of_children(self.pid))
        modes = [mode for _, mode in _open_files(self.pid, self.parent)]
        self.reading = max(self.reading, modes.count(os.O_RDONLY))
        self.writing = max(self.writing, modes.count(os.O_RDWR))


@asynccontextmanager
async def watched(pid: int, parent: Path) -> AsyncIterator[Gauge]:
    """Watch a process within this."""
    gauge = Gauge(pid, parent)
    gauge.begin()
    watching = asyncio.create_task(_watch(gauge))
    try:
        yield gauge
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    gauge.look()


async def _watch(gauge: Gauge) -> None:
    while True:
        gauge.look()
        await asyncio.sleep(_EVERY)


def _status(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    cells = [line.split() for line in lines if line.endswith(" kB")]
    return {name.rstrip(":"): int(size) * 1024 for name, size, _ in cells}


def _of_children(pid: int) -> int:
    found = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(*_GONE):
            for child in map(int, (task / "children").read_text().split()):
                # Until it has become another program, its memory is its parent's.
                if _command(child) != _command(pid):
                    found += _status(child).get("VmRSS", 0)
    return found


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _open_files(pid: int, parent: Path) -> set[tuple[Path, int]]:
    """Return the folders below the parent in which files are open, and how they were opened."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(*_GONE):
            folder = entry.readlink().parent
            if folder.parent == parent:
                facts = Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text().split()
                found.add((folder, int(facts[facts.index("flags:") + 1], 8) & os.O_ACCMODE))
    return found
