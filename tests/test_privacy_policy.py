"""The privacy policy and the terms, which operators publish, say what this code does."""

import itertools
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import stamina

from bot.config import Settings
from bot.jobs import janitor, retention, sending, vocabulary
from bot.log import set_up
from bot.moderation.words import Kind, Rule
from storage import erasure, migrate, people, privacy
from storage.database import Address, Database
from storage.schema import metadata
from tests.documents import ROOT
from tests.jobs.makers import NOON
from tests.test_log import _as_before  # noqa: F401 - a fixture that gives logging back
from tests.world import World, open_world, sketch

POLICY = ROOT / "docs" / "privacy-policy.md"
TERMS = ROOT / "docs" / "terms.md"
PAGES = pytest.mark.parametrize("page", [POLICY, TERMS], ids=lambda page: page.stem)
PERSONAL = {*privacy.ERASED, *privacy.KEPT}
TIMES = {
    "unwanted words found in a request, with the request": retention.FOUND_WORDS,
    "requests that were emptied by Delete everything, because they still count in limits": (
        erasure.KEPT_BARE
    ),
    "NetMind's copy of a file that is in Discord as it was made": timedelta(0),
    "NetMind's copy of a file that is not in Discord, or only smaller or as a voice message": (
        sending.KEEP_UNPOSTED
    ),
    "a link to a file that is too large for Discord": sending.KEEP_UNPOSTED,
    "the data of a server that removed the bot": retention.LEFT,
}


def table_under(heading: str) -> list[list[str]]:
    """Return the cells of the first table below the last heading of this name, row by row."""
    text = POLICY.read_text("utf-8").rpartition(f"\n## {heading}\n")[2]
    lines = itertools.dropwhile(lambda line: not line.startswith("|"), text.splitlines())
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in list(rows)[2:]]


def code(cell: str) -> set[str]:
    """Return what stands between backticks."""
    return set(re.findall(r"`([^`]+)`", cell))


def bold(cell: str) -> set[str]:
    """Return what stands between stars."""
    return set(re.findall(r"\*\*([^*]+)\*\*", cell))


STORED = {row[0].strip("`"): row[1:] for row in table_under("What is stored")}


def test_every_table_is_described_once() -> None:
    assert list(STORED) == [row[0].strip("`") for row in table_under("What is stored")]
    assert set(STORED) == set(metadata.tables)
    assert all(what and after for _, _, what, after in STORED.values())


@pytest.mark.parametrize("name", metadata.tables)
def test_every_column_is_described_once(name: str) -> None:
    exported, left_out, *_ = STORED[name]
    assert code(exported) | code(left_out) == set(metadata.tables[name].columns.keys())
    assert not code(exported) & code(left_out)


def test_the_export_has_what_is_said_and_nothing_else() -> None:
    found: dict[str, tuple[set[str], set[str]]] = {
        "people": ({"you"}, set(metadata.tables["people"].columns.keys()))
    }
    for section in privacy.SECTIONS:
        names, columns = found.setdefault(section.table.name, (set(), set()))
        names.add(section.name)
        columns.update(section.columns)
    told = {name: (bold(cells[0]), code(cells[0])) for name, cells in STORED.items()}
    assert {name: cell for name, cell in told.items() if any(cell)} == found


async def test_an_export_has_the_parts_that_are_named(tmp_path: Path) -> None:
    database = Database.open(Address(path=tmp_path / "foley.db"))
    await migrate.upgrade(database)
    async with database.write() as connection:
        await people.note(connection, 1, NOON)
        told = await privacy.everything(connection, 1)
    await database.close()
    assert set(told) == set().union(*(bold(cells[0]) for cells in STORED.values()))
    assert set(told["you"]) == code(STORED["people"][0])


@pytest.mark.parametrize("name", metadata.tables)
def test_what_stays_and_what_goes_is_said(name: str) -> None:
    *_, what, after = STORED[name]
    goes = {column.split(".")[0] for column in privacy.ERASED}
    goes |= {
        table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "jobs"
    }
    stays = {column.split(".")[0] for column in privacy.KEPT}
    assert bool(re.search("deleted|emptied", after)) == (name in goes)
    assert ("stay" in after) == (name in stays or name not in goes)
    assert what.endswith("no person") == (name not in goes | stays)


def test_what_goes_with_a_server_is_said() -> None:
    text = POLICY.read_text("utf-8")
    (sentence,) = re.findall(
        r"^When a server removes the bot,.*?\.$", text, re.MULTILINE | re.DOTALL
    )
    assert code(sentence) == {table.name for table in erasure.OF_GUILD} | {"guilds", "jobs"}


def test_the_times_are_those_of_the_code() -> None:
    assert {what: _long(time) for what, time in table_under("How long")} == TIMES
    assert retention.FOUND_WORDS == vocabulary._KEPT


def _long(told: str) -> timedelta:
    if told == "deleted at once":
        return timedelta(0)
    number, unit = told.split()
    return timedelta(**{unit: int(number)})


def test_no_other_time_is_named_in_figures_and_those_in_words_are_true() -> None:
    text = " ".join(POLICY.read_text("utf-8").split())
    rows = "".join(time for _, time in table_under("How long"))
    figures = r"\d+ (?:days|hours|months)"
    assert len(re.findall(figures, text)) == len(re.findall(figures, rows))
    assert "requests of the last two days" in text
    assert timedelta(days=2) == erasure.KEPT_BARE
    assert "again for about a day" in text
    tries = range(janitor.MAX_TRIES)
    waits = sum(min(30.0 * 2**number, janitor.LONGEST_WAIT) for number in tries)
    assert 20 < waits / 3600 < 28


@PAGES
def test_the_box_names_every_place_to_fill_in(page: Path) -> None:
    words = " ".join(page.read_text("utf-8").replace("\n> ", " ").split())
    box, _, text = words.partition(" [BOT] makes")
    place = re.compile(r"\[([A-Z][A-Z ]+)\](?!\()")
    assert set(place.findall(text)) | {"BOT"} == set(place.findall(box))


@PAGES
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = {word for word in code(page.read_text("utf-8")) if re.fullmatch("[A-Z_]+", word)}
    assert named <= {name.upper() for name in Settings.model_fields}


async def test_every_command_that_is_named_exists(world: World) -> None:
    there = {f"/{each.qualified_name}" for each in world.app.client.tree.walk_commands()}
    for page in (POLICY, TERMS):
        named = {word for word in code(page.read_text("utf-8")) if word.startswith("/")}
        assert named
        assert named <= there


async def test_the_log_has_neither_words_nor_numbers_of_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One made at the second try, one refused for its words, one cancelled, all deleted."""
    with stamina.set_testing(True, attempts=3):
        async with open_world(tmp_path, {"render": sketch}, log_level="debug") as w:
            set_up(w.settings)
            client, mira = w.app.client, w.mira.id
            await client.services.vocabulary.add(w.guild.id, Rule(Kind.WORD, "willow"), by=1)
            w.netmind.fail_next("create", status=429)
            await w.ask("a secret of mine", duration=1)
            await w.until_ended()
            await w.ask("a secret willow", duration=1)
            await w.ask("a secret that goes", duration=1)
            await client.services.rules.block(w.guild.id, 1, mira, "a secret reason", None)
            await client.services.privacy.erase(mira, messages=True)
    written = capsys.readouterr().out
    events = {json.loads(line)["message"] for line in written.splitlines() if line[:1] == "{"}
    assert {"tried_again", "delivered", "words_refused", "person_erased"} <= events
    assert "secret" not in written
    assert str(mira) not in written
