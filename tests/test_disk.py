"""Whether the database's disk lasts: read from the platform's variables and the table of mounts."""

from pathlib import Path

import pytest

from bot import disk
from bot.disk import Machine, fate, mount_of, platform_of
from storage.database import Address

# As Docker writes it, with a volume that has a name, one that has none, and a folder in memory.
DOCKER = """\
500 400 0:70 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l,upperdir=/u
501 500 0:73 / /proc rw,nosuid - proc proc rw
502 500 8:1 /var/lib/docker/volumes/foley-data/_data /data rw,relatime - ext4 /dev/sda1 rw
503 500 8:1 /var/lib/docker/volumes/{number}/_data /anonymous rw,relatime - ext4 /dev/sda1 rw
504 500 0:75 / /memory rw,relatime - tmpfs tmpfs rw,size=65536k
505 500 8:1 /srv/my\\040data /my\\040data rw,relatime - ext4 /dev/sda1 rw
506 500 8:1 /kubelet/pods/1/volumes/kubernetes.io~empty-dir/cache /cache rw - ext4 /dev/sda1 rw
507 502 0:76 / /data/hidden rw,relatime - tmpfs tmpfs rw
508 507 8:1 /srv/shown /data/hidden rw,relatime - ext4 /dev/sda1 rw
""".format(number="0123456789abcdef" * 4)
# As a small virtual machine of Fly.io's has it: a disk of its own for /, and a volume.
FLY = """\
20 1 254:0 / / rw,relatime - ext4 /dev/vdb rw
21 20 254:16 / /data rw,relatime - ext4 /dev/vdc rw
"""


def machine(
    platform: str | None = None, *, container: bool = True, mounts: str = DOCKER
) -> Machine:
    return Machine(platform, container, mounts)


KEPT = (
    *("/data/foley.db", "/data/below/foley.db", "/data/hidden/foley.db"),
    "/my data/foley.db",
)
LOST = (
    *("/database/foley.db", "/app/data/foley.db", "/anonymous/foley.db", "/memory/foley.db"),
    "/cache/foley.db",
)


@pytest.mark.parametrize("platform", [None, "Railway", "Dokku"])
def test_in_a_container_a_file_lasts_if_it_is_on_a_volume(platform: str | None) -> None:
    where = machine(platform)
    assert [path for path in (*KEPT, *LOST) if fate(Path(path), where).lasts] == [*KEPT]


@pytest.mark.parametrize("platform", ["Render", "Railway", "Fly.io", "Koyeb"])
def test_on_a_platform_the_machines_own_disk_is_wiped_and_a_volume_is_not(platform: str) -> None:
    where = machine(platform, container=False, mounts=FLY)
    found = fate(Path("/app/data/foley.db"), where)
    assert found.says == f"{platform} wipes this disk at each deploy: it is on no volume."
    assert fate(Path("/data/foley.db"), where).says == "On a volume at /data."


def test_heroku_has_no_volumes_whatever_is_mounted_there() -> None:
    assert not fate(Path("/data/foley.db"), machine("Heroku", mounts=FLY)).lasts


def test_a_machine_of_ones_own_keeps_everything_but_its_memory() -> None:
    where = machine(container=False)
    assert fate(Path("/home/foley/foley.db"), where).lasts
    assert fate(Path("/database/foley.db"), where).lasts
    assert not fate(Path("/memory/foley.db"), where).lasts


def test_without_a_table_of_mounts_only_the_platform_counts() -> None:
    assert fate(Path("/data/foley.db"), machine(container=False, mounts="")).lasts
    assert not fate(Path("/data/foley.db"), machine("Render", mounts="")).lasts


def test_lines_that_make_no_sense_are_left_out() -> None:
    assert mount_of(Path("/data/x"), "nonsense\n1 2 3 - x\n\n") is None


@pytest.mark.parametrize(("variable", "platform"), disk.PLATFORMS.items())
def test_a_platform_is_known_by_its_variable(variable: str, platform: str) -> None:
    assert platform_of({variable: "x", "HOME": "/"}, docker=False) == platform
    assert platform_of({"HOME": "/"}, docker=False) is None


def test_dokku_sets_herokus_variable_but_runs_docker() -> None:
    assert platform_of({"DYNO": "web.1"}, docker=True) == "Dokku"


def test_a_database_that_is_lost_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    address = Address(path=Path("data/foley.db"))
    ends = {
        "Heroku": "Set DATABASE_URL to a PostgreSQL.",
        "Render": "PostgreSQL, or DATA_DIR to a folder on a volume.",
        None: "PostgreSQL, or DATA_DIR to a folder on a volume.",
    }
    for platform, end in ends.items():
        where = machine(platform, mounts=FLY)
        monkeypatch.setattr(disk, "machine", lambda _, where=where: where)
        told = disk.trouble(address) or ""
        assert told.startswith(f"{platform or 'The container'} wipes this disk")
        assert told.endswith(end)
    assert disk.trouble(Address(postgres="postgresql://x")) is None


def test_this_machine_can_be_looked_at() -> None:
    assert disk.machine({"RENDER": "true"}).platform == "Render"
    assert disk.free_bytes(Path("not/made/yet")) > 0
