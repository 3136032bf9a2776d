"""`check --probe` as operators type it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.commands import check
from bot.config import Settings
from bot.probe.plan import Plan
from bot.probe.record import Record, Step


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Have the probe only note that it was to begin."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", "d")
    monkeypatch.setenv("NETMIND_API_TOKEN", "a-netmind-token")
    plans: list[Plan] = []

    async def probe(_: Settings, plan: Plan, on_step: Callable[[Step], None]) -> Record:
        plans.append(plan)
        on_step(Step.LIST_BEFORE)
        return Record(made={"g": len(plans) == 1})

    monkeypatch.setattr(check, "probe_netmind", probe)
    return plans


def typed(*words: str) -> Result:
    return CliRunner().invoke(cli, ["check", "--probe", *words])


def test_without_anybody_to_ask_it_wants_a_yes(asked: list[Plan]) -> None:
    result = typed()
    assert (result.exit_code, "--yes" in result.output, asked) == (2, True, [])


def test_on_a_terminal_it_asks_before(asked: list[Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    for answer, count in (("n\n", 0), ("y\n", 1)):
        result = CliRunner().invoke(cli, ["check", "--probe"], input=answer)
        assert (result.exit_code, len(asked)) == (1 - count, count)
        assert "which NetMind may bill" in result.output


def test_it_says_what_it_does_and_writes_what_it_learned(asked: list[Plan], tmp_path: Path) -> None:
    result = typed("--yes")
    assert result.exit_code == 0
    assert "at most 4 generations" in result.output
    assert "  list before ...\n" in result.output
    assert len(asked) == 1
    text = (tmp_path / "netmind-probe.md").read_text()
    assert text.startswith("# What NetMind answers to this key\n")
    assert "a-netmind-token" not in text
    assert (typed("--yes", "--out", "other.md").exit_code, len(asked)) == (1, 2)


def test_where_nothing_can_be_written_nothing_is_made(asked: list[Plan]) -> None:
    result = typed("--yes", "--out", "no/such/folder/x.md")
    assert (result.exit_code, asked) == (5, [])
    assert "cannot be written" in result.output


@pytest.mark.usefixtures("asked")
def test_wrong_settings_end_it_as_they_end_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETMIND_API_TOKEN")
    result = typed("--yes")
    assert (result.exit_code, "NETMIND_API_TOKEN is missing" in result.output) == (2, True)


@pytest.mark.parametrize("words", [["--probe", "--json"], ["--yes"], ["--out", "page.md"]])
def test_what_does_not_go_together_is_refused_before_anything_is_looked_at(
    words: list[str], asked: list[Plan]
) -> None:
    result = CliRunner().invoke(cli, ["check", *words])
    assert (result.exit_code, "--probe" in result.output, asked) == (2, True, [])
