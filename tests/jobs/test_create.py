"""What NetMind may answer to one create, and what the person reads then; see test_outage, too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.jobs.reasons import SENTENCES, Reason
from bot.sandbox.netmind import SandboxNetmind
from storage.jobs import Job
from storage.states import JobState
from tests.world import World

NOT_EXISTING = {"detail": "Model name: hkchengrex/MMAudio not exists"}
LIST = {"detail": [{"loc": ["body", "config", "duration"], "msg": "too long", "type": "x"}]}
PAGE = "<html><head><title>Bad gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True)
class Answer:
    """One thing that NetMind answers, what becomes of the job, and how many POSTs it took."""

    name: str
    fault: dict[str, Any]
    reason: Reason
    words: str | None = None
    posts: int = 1


PLAIN_NOS = [
    Answer("400", {"status": 400, "body": {"detail": "bad seed"}}, Reason.BAD_REQUEST, "bad seed"),
    Answer("model", {"status": 400, "body": NOT_EXISTING}, Reason.UNKNOWN_MODEL, "not exists"),
    Answer("404", {"status": 404, "body": {"detail": "Not Found"}}, Reason.BAD_REQUEST),
    Answer(
        "422",
        {"status": 422, "body": LIST},
        Reason.BAD_REQUEST,
        "duration\\: too long",
    ),
]
FOR_EVER = [
    Answer("500", {"status": 500, "body": "Service is unavailable"}, Reason.UNAVAILABLE, posts=3),
    Answer("502", {"status": 502, "body": PAGE}, Reason.UNAVAILABLE, posts=3),
    Answer(
        "html",
        {"status": 200, "body": PAGE, "content_type": "text/html"},
        Reason.UNAVAILABLE,
        posts=3,
    ),
    Answer("nothing", {"status": 200, "body": ""}, Reason.UNAVAILABLE, posts=3),
    Answer("no id", {"status": 200, "body": {"status": "pending"}}, Reason.UNAVAILABLE, posts=3),
    Answer("error 200", {"status": 200, "body": {"error": "no"}}, Reason.UNAVAILABLE, posts=3),
    Answer("redirect", {"status": 302, "headers": {"Location": "/"}}, Reason.UNAVAILABLE, posts=3),
]


def named(answers: list[Answer]) -> list[Any]:
    return [pytest.param(answer, id=answer.name) for answer in answers]


async def meet(world: World, fault: dict[str, Any], times: int = 1) -> Job:
    """Have the first job's create calls end so; a second person's job runs beside it."""
    await world.ask("rain", duration=1)
    world.netmind.fail_next("create", times=times, **fault)
    await world.work(rounds=1)
    # What waits now is meant for Mira's next attempts alone.
    waiting = [*world.netmind._waiting["create"]]
    world.netmind.clear()
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    while (await world.job(2)).state is JobState.QUEUED:
        await world.app.workers.submitter.step()
        await world.app.workers.submitter.tasks.join()
        world.move(1)
    world.netmind._waiting["create"].extend(waiting)
    await world.until_ended(1, 2)
    return await world.job(1)


async def check_end(world: World, answer: Answer) -> None:
    """One sentence for Mira, a closed card, and Jonas has his sound."""
    job = await world.job(1)
    assert (job.state, job.reason) == (JobState.FAILED, answer.reason)
    (notice,) = world.notices()
    assert str(SENTENCES[answer.reason]) in notice.content
    assert answer.words is None or answer.words in notice.content
    assert [person.id for person in notice.mentions] == [world.mira.id]
    card = await world.card(1)
    assert "message below says why" in (card.embeds[0].description or "")
    assert card.components == []
    (result,) = world.results()
    assert [person.id for person in result.mentions] == [world.jonas.id]
    assert len(world.netmind.calls("create")) == answer.posts + 1


@pytest.mark.parametrize("answer", named(PLAIN_NOS))
async def test_a_plain_no_ends_the_job_at_once_with_its_reason(
    world: World, answer: Answer
) -> None:
    """A request that will never be accepted is not sent again."""
    await meet(world, answer.fault)
    await check_end(world, answer)


@pytest.mark.parametrize("answer", named(FOR_EVER))
async def test_trouble_that_lasts_ends_the_job_after_three_attempts(
    world: World, answer: Answer
) -> None:
    await meet(world, answer.fault, times=3)
    await check_end(world, answer)


@pytest.mark.parametrize("answer", named(FOR_EVER))
async def test_trouble_that_passes_ends_in_a_result(world: World, answer: Answer) -> None:
    job = await meet(world, answer.fault)
    assert (job.state, job.attempts) == (JobState.FINISHED, 2)
    assert len(world.results()) == 2
    assert world.notices() == []


async def test_a_lost_answer_is_never_followed_by_a_blind_post(world: World) -> None:
    """It may have been accepted: the job is uncertain for a settling time first."""
    world.hurry()
    world.netmind.hang_next("create", accepted=True)
    await world.ask("rain", duration=1)
    await world.work()
    assert (await world.job()).state is JobState.UNCERTAIN

    await world.later(9)
    assert world.app.netmind.calls["create"] == 1
    await world.later(1)
    assert world.app.netmind.calls["create"] == 2
    await world.until_ended()
    assert len(world.results()) == 1


@pytest.mark.parametrize("trouble", ["hang_next", "drop_next"])
async def test_lost_answers_for_ever_end_the_job_and_each_second_bill_is_counted(
    world: World, trouble: str
) -> None:
    world.hurry()
    lose: Callable[..., None] = getattr(world.netmind, trouble)
    lose("create", accepted=True, times=3)
    await world.ask("rain", duration=1)
    await world.until_ended()

    assert (await world.job()).reason == Reason.UNAVAILABLE
    assert [edge.note for edge in await world.edges()].count("outcome unknown") == 2
    assert len(world.netmind.generations) == 3
    assert len(world.notices()) == 1


async def test_on_a_shared_account_nothing_unknown_is_adopted_or_deleted(world: World) -> None:
    """Somebody else's generation appears just when our POST is lost."""
    world.hurry()
    world.netmind.hang_next("create", accepted=True)
    await world.ask("rain", duration=1, seed=1)
    await world.work()
    await world.until_ended()

    lost, made = world.netmind.generations.values()
    assert lost.deleted_at is None
    assert (await world.job()).generation_id == made.id
    assert made.deleted_at is not None


async def test_a_netmind_that_cannot_be_reached_for_an_hour_is_named_as_such(
    world: World, unused_tcp_port: int
) -> None:
    """Nothing was sent, so no attempt counts and no bill can follow."""
    world.app.netmind._base = f"http://127.0.0.1:{unused_tcp_port}"
    await world.ask("rain", duration=1)
    await world.until_ended(step=300)

    job = await world.job()
    assert (job.reason, job.attempts) == (Reason.UNREACHABLE, 0)
    assert JobState.UNCERTAIN not in [edge.to_state for edge in await world.edges()]
    assert str(SENTENCES[Reason.UNREACHABLE]) in world.notices()[0].content


async def test_a_netmind_that_comes_back_gets_the_request_after_all(
    world: World, unused_tcp_port: int
) -> None:
    base = world.app.netmind._base
    world.app.netmind._base = f"http://127.0.0.1:{unused_tcp_port}"
    await world.ask("rain", duration=1)
    await world.work()
    world.app.netmind._base = base
    await world.until_ended()
    assert len(world.results()) == 1


async def test_a_post_that_answers_completed_needs_no_look(world: World) -> None:
    sandbox: SandboxNetmind = world.netmind
    accept = sandbox._accept

    def at_once(model: str, config: dict[str, Any]) -> Any:
        sandbox.next_outcome(body=b"fLaC" + bytes(100))
        generation = accept(model, config)
        generation.created_at -= timedelta(seconds=60)
        return generation

    sandbox._accept = at_once  # type: ignore[method-assign] # done when it is accepted
    await world.ask("rain", duration=1)
    await world.work()

    assert (await world.job()).state is JobState.FINISHED
    assert len(world.results()) == 1
    assert sandbox.calls("get") == sandbox.calls("list") == []


async def test_a_model_that_left_the_catalogue_ends_its_waiting_jobs(world: World) -> None:
    await world.ask("rain", duration=1)
    submitter = world.app.workers.submitter
    submitter.catalog = type(world.catalog)(world.catalog.of_kind("video"))
    await world.later(60)
    # Another version, which runs beside this one for a while, may know it.
    assert (await world.job()).state is JobState.QUEUED
    await world.until_ended()
    assert (await world.job()).reason == Reason.UNKNOWN_MODEL
    assert world.netmind.calls("create") == []


async def test_options_that_the_catalogue_no_longer_allows_end_the_job(world: World) -> None:
    await world.ask("rain", duration=20)
    model = world.catalog.models[0]
    shorter = model.options["duration"].model_copy(update={"max": 8.0})
    changed = model.model_copy(update={"options": {**model.options, "duration": shorter}})
    world.app.workers.submitter.catalog = type(world.catalog)((changed,))
    await world.until_ended()

    assert (await world.job()).reason == Reason.OTHER_OPTIONS
    assert "other options now" in world.notices()[0].content
    assert world.netmind.calls("create") == []


async def test_a_refused_key_is_told_without_the_key(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sister API echoed its caller's token."""
    echo = {"detail": f"Bearer {world.netmind.token} is not valid"}
    world.netmind.fail_next("create", status=401, body=echo, times=99)
    world.netmind.fail_next("list", status=401, body=echo, times=99)
    await world.ask("rain", duration=1)
    await world.until_ended(step=300)
    (notice,) = world.notices()
    assert str(SENTENCES[Reason.KEY_REFUSED]) in notice.content
    assert world.netmind.token not in notice.content
    assert world.netmind.token not in str((await world.job()).detail)
    assert world.netmind.token not in capsys.readouterr().out
