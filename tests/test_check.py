"""`check` looks at everything a deployment needs and says all that is wrong at once."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord.http import Route

from bot import check
from bot.check import Finding, check_all
from bot.sandbox.netmind import SandboxNetmind
from storage import migrate
from storage.database import Address, Database
from tests.netmind.wire import Wire, says


@pytest.fixture
async def netmind() -> AsyncIterator[SandboxNetmind]:
    async with SandboxNetmind() as running:
        yield running


@pytest.fixture
def deployment(
    tmp_path: Path,
    netmind: SandboxNetmind,
    monkeypatch: pytest.MonkeyPatch,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> Path:
    """Give an environment in which all is well but Discord, which is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    for name in check._WIPED:
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "DISCORD_TOKEN": "discord-secret",
        "DISCORD_API_BASE": "http://127.0.0.1:9/api",
        "NETMIND_API_TOKEN": netmind.token,
        "NETMIND_BASE_URL": netmind.base_url,
        "DATA_DIR": str(tmp_path / "data"),
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


async def test_wrong_settings_are_all_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    findings = await check_all()
    assert [finding.name for finding in findings] == ["settings", "settings"]
    assert not any(finding.ok for finding in findings)


@pytest.mark.usefixtures("deployment")
async def test_each_part_is_found_good_or_bad_by_itself() -> None:
    found = by_name(await check_all())
    assert {name for name, finding in found.items() if not finding.ok} == {"discord"}
    assert {"settings", "catalogue", "database", "discord", "netmind", "codecs"} <= found.keys()


@pytest.mark.usefixtures("deployment")
async def test_a_refused_key_is_named_without_the_key(netmind: SandboxNetmind) -> None:
    netmind.fail_next("list", status=401, body={"detail": f"bad {netmind.token}"})
    finding = by_name(await check_all())["netmind"]
    assert not finding.ok
    assert netmind.token not in finding.says


@pytest.mark.usefixtures("deployment")
async def test_nothing_is_written_or_made(netmind: SandboxNetmind) -> None:
    await check_all()
    assert [call.method for call in netmind.ledger] == ["GET"]


async def test_the_databases_age_is_told(deployment: Path) -> None:
    assert "empty" in by_name(await check_all())["database"].says
    database = Database.open(Address(path=deployment / "data" / "foley.db"))
    await migrate.upgrade(database)
    assert "up to date" in by_name(await check_all())["database"].says
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'future'")
    await database.close()
    finding = by_name(await check_all())["database"]
    assert not finding.ok
    assert "newer" in finding.says


async def test_a_damaged_database_is_named_and_left_as_it_is(deployment: Path) -> None:
    path = deployment / "data" / "foley.db"
    path.parent.mkdir()
    path.write_bytes(b"not a database " * 100)
    finding = by_name(await check_all())["database"]
    assert not finding.ok
    assert f"{path.relative_to(deployment)} is damaged" in finding.says
    assert not list(path.parent.glob("*.broken-*"))


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize(("variable", "platform"), check._WIPED.items())
async def test_a_disk_that_is_wiped_is_named_loudly(
    monkeypatch: pytest.MonkeyPatch, variable: str, platform: str
) -> None:
    monkeypatch.setenv(variable, "x")
    finding = by_name(await check_all())["disk"]
    assert not finding.ok
    assert platform in finding.says


@pytest.mark.usefixtures("deployment")
async def test_a_refused_discord_token_is_named_without_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Wire(says(401, {"message": "401: Unauthorized", "code": 0})) as wire:
        monkeypatch.setenv("DISCORD_API_BASE", wire.url)
        finding = by_name(await check_all())["discord"]
    assert finding.says == "Discord refused DISCORD_TOKEN."


def test_findings_can_be_read_by_machines(capsys: pytest.CaptureFixture[str]) -> None:
    check.print_findings([Finding("disk", False, "No.")], as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"name": "disk", "ok": False, "says": "No."}]


def test_findings_can_be_read_by_people(capsys: pytest.CaptureFixture[str]) -> None:
    check.print_findings([Finding("disk", False, "No."), Finding("x", True, "Yes.")], as_json=False)
    shown = capsys.readouterr().out
    assert "wrong" in shown
    assert "ok" in shown


def test_missing_codecs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check._codecs().ok
    monkeypatch.setattr(check, "_CODECS", ("flac", "unheard-of"))
    finding = check._codecs()
    assert not finding.ok
    assert "unheard-of" in finding.says


async def test_looking_changes_nothing(deployment: Path) -> None:
    """A check on a fresh machine leaves no database behind."""
    found = by_name(await check_all())["database"]
    assert found.ok
    assert "still empty" in found.says
    assert list(deployment.iterdir()) == []
