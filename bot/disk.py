"""Whether what is written to the database's disk is still there after the next deploy.

A platform is known by the variables that it sets. Whether a file is on a volume stands in Linux's
table of mounts, /proc/self/mountinfo: see proc(5) for its columns.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.database import Address

PLATFORMS = {
    "DYNO": "Heroku",
    "RENDER": "Render",
    "RAILWAY_ENVIRONMENT": "Railway",
    "RAILWAY_PROJECT_ID": "Railway",
    "FLY_APP_NAME": "Fly.io",
    "KOYEB_APP_NAME": "Koyeb",
}
"""Variables that a platform sets whose own disk is wiped on every deploy, or daily."""

_DOCKER = Path("/.dockerenv")
_CONTAINERS = (_DOCKER, Path("/run/.containerenv"))
_MOUNTS = Path("/proc/self/mountinfo")

# A file on these goes with the process's container, or with the machine's next start.
_LAYERS = frozenset({"overlay", "aufs", "fuse.fuse-overlayfs"})
_MEMORY = frozenset({"tmpfs", "ramfs"})
# Kubernetes' scratch folders, and Docker's volumes that nobody has given a name.
_SCRATCH = re.compile(r"/kubernetes\.io~empty-dir/|/volumes/[0-9a-f]{64}/_data")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """One line of the table: where it is, which part of its file system, and of what type."""

    point: Path
    root: str
    type: str

    @property
    def lasts(self) -> bool:
        """Whether it is there to keep things, unlike a container's own disk."""
        scratch = self.type in _LAYERS | _MEMORY or _SCRATCH.search(self.root)
        return self.point != Path("/") and not scratch


@dataclass(frozen=True)
class Machine:
    """What is known of where this process runs."""

    platform: str | None
    container: bool
    mounts: str


def machine(environment: Mapping[str, str]) -> Machine:
    """Look where this process runs."""
    docker = _DOCKER.exists()
    platform = platform_of(environment, docker=docker)
    return Machine(platform, any(map(Path.exists, _CONTAINERS)), _mount_table())


def _mount_table() -> str:
    try:
        return _MOUNTS.read_text()
    except OSError:  # it is no Linux, or a very strict one
        return ""


def platform_of(environment: Mapping[str, str], *, docker: bool) -> str | None:
    """Return the platform's name; Dokku sets Heroku's variable, too, but runs Docker."""
    found = next((name for key, name in PLATFORMS.items() if key in environment), None)
    return "Dokku" if found == "Heroku" and docker else found


@dataclass(frozen=True)
class Fate:
    """Whether a file lasts, and why in a sentence."""

    lasts: bool
    says: str


def fate(path: Path, where: Machine) -> Fate:
    """Tell what becomes of a file of this absolute path."""
    mount = mount_of(path, where.mounts)
    if mount is not None and mount.type in _MEMORY:
        return Fate(False, f"{mount.point} is in memory: a restart of this machine wipes it.")
    if where.platform == "Heroku":
        return Fate(False, "Heroku wipes this disk at each deploy and at least daily.")
    if where.platform is None and not where.container:
        return Fate(True, "On this machine's own disk.")
    if mount is not None and mount.lasts:
        return Fate(True, f"On a volume at {mount.point}.")
    owner, when = where.platform or "The container", "at each deploy"
    if where.platform is None:
        when = "when it is made anew"
    return Fate(False, f"{owner} wipes this disk {when}: it is on no volume.")


def mount_of(path: Path, mounts: str) -> Mount | None:
    """Return the mount that holds this absolute path; None: the table does not tell."""
    holding = [mount for mount in _mounts(mounts) if path.is_relative_to(mount.point)]
    # Of two at one point, the later one hides the earlier.
    deepest = max((len(mount.point.parts) for mount in holding), default=0)
    return next((m for m in reversed(holding) if len(m.point.parts) == deepest), None)


def _mounts(text: str) -> Iterator[Mount]:
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        columns, kind = before.split(" "), after.split(" ")[0]
        if len(columns) > 4 and kind:  # noqa: PLR2004 - the mount point is the fifth
            yield Mount(Path(_plain(columns[4])), _plain(columns[3]), kind)


def _plain(column: str) -> str:
    """Return a path of the table, in which spaces and the like stand as octal numbers."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), column)


def trouble(address: Address, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return in sentences why the database will be lost and what to do; None: it lasts."""
    if address.path is None:
        return None
    where = machine(environment)
    found = fate(address.path.resolve(), where)
    if found.lasts:
        return None
    # Heroku has no volumes.
    volume = "" if where.platform == "Heroku" else ", or DATA_DIR to a folder on a volume"
    return f"{found.says} People's jobs go with it. Set DATABASE_URL to a PostgreSQL{volume}."


def free_bytes(path: Path) -> int:
    """Return how much can still be written in this folder, or where it will be made."""
    there = next(place for place in (path.resolve(), *path.resolve().parents) if place.exists())
    return shutil.disk_usage(there).free
