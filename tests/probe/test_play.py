"""The probe against the sandbox: it learns, makes little, deletes all of it and names nobody."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.media.errors import MediaCrashError
from bot.media.workshop import Workshop
from bot.netmind.catalog import Catalog
from bot.netmind.client import open_session
from bot.netmind.download import Downloader
from bot.probe import play as play_module
from bot.probe.lesson import Lesson
from bot.probe.page import left, page
from bot.probe.plan import MOST, announced, plan_of
from bot.probe.play import play
from bot.probe.questions import lessons
from bot.probe.record import Record, Step
from bot.probe.recorder import Recorder
from bot.sandbox.generation import Shape
from bot.sandbox.netmind import SandboxNetmind
from tests.world import MovedClock, sketch

PLAN = plan_of(Catalog.load())


@dataclass
class Bench:
    """A NetMind whose clock moves as the probe sleeps, and what the probe found there."""

    netmind: SandboxNetmind
    clock: MovedClock
    record: Record = field(default_factory=Record)

    async def sleep(self, seconds: float) -> None:
        await self.netmind.rendered()
        self.clock.now += timedelta(seconds=seconds)

    async def play(self) -> str:
        """Probe, and return the page."""
        allow = frozenset({("127.0.0.1", self.netmind.port)})
        async with open_session() as session, Downloader(allow) as downloader:
            base, token = self.netmind.base_url, self.netmind.token
            recorder = Recorder(session, base, token, allow, self.clock)
            self.record = recorder.record
            await play(recorder, PLAN, downloader, self.sleep)
        return page(self.record, PLAN, base, token, self.clock())

    def learned(self) -> dict[str, Lesson]:
        return {each.question: each for each in lessons(self.record, PLAN)}

    @property
    def all_deleted(self) -> bool:
        return all(each.deleted_at for each in self.netmind.generations.values())


@asynccontextmanager
async def bench(shape: Shape = "C", **how: Any) -> AsyncIterator[Bench]:
    clock = MovedClock()
    how = {"render": sketch, "token": "a-sandbox-token-0123456789", **how}
    async with SandboxNetmind(shape=shape, clock=clock, **how) as netmind:
        yield Bench(netmind, clock)


@pytest.fixture
def _unexamined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the child that looks into files."""

    async def crash(*_: object) -> None:
        raise MediaCrashError("not today")

    monkeypatch.setattr(Workshop, "examine", crash)


@pytest.mark.usefixtures("_unexamined")
@pytest.mark.parametrize("shape", ["A", "B", "C"])
async def test_all_that_one_key_can_settle_is_learned_in_each_form(shape: Shape) -> None:
    async with bench(shape) as there:
        text = await there.play()
        unlearned = {q for q, lesson in there.learned().items() if lesson.answer is None}
        assert unlearned <= {"What is in the file?", "Can a fresh link be had by the file's id?"}
        assert f"Form {shape}." in text
        assert there.record.stopped is None
        assert len(there.netmind.generations) == MOST
        assert there.all_deleted
        for secret in (there.netmind.token, there.netmind.user_id, *there.netmind.generations):
            assert secret not in text
        assert "http://" not in text
        assert "signature=" not in text


async def test_what_the_result_is_made_of_is_told_by_a_child_of_ours() -> None:
    async with bench(render=None) as there:
        text = await there.play()
        assert re.search(r"\| What is in the file\? \| flac: flac, 44100 Hz, 1\.0 s, ", text)


@pytest.mark.usefixtures("_unexamined")
async def test_nothing_of_others_is_touched_and_no_word_of_theirs_is_told() -> None:
    async with bench() as there:
        other = there.netmind._accept("hkchengrex/MMAudio", {"prompt": "a stranger's words"})
        text = await there.play()
        assert other.deleted_at is None
        assert {call.generation_id for call in there.netmind.ledger} & {other.id} == set()
        assert "stranger" not in text
        assert other.id not in text
        assert "1 were there before" in text


@pytest.mark.parametrize(
    ("operation", "status", "made"),
    [("list", 401, 0), ("list", 500, 0), ("create", 402, 0), ("create", 429, 0)],
)
async def test_where_nothing_can_be_asked_nothing_is_made_and_the_page_says_so(
    operation: Any, status: int, made: int
) -> None:
    async with bench() as there:
        there.netmind.fail_next(operation, status=status, body={"detail": "no"}, times=99)
        text = await there.play()
        assert len(there.netmind.generations) == made
        assert there.record.stopped is not None
        assert f"**{there.record.stopped}**" in text
        assert "## Not learned" in text


@pytest.mark.usefixtures("_unexamined")
async def test_where_everything_else_fails_it_comes_to_an_end_and_still_cleans_up() -> None:
    async with bench() as there:
        for operation in ("get", "presign", "download"):
            there.netmind.fail_next(operation, status=500, times=999)
        text = await there.play()
        assert there.all_deleted
        assert "- Where are results, and what opens their links?" in text


async def test_an_answer_that_is_lost_is_counted_and_told() -> None:
    async with bench() as there:
        there.netmind.drop_next("create", accepted=True)
        text = await there.play()
        assert there.record.unclear == 1
        assert "nobody knows whether they made a generation" in text


@pytest.mark.parametrize(
    "step", [Step.LIST_AFTER_CREATE, Step.POLL, Step.GET_DELETED, Step.WRONG_VALUE_POLL]
)
async def test_whenever_it_is_interrupted_everything_that_was_made_is_deleted(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Recorder.ask

    async def interrupted(self: Recorder, now: Step, *words: Any, **more: Any) -> Any:
        answer = await ask(self, now, *words, **more)
        if now is step:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        return answer

    async def no_result(*_: object) -> None:
        pass

    monkeypatch.setattr(Recorder, "ask", interrupted)
    monkeypatch.setattr(play_module, "_result", no_result)
    async with bench() as there:
        text = await there.play()
        assert there.netmind.generations
        assert there.all_deleted
        assert "**It was interrupted.**" in text


async def test_what_is_made_while_it_is_interrupted_is_deleted_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The request is on its way, and its answer is waited for: it alone tells the id."""
    exchange = Recorder._exchange

    async def interrupted(self: Recorder, now: Step, *words: Any, **more: Any) -> Any:
        if now is Step.CREATE:
            asyncio.get_running_loop().call_soon(asking.cancel)
        return await exchange(self, now, *words, **more)

    monkeypatch.setattr(Recorder, "_exchange", interrupted)
    async with bench() as there:
        asking = asyncio.create_task(there.play())
        assert "**It was interrupted.**" in await asking
        assert len(there.netmind.generations) == 1
        assert there.all_deleted


@pytest.mark.usefixtures("_unexamined")
async def test_what_could_not_be_deleted_is_told() -> None:
    async with bench() as there:
        there.netmind.fail_next("delete", status=500, times=99)
        text = await there.play()
        assert left(there.record) == ["4 of 4 generations could not be deleted."]
        assert "4 of 4 generations could not be deleted." in text


async def test_a_private_result_link_is_not_followed() -> None:
    async with bench() as there, open_session() as session:
        recorder = Recorder(session, there.netmind.base_url, there.netmind.token)
        answer = await recorder.open(Step.LINK, f"{there.netmind.base_url}/files/x")
        assert (answer.status, "not https" in answer.error) == (None, True)
        assert there.netmind.ledger == []


async def test_who_waits_hears_of_each_step_once() -> None:
    heard: list[Step] = []
    async with bench() as there, open_session() as session:
        base, token = there.netmind.base_url, there.netmind.token
        recorder = Recorder(session, base, token, on_step=heard.append)
        for step in (Step.POLL, Step.POLL, Step.LIST_BEFORE):
            await recorder.ask(step, "GET", "generation")
    assert heard == [Step.POLL, Step.LIST_BEFORE]


async def test_no_more_is_made_than_is_announced() -> None:
    said = announced(PLAN, exclusive=False)
    assert f"at most {MOST} generations" in said
    assert "Stop the bot" not in said
    assert "Stop the bot" in announced(PLAN, exclusive=True)
    assert PLAN.good["duration"] == 1
    assert PLAN.wrong["duration"] == "not a number"


def test_every_catalogue_has_a_plan() -> None:
    """Also one whose only model takes no number at all."""
    (first, *_) = Catalog.load().models
    plan = plan_of(Catalog((first.model_copy(update={"options": {}}),)))
    assert plan.good == {"prompt": PLAN.good["prompt"]}
    assert plan.wrong == {"prompt": "not a number"}
