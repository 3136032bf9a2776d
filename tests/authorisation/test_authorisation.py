"""Everybody may do with the bot what the table says, and nothing else."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.language import language
from bot.sandbox.models import sandbox_catalog
from cogs import answer, modal
from tests.authorisation.acts import Command, Typing
from tests.authorisation.doing import Answer, do, offered
from tests.authorisation.inventory import ids_in_table, shape
from tests.authorisation.people import MANAGERS, Who
from tests.authorisation.stage import Stage, build
from tests.authorisation.table import ROWS, Effect, Row
from tests.authorisation.watching import Books, Database, owners, touched
from tests.world import open_world, sketch


class Judge:
    """Lets people do things one after the other, each as if it were the first."""

    def __init__(self, stage: Stage, database: Database) -> None:
        self.stage = stage
        self.database = database
        self.shown: set[str] = set()
        database.keep()
        self._before = database.books()

    async def faults(self, row: Row, who: Who) -> list[str]:
        """Return what is wrong with what somebody gets."""
        world = self.stage.world
        version = self.database.version()
        requests, spent = len(world.env.http_requests), len(world.netmind.ledger)
        with refusals() as raised:
            got = await do(self.stage, who, row.act)
        self.shown |= set(got.ids())
        after = self._before
        if self.database.version() != version:
            after = self.database.books()
            self.database.put_back()
        faults = [*self._common(row, who, got)]
        if who in row.may:
            faults += self._allowed(row, who, got, after)
            faults += [f"refused: {got.words}"] * any(said(each) in got.words for each in raised)
            return faults
        faults += [f"changed {table}" for table, _ in touched(self._before, after)]
        faults += ["NetMind was asked"] * (len(world.netmind.ledger) != spent)
        faults += [
            f"{each.method} {each.path}"
            for each in world.env.http_requests[requests:]
            if not each.path.startswith(("/interactions/", "/webhooks/"))
        ]
        return [*faults, *self._refused(row, got, raised)]

    def _common(self, row: Row, who: Who, got: Answer) -> Iterator[str]:
        allowed = who in row.may
        known = self.stage.readable(who) if allowed else self.stage.own_words(who)
        everything = got.everything(self.stage)
        for secret in self.stage.secrets:
            if secret.word in everything and secret.word not in known:
                yield f"reads {secret.word}"

    def _refused(self, row: Row, got: Answer, raised: list[Refusal]) -> Iterator[str]:
        if isinstance(row.act, Typing):
            if got.result.autocomplete_choices:
                yield "something is suggested"
            return
        if got.result.modal is not None:
            yield "a form is shown"
        if got.edits:
            yield "the message is changed"
        if not all(each.ephemeral for each in got.messages):
            yield "everybody reads it"
        if not any(said(each) in got.words for each in raised):
            yield f"no refusal: {got.words!r}"

    def _allowed(self, row: Row, who: Who, got: Answer, after: Books) -> Iterator[str]:
        changed = list(touched(self._before, after))
        if not got.result.acknowledged:
            yield "no answer"
        if (row.effect is Effect.ASKS) is (got.result.modal is None):
            yield f"a form is {'not ' * (got.result.modal is None)}shown: {got.words}"
        if (row.effect is Effect.CHANGES) is not bool(changed):
            yield f"changed: {[table for table, _ in changed]}"
        guild, actor = self.stage.guild(who), self.stage.actors[who].id
        for table, changed_row in changed:
            people, guilds = owners(table, changed_row, {**self._before, **after})
            manages = guild is not None and who in MANAGERS and guild.id in guilds
            if actor not in people and not manages:
                yield f"changed somebody else's {table}"


@contextmanager
def refusals() -> Iterator[list[Refusal]]:
    """Collect the refusals that are made meanwhile."""
    made: list[Refusal] = []
    usual = Refusal.__init__

    def noted(self: Refusal, *sentences: object) -> None:
        usual(self, *sentences)  # type: ignore[arg-type] # as it was called
        made.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refusal, "__init__", noted)
        yield made


def said(refusal: Refusal) -> str:
    return refusal.said(language("en"))


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody is told to wait."""
    monkeypatch.setattr(answer, "PATIENCE", 60.0)
    monkeypatch.setattr(modal, "_PATIENCE", 60.0)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("no_hurry", "quick_retries")
async def test_everybody_may_do_what_the_table_says(tmp_path: Path) -> None:
    """And nothing else: one line for each cell of which it is not true."""
    catalog = sandbox_catalog()
    async with open_world(tmp_path, {"render": sketch}, catalog) as world:
        stage = await build(world)
        assert offered_wrongly(stage) == []
        with closing(Database(world._file())) as database:
            judge = Judge(stage, database)
            # The database is put back after each; a message that was deleted in Discord is not.
            rows = sorted(ROWS, key=lambda row: "hide" not in row.what)
            wrong = [fault for row in rows for fault in await of_row(judge, row)]
    assert wrong == []
    known = {shape(each) for each in ids_in_table()}
    assert {shape(each) for each in judge.shown} - known == set()


async def of_row(judge: Judge, row: Row) -> list[str]:
    """Return what is wrong with a row; who is not offered a command cannot send it.

    In direct messages it is tried all the same: Discord knows no permissions there.
    """
    # The library's records of what is over would grow and grow.
    await judge.stage.world.env.settle()
    return [
        f"{row.what} | {who}: {fault}"
        for who in Who
        if who in row.offered or who is Who.DIRECT
        for fault in await judge.faults(row, who)
    ]


def offered_wrongly(stage: Stage) -> list[str]:
    """Return the commands that Discord offers to others than the table says."""
    seen = {who: offered(stage, who) for who in Who}
    return [
        f"{row.what} | {who}"
        for row in ROWS
        if isinstance(row.act, Command)
        for who in Who
        if (row.act.path in seen[who]) is not (who in row.offered)
    ]
