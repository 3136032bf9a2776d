"""What operators tell a bot that runs elsewhere: pause, resume, drain; and init before that."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.check.finding import ok, wrong
from bot.check.looks import Report
from bot.commands import live, start
from bot.jobs import pause
from storage.states import JobState
from tests.jobs.makers import NOON
from tests.world import World, said

Type = Callable[..., Result]


@pytest.fixture
def type_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what runs a command in an empty folder, on an empty database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(live, "_EVERY", 0.0)
    return lambda *words, **more: CliRunner().invoke(cli, list(words), **more)


async def test_a_paused_bot_takes_nothing_and_says_the_operators_words(world: World) -> None:
    await world.ask("rain", duration=1)
    await pause.pause(world.app.database, "Moving to a bigger *house*.")
    answer = await world.ask("more", duration=1)
    assert "I take nothing new for the time being." in said(answer)
    assert r"Moving to a bigger \*house\*." in said(answer)
    await world.until_ended()
    assert len(world.results()) == 1
    assert await pause.resume(world.app.database)
    assert not await pause.resume(world.app.database)
    assert not (await world.ask("more", duration=1)).ephemeral


async def test_what_is_left_is_counted_until_it_is_posted(world: World) -> None:
    assert not await pause.left(world.app.database)
    await world.ask("rain", duration=1)
    assert await pause.left(world.app.database) == (1, 0, 0, 0)
    await world.work()
    assert await pause.left(world.app.database) == (0, 1, 0, 0)
    await world.until_ended()
    assert not await pause.left(world.app.database)
    assert (await world.job()).state is JobState.FINISHED


def test_pause_and_resume_say_what_they_did(type_: Type) -> None:
    assert type_("resume").output == "It was not paused.\n"
    assert type_("pause", "--words", "Soon back").exit_code == 0
    assert type_("resume").output == "Requests are taken again.\n"


def test_drain_ends_when_nothing_is_left(type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter([pause.Left(2, 1, 0, 0), pause.Left(0, 0, 1, 4), pause.Left(0, 0, 0, 4)])

    async def left(_: object) -> pause.Left:
        return next(counts)

    monkeypatch.setattr(pause, "left", left)
    result = type_("drain")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "2 wait, 1 are being made, 0 are being posted, 0 wait for moderators.",
        "0 wait, 0 are being made, 1 are being posted, 4 wait for moderators.",
        "Everything is made and posted. `python -m bot resume` takes requests again.",
    ]
    assert type_("resume").output == "Requests are taken again.\n"


def test_drain_gives_up_after_its_seconds_and_stays_paused(
    type_: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def left(_: object) -> pause.Left:
        return pause.Left(1, 0, 0, 0)

    monkeypatch.setattr(pause, "left", left)
    times = iter([NOON, NOON + timedelta(seconds=0.9), NOON + timedelta(seconds=1)])
    monkeypatch.setattr(live, "utc_now", lambda: next(times))
    result = type_("drain", "--seconds", "1")
    assert (result.exit_code, "stays paused" in result.output) == (7, True)
    assert type_("resume").output == "Requests are taken again.\n"


# init


def looks(monkeypatch: pytest.MonkeyPatch, *, well: bool) -> None:
    async def check_all() -> Report:
        said = (ok if well else wrong)("discord", "The token is good; it is Foley's.")
        return Report([said], "https://discord.com/x")

    monkeypatch.setattr(start, "check_all", check_all)


def test_init_writes_what_it_asks_for_and_tells_how_to_go_on(
    type_: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(monkeypatch, well=True)
    (tmp_path / ".env").write_text("PORT=8080\n")
    result = type_("init", input=" discord-token \nnetmind-token\n")
    assert result.exit_code == 0
    assert "python -m bot run" in result.output
    assert "discord-token" not in result.output
    file = tmp_path / ".env"
    assert file.read_text() == (
        "PORT=8080\nDISCORD_TOKEN=discord-token\nNETMIND_API_TOKEN=netmind-token\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_init_writes_over_nothing_unless_it_is_told_to(
    type_: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(monkeypatch, well=True)
    (tmp_path / ".env").write_text("DISCORD_TOKEN=old\n")
    refused = type_("init", input="a\nb\n")
    assert (refused.exit_code, "--force" in refused.output) == (2, True)
    assert (tmp_path / ".env").read_text() == "DISCORD_TOKEN=old\n"
    assert type_("init", "--force", input="a\nb\n").exit_code == 0
    assert (tmp_path / ".env").read_text() == "DISCORD_TOKEN=a\nNETMIND_API_TOKEN=b\n"


def test_init_ends_like_check_if_something_is_wrong(
    type_: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(monkeypatch, well=False)
    result = type_("init", "--discord-token", "a", "--netmind-api-token", "b")
    assert (result.exit_code, "python -m bot check" in result.output) == (1, True)


@pytest.mark.parametrize("token", ["", "two words", "käse", "x" * 501])
def test_init_takes_no_token_that_is_none(type_: Type, tmp_path: Path, token: str) -> None:
    result = type_("init", "--discord-token", token, "--netmind-api-token", "b")
    assert (result.exit_code, "That is no Discord bot token" in result.output) == (2, True)
    assert not (tmp_path / ".env").exists()
