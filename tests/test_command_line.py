"""What operators type about people and words, on a database of their own."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import operator_blocks
from bot.__main__ import cli
from storage import audit
from storage.audit import Entry
from storage.blocks import EVERYWHERE
from storage.database import Address, Database
from tests.world import World, said

PERSON = "80351110224678912"

Type = Callable[..., Result]


@pytest.fixture
def type_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what runs a command on an empty database."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return lambda *words: CliRunner().invoke(cli, list(words))


def test_a_person_is_blocked_until_a_day_listed_and_let_in_again(type_: Type) -> None:
    assert type_("block", PERSON, "--reason", "Spam", "--days", "7").exit_code == 0
    listed = type_("blocks").output
    assert listed.startswith(f"{PERSON}  until 20")
    assert listed.endswith("UTC  Spam\n")
    assert type_("unblock", PERSON).exit_code == 0
    assert type_("blocks").output == ""


def test_a_block_without_days_is_until_it_is_lifted(type_: Type) -> None:
    type_("block", PERSON)
    assert type_("blocks").output == f"{PERSON}  until lifted\n"


def test_who_is_not_blocked_cannot_be_unblocked(type_: Type) -> None:
    result = type_("unblock", PERSON)
    assert (result.exit_code, result.output) == (6, f"{PERSON} is not blocked everywhere.\n")


@pytest.mark.parametrize("days", ["0", "3651", "999999999999"])
def test_days_are_one_at_least_and_ten_years_at_most(type_: Type, days: str) -> None:
    assert type_("block", PERSON, "--days", days).exit_code == 2
    assert type_("blocks").output == ""


@pytest.mark.parametrize("person", ["0", "-5", str(2**63)])
def test_a_number_that_nobody_has_is_refused(type_: Type, person: str) -> None:
    for command in ("block", "unblock"):
        assert type_(command, "--", person).exit_code == 2
    assert type_("blocks").output == ""


def test_blocking_and_unblocking_are_written_down_as_nobodys_on_discord(
    type_: Type, tmp_path: Path
) -> None:
    type_("block", PERSON, "--reason", "Spam")
    type_("unblock", PERSON)
    type_("unblock", PERSON)
    entries = asyncio.run(written_down(tmp_path))
    assert [(each.what, each.by) for each in entries] == [("unblock", 0), ("block", 0)]
    assert {(each.detail["person"], each.detail["reason"]) for each in entries} == {
        (int(PERSON), "Spam")
    }


async def written_down(folder: Path) -> list[Entry]:
    """Return what was noted of the operator, newest first."""
    database = Database.open(Address(path=folder / "foley.db"))
    try:
        async with database.read() as connection:
            return await audit.newest(connection, EVERYWHERE, 9)
    finally:
        await database.close()


def test_rules_of_a_file_are_kept_and_printed_as_they_can_be_read_again(
    type_: Type, tmp_path: Path
) -> None:
    (tmp_path / "rules").write_text("word ugly\n")
    added = type_("words", "import", str(tmp_path / "rules"))
    assert (added.exit_code, "1 rules" in added.output) == (0, True)
    printed = type_("words", "list").output
    assert "ugly" in printed
    (tmp_path / "printed").write_text(printed)
    assert type_("words", "import", str(tmp_path / "printed")).exit_code == 0
    assert type_("words", "list").output == printed


def test_a_file_that_is_not_there_is_told_in_a_sentence(type_: Type, tmp_path: Path) -> None:
    result = type_("words", "import", str(tmp_path / "none"))
    assert result.exit_code == 5
    assert "cannot be read: No such file" in result.output


async def test_who_is_blocked_everywhere_makes_nothing_in_guilds_or_direct_messages(
    world: World,
) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()
    (result,) = world.results()
    await operator_blocks.put(world.app.database, world.mira.id, "Spam", None, world.clock())
    answers = [
        await world.ask("more", duration=1),
        await world.mira.user.slash("audio", prompt="more", duration=1),
        await world.mira.click(result, custom_id="foley:again:1"),
    ]
    form = await world.mira.click(result, custom_id="foley:remix:1")
    answers.append(await world.mira.submit_modal(form, {"prompt": "more"}))
    assert all("You cannot use this bot." in said(answer) for answer in answers)
    assert await world.jobs_made() == 1
