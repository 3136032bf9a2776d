"""Every command that stands on a page is run by a test, or it is said why not."""

import asyncio
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from discord.http import Route
from typer.testing import CliRunner, Result

from bot import disk
from bot.__main__ import cli
from tests.docs import commands
from tests.docs.markdown import PAGES, name_of
from tests.program import ROOT
from tests.rig.bots import Services

OF_BOT = sorted({words for page in PAGES for words in commands.asked_of_bot(page)})
TYPED_HERE = [words for words in OF_BOT if words not in commands.TYPED_ELSEWHERE]
# These ask Discord and NetMind.
ABROAD = [words for words in TYPED_HERE if words.split()[0] in {"check", "sync"}]
# A page that only names a command means it with these.
USUAL = {
    "backup": "foley-backup.db",
    "block": "PERSON",
    "export": "foley.zip",
    "import": "foley.zip",
    "restore": "foley-backup.db",
    "unblock": "PERSON",
    "words": "list",
}


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a command sets for its whole process is taken back: the log, and Discord's address."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def type_(words: str) -> Result:
    line, _, file = words.partition(" > ")
    result = CliRunner().invoke(cli, commands.arguments(f"{line} {USUAL.get(line, '')}"))
    if file:
        Path(commands.arguments(file)[0]).write_text(result.stdout)
    return result


def outcome(words: str) -> tuple[str, int, str]:
    """Type it; return the words, the exit code, and what was said if that is not 0."""
    result = type_(words)
    return words, result.exit_code, "" if result.exit_code == 0 else result.output


# Where each is run


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_on_a_page_is_run_somewhere_or_somebody_elses(page: Path) -> None:
    assert [line for line in commands.asked(page) if commands.home(line) is None] == []


@pytest.mark.parametrize(("words", "file"), commands.TYPED_ELSEWHERE.items())
def test_what_is_typed_elsewhere_is_typed_there(words: str, file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert [word for word in words.split() if f'"{word}"' not in text] == []


@pytest.mark.parametrize(("module", "file"), commands.SHORT_FORMS.items())
def test_what_has_a_short_form_shares_its_code(module: str, file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert f"from {module}" in text or f"from tests import {module.removeprefix('tests.')}" in text


def test_the_checks_run_what_make_test_and_make_lint_do() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert {"make lint", "make test"} <= set(script)


@pytest.mark.parametrize("target", commands.recipes())
def test_every_target_of_the_makefile_is_run_somewhere_too(target: str) -> None:
    assert commands.home(f"make {target}") is not None


# The bot's own


def prepare(words: list[str], house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put in its place what a command reads."""
    match words:
        case ["restore", name]:
            shutil.copy(house / "a.db", name)
        case ["import", name]:
            shutil.copy(house / "an.zip", name)
            monkeypatch.setenv("DATABASE_URL", "sqlite:///new/foley.db")


def test_what_the_pages_have_people_type_does_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a copy of a folder in which the bot has lived."""
    house = tmp_path / "house"
    house.mkdir()
    monkeypatch.chdir(house)
    for words in ("block PERSON", "backup a.db", "export an.zip"):
        assert type_(words).exit_code == 0
    (house / "rules.txt").write_text("goblin => No goblins, please.\n")
    outcomes = []
    for number, words in enumerate(set(TYPED_HERE) - set(ABROAD)):
        folder = tmp_path / str(number)
        shutil.copytree(house, folder)
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            prepare(commands.arguments(f"{words} {USUAL.get(words, '')}"), house, patch)
            outcomes.append(outcome(words))
    assert outcomes
    assert [each for each in outcomes if each[1] != 0] == []


async def test_what_asks_discord_and_netmind_does_its_work_and_syncs_no_more_than_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands are given to Discord once, and again only if that is forced."""
    monkeypatch.chdir(tmp_path)
    # Where the tests run, the disk need not last.
    monkeypatch.setattr(disk, "machine", lambda _: disk.Machine(None, False, ""))
    async with await Services.start() as services:
        for name, value in services.environment.items():
            monkeypatch.setenv(name, value)
        forced = ("sync", "sync", "sync --force")
        synced = [(await asyncio.to_thread(type_, words)).stdout for words in forced]
        ledger = await services.discord.ledger()
        outcomes = [await asyncio.to_thread(outcome, words) for words in ABROAD]
    assert [each for each in outcomes if each[1] != 0] == []
    said = [each.splitlines()[-1] for each in synced]
    assert said[0] == said[2]
    assert said[0].startswith("Discord has the ")
    assert said[1] == "Discord has them already; nothing has changed."
    puts = [each for each in ledger if (each.kind, each.method) == ("http", "PUT")]
    assert len(puts) == 2


def test_python_itself_is_asked_for_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {line for page in PAGES for line in commands.asked(page)}
    codes = [shlex.split(line)[2] for line in lines if line.startswith("python -c ")]
    for code in codes:
        exec(compile(code, "<page>", "exec"), {})  # noqa: S102 - our own pages
    assert codes
    assert len(capsys.readouterr().out.strip()) >= 16 * len(codes)
