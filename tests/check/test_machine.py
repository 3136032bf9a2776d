"""What `check` says of the machine: codecs, memory, clock, disk and the address of the web."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import disk
from bot.check import clock, codecs, memory, public_url
from bot.check import disk as disk_look
from bot.check.finding import Finding, Level
from bot.disk import Machine
from storage.database import Address
from tests.netmind.wire import Wire, hangs, says

MIB = 1024 * 1024
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_missing_codecs_are_named() -> None:
    (found,) = codecs.look()
    assert found.level is Level.OK
    (found,) = codecs.look({"flac", "aac"})
    assert (found.level, "lacks libx264, libopus." in found.says) == (Level.WRONG, True)


@pytest.mark.parametrize(
    ("limit", "level"),
    [
        (None, Level.OK),
        (512_000_000, Level.OK),
        (384 * MIB, Level.WARNING),
        (128 * MIB, Level.WRONG),
    ],
)
def test_memory_is_compared_with_what_was_measured(limit: int | None, level: Level) -> None:
    assert memory.judge(limit).level is level


MACHINE = {"/proc/meminfo": "MemTotal:  2048000 kB\nMemFree: 1 kB\n"}


@pytest.mark.parametrize(
    ("files", "least"),
    [
        ({}, None),
        (MACHINE, 2048000 * 1024),
        # Version 2, in a container, and below a limit of systemd's.
        (
            {"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "536870912\n"},
            512 * MIB,
        ),
        (
            {
                "/proc/self/cgroup": "0::/system.slice/foley.service\n",
                "/sys/fs/cgroup/system.slice/foley.service/memory.max": "max\n",
                "/sys/fs/cgroup/system.slice/memory.max": "268435456\n",
            },
            256 * MIB,
        ),
        # Version 1, whose "none" is a very large number.
        (
            {
                "/proc/self/cgroup": "4:cpu,memory:/docker/1\n2:cpuset:/\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
                "/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": "1048576\n",
            },
            MIB,
        ),
    ],
)
def test_the_least_limit_counts(files: dict[str, str], least: int | None) -> None:
    assert memory.available((MACHINE | files if files else files).get) == least


def test_this_machine_tells_its_memory() -> None:
    (found,) = memory.look()
    assert "may be used" in found.says


@pytest.mark.parametrize(
    ("told", "level", "word"),
    [
        (0, Level.OK, "Right"),
        (-4, Level.OK, "Right"),
        (-30, Level.WARNING, "29 s ahead"),
        (30, Level.WARNING, "29 s behind"),
        (3600, Level.WRONG, "59 min 59 s behind"),
    ],
)
def test_the_clock_is_compared_with_somebody_elses(told: int, level: Level, word: str) -> None:
    """The answer took a second, and only whole seconds are told."""
    found = clock.compared(NOON + timedelta(seconds=told), NOON, NOON + timedelta(seconds=1))
    assert (found.level, found.says.startswith(word)) == (level, True)


async def test_whoever_answers_tells_the_time_be_it_with_a_refusal() -> None:
    async with (
        Wire(says(200)) as silent,
        Wire(says(401, Date="Sun, 22 Nov 2026 11:00:00 GMT")) as other,
    ):
        addresses = ["http://127.0.0.1:9", silent.url, other.url]
        (found,) = await clock.look(addresses, lambda: NOON)
    assert (found.level, "59 min 59 s ahead" in found.says) == (Level.WRONG, True)
    async with Wire(hangs) as silent:
        (found,) = await clock.look(["http://127.0.0.1:9", silent.url], patience=0.05)
    assert found.level is Level.WARNING


def judged(found: list[Finding]) -> list[tuple[Level, str]]:
    return [(each.level, each.says) for each in found]


@pytest.mark.parametrize(
    ("status", "body", "level", "words"),
    [
        (200, b"ok", Level.OK, "The bot answers there."),
        (200, b"<html>", Level.WRONG, "Something else"),
        (404, b"", Level.WRONG, "Something else"),
        (301, b"", Level.WRONG, "It leads elsewhere"),
        (502, b"", Level.WARNING, "Only a proxy answers there (502); is the bot running?"),
    ],
)
async def test_what_answers_at_the_public_address_is_judged(
    status: int, body: bytes, level: Level, words: str
) -> None:
    async with Wire(says(status, body)) as wire:
        (first, *notes) = judged(await public_url.look(wire.url))
        assert [each.path for each in wire.seen] == ["/health/live"]
    assert (first[0], first[1].startswith(words)) == (level, True)
    assert [each[0] for each in notes] == [Level.WARNING, Level.WARNING]
    assert "private" in notes[0][1]
    assert "plain http" in notes[1][1]


async def test_nobody_at_the_public_address_may_only_mean_that_nothing_runs() -> None:
    ((level, told), *_) = judged(await public_url.look("http://127.0.0.1:9"))
    assert (level, told.endswith("is the bot running?")) == (Level.WARNING, True)
    async with Wire(hangs) as wire:
        ((level, _), *_) = judged(await public_url.look(wire.url, patience=0.05))
    assert level is Level.WARNING


async def test_an_address_that_speaks_no_https_or_has_a_bad_certificate_is_wrong() -> None:
    async with Wire(says(200, b"ok")) as wire:
        address = wire.url.replace("http://", "https://")
        ((level, told), *_) = judged(await public_url.look(address))
    assert (level, "https" in told) == (Level.WRONG, True)
    where: Any = aiohttp.client_reqrep.ConnectionKey("x", 443, True, True, None, None, None)
    bad = aiohttp.ClientConnectorCertificateError(where, ssl.SSLCertVerificationError())
    assert "certificate" in public_url.unanswered(bad).says
    unknown = aiohttp.ClientConnectorDNSError(where, OSError())
    assert public_url.unanswered(unknown).level is Level.WRONG


def test_little_room_is_worth_knowing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "machine", lambda _: Machine(None, False, ""))
    monkeypatch.setattr(disk, "free_bytes", lambda _: 300_000_000)
    found = disk_look.look(Address(path=tmp_path / "foley.db"))
    assert [(each.name, each.level) for each in found] == [
        ("disk", Level.OK),
        ("room", Level.OK),
        ("room", Level.WARNING),
    ]
    assert len(disk_look.look(Address(postgres="postgresql://x"))) == 2


def test_a_disk_that_is_wiped_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "machine", lambda _: Machine("Render", False, ""))
    found, *_ = disk_look.look(Address(path=tmp_path / "foley.db"))
    assert (found.name, found.level) == ("disk", Level.WRONG)
