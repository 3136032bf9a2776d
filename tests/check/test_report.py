"""How a report reads: for people in a narrow terminal without colours, and for machines."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot import disk
from bot.__main__ import cli
from bot.check.finding import Level, ok, warning, wrong
from bot.check.looks import Report
from bot.check.report import as_json, show, summary
from bot.disk import Machine

LINK = "https://discord.com/oauth2/authorize?" + "x" * 200
REPORT = Report(
    [
        ok("settings", "All are readable."),
        warning("clock", "[red]" + "Late. " * 30),
        wrong("disk", "Render wipes this disk."),
    ],
    LINK,
)


def shown(report: Report, **how: object) -> str:
    to = io.StringIO()
    show(report, Console(file=to, width=40, highlight=False, **how))  # type: ignore[arg-type]
    return to.getvalue()


def test_levels_are_words_so_that_nothing_is_lost_without_colours() -> None:
    text = shown(REPORT)
    assert "\x1b" not in text
    lines = [line.split() for line in text.splitlines()]
    assert ["ok", "settings", "All", "are", "readable."] in lines
    assert ["warning", "clock", "[red]Late."] in [line[:3] for line in lines]
    assert ["wrong", "disk"] in [line[:2] for line in lines]
    assert text.index("Settings") < text.index("Data") < text.index("Machine")


def test_a_terminal_shows_colours() -> None:
    assert "\x1b[1;31mwrong" in shown(REPORT, force_terminal=True, color_system="standard")


def test_the_link_is_whole_on_a_line_of_its_own_and_everything_else_fits() -> None:
    lines = shown(REPORT).splitlines()
    assert LINK in lines
    assert max(len(line) for line in lines if line != LINK) <= 40
    assert "Invite" not in shown(Report([], None))


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ((Level.OK,), "All is well."),
        ((Level.WARNING,), "All is well, with one warning."),
        ((Level.WRONG, Level.OK), "1 thing is wrong."),
        ((Level.WRONG,) * 2 + (Level.WARNING,) * 2, "2 things are wrong, and 2 warnings."),
    ],
)
def test_the_end_says_how_it_stands(levels: tuple[Level, ...], sentence: str) -> None:
    found = [{Level.OK: ok, Level.WARNING: warning, Level.WRONG: wrong}[each] for each in levels]
    assert summary(Report([make("disk", "x") for make in found])) == sentence


def test_machines_read_the_same() -> None:
    read = json.loads(as_json(REPORT))
    assert (read["well"], read["invite"]) == (False, LINK)
    assert read["findings"][2] == {
        "name": "disk",
        "level": "wrong",
        "says": "Render wipes this disk.",
    }
    assert json.loads(as_json(Report([]))) == {"well": True, "invite": None, "findings": []}


@pytest.fixture
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_retries: None) -> None:  # noqa: ARG001 - at work for its sake
    """Set addresses at which nobody is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(disk, "machine", lambda _: Machine(None, False, ""))
    for name in ("DISCORD_API_BASE", "NETMIND_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.mark.usefixtures("_nowhere")
def test_whatever_is_wrong_the_code_is_one_and_the_output_is_json() -> None:
    result = CliRunner().invoke(cli, ["check", "--json"])
    assert result.exit_code == 1
    read = json.loads(result.stdout)
    wrong_ones = {each["name"] for each in read["findings"] if each["level"] == "wrong"}
    assert wrong_ones == {"settings"}


@pytest.mark.usefixtures("_nowhere")
def test_warnings_alone_are_code_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check_all() -> Report:
        return Report([warning("clock", "Late.")])

    monkeypatch.setattr("bot.commands.check.check_all", check_all)
    result = CliRunner().invoke(cli, ["check"])
    assert (result.exit_code, "All is well, with one warning." in result.output) == (0, True)
