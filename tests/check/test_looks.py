"""`check` looks at everything a deployment needs and says all that is wrong at once."""

import asyncio
from pathlib import Path

import pytest

from bot.check import disk as disk_look
from bot.check import netmind as netmind_look
from bot.check.finding import Finding, Level, wrong
from bot.check.looks import check_all
from bot.check.within import listed, within
from bot.sandbox.netmind import SandboxNetmind
from tests.check.conftest import Discord, named

ALL = {
    *("settings", "catalogue", "database", "disk", "room"),
    *("discord", "application", "intents", "commands"),
    *("netmind", "codecs", "memory", "clock"),
}


@pytest.mark.usefixtures("deployment")
async def test_where_all_is_well_nothing_is_wrong_and_the_bot_can_be_invited() -> None:
    report = await check_all()
    assert report.all_well
    assert {finding.name for finding in report.findings} == ALL
    assert report.invite is not None
    assert "scope=bot+applications.commands" in report.invite


async def test_looking_changes_nothing(
    deployment: Path, netmind: SandboxNetmind, discord: Discord
) -> None:
    """Neither here nor elsewhere: a check on a fresh machine leaves no database behind."""
    await check_all()
    assert list(deployment.iterdir()) == []
    assert {call.method for call in netmind.ledger} == {"GET"}
    assert {entry.method for entry in discord.ledger.entries} <= {"GET"}


async def test_without_settings_everything_else_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_API_BASE", "nowhere")
    monkeypatch.setenv("NETMIND_BASE_URL", "nowhere")
    report = await check_all()
    says = [finding.says.split()[0] for finding in named(report, "settings")]
    assert sorted(says) == [
        *("DISCORD_API_BASE", "DISCORD_TOKEN", "NETMIND_API_TOKEN", "NETMIND_BASE_URL")
    ]
    assert {"catalogue", "database", "disk", "codecs", "memory", "clock"} <= {
        finding.name for finding in report.findings
    }


@pytest.mark.usefixtures("deployment")
async def test_settings_that_contradict_each_other_are_all_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://foley.example.com")
    monkeypatch.setenv("METRICS_TOKEN", "x" * 16)
    monkeypatch.setenv("ROLE", "worker")
    report = await check_all()
    assert len(named(report, "settings")) == 3
    assert named(report, "netmind")[0].level is Level.OK
    assert named(report, "public_url") == []


async def test_what_is_missing_keeps_nobody_from_being_asked_who_can_be(
    deployment: Path, monkeypatch: pytest.MonkeyPatch, discord: Discord
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    monkeypatch.setenv("DATABASE_URL", "mysql://nobody")
    report = await check_all()
    assert named(report, "netmind")[0].level is Level.OK
    assert named(report, "discord") == named(report, "database") == []
    assert discord.asked() == ["GET /gateway"]
    assert list(deployment.iterdir()) == []


async def test_a_look_that_takes_too_long_is_given_up() -> None:
    async def for_ever() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    (found,) = await within(0.0, "netmind", for_ever(), listed)
    assert found == wrong("netmind", "There was no answer within 0 seconds.")


@pytest.mark.usefixtures("deployment")
async def test_a_look_that_breaks_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_look, "look", lambda _: 1 // 0)
    monkeypatch.setattr(netmind_look, "open_session", lambda: 1 // 0)
    report = await check_all()
    assert named(report, "disk") == [
        wrong("disk", "This could not be looked at (ZeroDivisionError).")
    ]
    assert named(report, "netmind")[0].level is Level.WRONG
    assert named(report, "discord")[0].level is Level.OK


@pytest.mark.usefixtures("database")
async def test_no_secret_and_no_account_is_told(netmind: SandboxNetmind, discord: Discord) -> None:
    for status in (401, 402, 404, 418, 429, 500):
        netmind.fail_next("list", status=status, body={"detail": f"{netmind.token} of x"})
        told = str(await check_all())
        assert netmind.token not in told
        assert discord.world.token not in told
        assert netmind.user_id not in told
