"""Memory: what this process may take, against what it was measured to take.

A container's limit stands in the kernel's control groups: `memory.max` of version 2,
`memory.limit_in_bytes` of version 1, in the group of the process and in each above it; see
cgroups(7).
"""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from bot.check.finding import Finding, ok, warning, wrong

MIB = 1024 * 1024
ENOUGH = 480 * MIB
"""A plan of 512 MB; some of them count in powers of ten."""

LEAST = 220 * MIB
"""118 MB of the bot and 76 MB of its child were measured (docs/performance.md)."""

Read = Callable[[str], str | None]
"""Returns the text of a file, or None."""


def look() -> list[Finding]:
    """Compare what there is with what is needed."""
    return [judge(available(_text))]


def judge(limit: int | None) -> Finding:
    """Say whether so many bytes are enough; None: nobody knows how many there are."""
    if limit is None:
        return ok("memory", "Nobody says here how much there is; 512 MB are enough.")
    says = f"{limit // MIB:,} MB may be used"
    if limit < LEAST:
        return wrong("memory", f"{says}; the bot and its child need about 200 MB. Give it 512 MB.")
    if limit < ENOUGH:
        return warning("memory", f"{says}; large videos may not fit. 512 MB are enough.")
    return ok("memory", f"{says}.")


def available(read: Read) -> int | None:
    """Return the least of all limits in bytes, the machine's own memory among them."""
    return min([*_limits(read), *_machine(read)], default=None)


def _limits(read: Read) -> Iterator[int]:
    for path in _groups(read("/proc/self/cgroup") or ""):
        text = (read(path) or "").strip()
        if text.isdecimal():  # else it is "max"
            yield int(text)


def _groups(table: str) -> Iterator[str]:
    """Yield where the limits of this process's groups may stand."""
    for line in table.splitlines():
        _, _, rest = line.partition(":")
        kinds, _, group = rest.partition(":")
        if kinds and "memory" not in kinds.split(","):
            continue
        base, name = ("memory/", "memory.limit_in_bytes") if kinds else ("", "memory.max")
        place = PurePosixPath(group)
        for each in (place, *place.parents):
            yield str(PurePosixPath("/sys/fs/cgroup") / base / str(each).lstrip("/") / name)


def _machine(read: Read) -> Iterator[int]:
    for line in (read("/proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            yield int(line.split()[1]) * 1024


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text()
    except OSError:
        return None
