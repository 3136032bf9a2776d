"""POSTs without an answer: what becomes of their jobs, and of what they may have made."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.jobs import verdict
from bot.jobs.lease import LEASE
from bot.jobs.reasons import Reason
from bot.sandbox.generation import Generation
from storage.states import JobState
from tests.world import World, eventually

WAITS = 9999


@pytest.fixture
async def exclusive(world: World) -> World:
    """A bot that has its NetMind account for itself."""
    await world.restart(netmind_account="exclusive")
    world.hurry()
    return world


async def submit(world: World) -> None:
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()


async def live(world: World, seconds: int) -> None:
    """Let the submitter live through the time, second by second."""
    for _ in range(seconds):
        world.move(1)
        await submit(world)


async def lose(world: World, *, made: bool = True, person: Any = None, prompt: str = "r") -> None:
    """Have the answer to a job's POST be lost; `made`: the POST was carried out."""
    world.netmind.drop_next("create", accepted=made)
    await world.type(person or world.mira, "audio", prompt=prompt, duration=1)
    await submit(world)


def stranger(world: World, seconds_ago: float = 0) -> Generation:
    """Have somebody else's program make a generation."""
    made = world.netmind._accept("hkchengrex/MMAudio", {"prompt": "theirs", "duration": 1})
    made.created_at -= timedelta(seconds=seconds_ago)
    return made


async def notes(world: World, job_id: int = 1) -> list[str | None]:
    return [edge.note for edge in await world.edges(job_id)]


def posts(world: World) -> int:
    return len(world.netmind.calls("create"))


# On a shared account


async def test_on_a_shared_account_it_is_sent_again_after_ten_seconds(world: World) -> None:
    await lose(world)
    await live(world, 9)
    assert (await world.job()).state is JobState.UNCERTAIN
    await live(world, 1)
    assert (await world.job()).state is JobState.GENERATING
    assert (await notes(world)).count("outcome unknown") == 1
    assert posts(world) == 2


async def test_three_posts_are_enough(world: World) -> None:
    world.netmind.drop_next("create", accepted=True, times=WAITS)
    await world.ask("rain", duration=1)
    await submit(world)
    await live(world, 120)
    job = await world.job()
    assert (job.state, job.reason, job.attempts) == (JobState.FAILED, Reason.UNAVAILABLE, 3)
    assert posts(world) == verdict.MAX_ATTEMPTS == 3
    assert (await notes(world)).count("outcome unknown") == 2


async def test_on_a_shared_account_the_list_decides_nothing(world: World) -> None:
    """Whose a generation is cannot be told, so nothing is adopted and nothing deleted."""
    await lose(world)
    (orphan,) = world.netmind.generations.values()
    await world.until_ended()
    await world.finish(1200)
    assert (await world.job()).generation_id != orphan.id
    assert orphan.deleted_at is None


# On an account of our own


async def test_on_an_account_of_its_own_the_bot_finds_what_its_post_has_made(
    exclusive: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await lose(exclusive)
    (orphan,) = exclusive.netmind.generations.values()
    await live(exclusive, 4)
    assert (await exclusive.job()).state is JobState.UNCERTAIN
    assert exclusive.netmind.calls("list") == []
    await live(exclusive, 1)
    assert (await exclusive.job()).generation_id == orphan.id
    assert "adopted" in await notes(exclusive)
    assert "generation_adopted" in capsys.readouterr().out

    await exclusive.until_ended()
    assert len(exclusive.results()) == 1
    assert posts(exclusive) == 1
    assert len(exclusive.netmind.generations) == 1


async def test_what_is_done_when_it_is_found_is_delivered_without_another_look(
    exclusive: World,
) -> None:
    await lose(exclusive)
    await exclusive.netmind.rendered()
    (orphan,) = exclusive.netmind.generations.values()
    exclusive.move(40)
    await submit(exclusive)
    assert (await exclusive.job()).state is JobState.FINISHED
    await exclusive.work()
    assert len(exclusive.results()) == 1
    assert exclusive.netmind.calls("get") == []
    assert orphan.deleted_at is not None


async def test_the_list_is_read_every_five_seconds_for_twenty(exclusive: World) -> None:
    """A generation may take a while to show; then it surely was not made."""
    await lose(exclusive, made=False)
    lost_at = exclusive.clock.now
    await live(exclusive, 19)
    assert (await exclusive.job()).state is JobState.UNCERTAIN
    assert posts(exclusive) == 1
    await live(exclusive, 1)
    looks = [(call.at - lost_at).total_seconds() for call in exclusive.netmind.calls("list")]
    assert looks[:4] == [5, 10, 15, 20]
    assert (await notes(exclusive)).count("outcome unknown") == 1
    await exclusive.until_ended()
    assert len(exclusive.results()) == 1
    assert len(exclusive.netmind.generations) == 1


async def test_a_generation_that_shows_late_is_found(exclusive: World) -> None:
    await lose(exclusive)
    exclusive.netmind.list_limit = 0
    await live(exclusive, 12)
    assert (await exclusive.job()).state is JobState.UNCERTAIN
    exclusive.netmind.list_limit = None
    await live(exclusive, 3)
    assert "adopted" in await notes(exclusive)
    assert posts(exclusive) == 1


@pytest.mark.parametrize("seconds_ago", [0, 600, -600])
async def test_with_another_orphan_nearby_nothing_is_adopted(
    exclusive: World, seconds_ago: float
) -> None:
    theirs = stranger(exclusive, seconds_ago)
    await lose(exclusive)
    await live(exclusive, 20)
    assert (await notes(exclusive)).count("outcome unknown") == 1
    assert posts(exclusive) == 2
    assert (await exclusive.job()).generation_id != theirs.id


async def test_two_posts_lost_at_once_are_both_sent_again_and_what_they_made_is_deleted(
    exclusive: World,
) -> None:
    """Which made which is not told by the list; their prompts differ."""
    exclusive.netmind.drop_next("create", accepted=True, times=2)
    await exclusive.ask("rain", duration=1)
    await exclusive.type(exclusive.jonas, "audio", prompt="bells", duration=1)
    await submit(exclusive)
    orphans = [*exclusive.netmind.generations.values()]
    assert len(orphans) == 2
    await exclusive.until_ended(1, 2, step=5)
    assert len(exclusive.results()) == 2
    assert {(await exclusive.job(job_id)).generation_id for job_id in (1, 2)}.isdisjoint(
        each.id for each in orphans
    )
    await exclusive.finish(120)
    assert all(each.deleted_at for each in orphans)


async def test_a_submitter_that_died_leaves_what_can_be_found(exclusive: World) -> None:
    """Killed between POST and commit, on an account of its own: nothing is paid twice."""
    exclusive.netmind.hang_next("create", accepted=True)
    await exclusive.ask("rain", duration=1)
    await exclusive.app.workers.submitter.step()
    await eventually(lambda: exclusive.netmind.generations)
    await exclusive.restart(netmind_account="exclusive")
    await exclusive.later(LEASE.total_seconds())
    await exclusive.until_ended()
    assert len(exclusive.results()) == 1
    assert "adopted" in await notes(exclusive)
    assert len(exclusive.netmind.generations) == 1


async def test_without_the_list_nothing_is_decided(exclusive: World) -> None:
    """Sending again would not work either, and would perhaps be paid twice."""
    exclusive.netmind.fail_next("list", times=WAITS, status=500)
    await lose(exclusive)
    await live(exclusive, 100)
    assert (await exclusive.job()).state is JobState.UNCERTAIN
    exclusive.netmind.clear()
    await live(exclusive, 5)
    assert "adopted" in await notes(exclusive)


async def test_without_the_list_for_an_hour_the_job_fails(exclusive: World) -> None:
    exclusive.netmind.fail_next("list", times=WAITS, status=500)
    await lose(exclusive)
    exclusive.move(verdict.PATIENCE.total_seconds() - 1)
    await submit(exclusive)
    assert (await exclusive.job()).state is JobState.UNCERTAIN
    exclusive.move(10)
    await submit(exclusive)
    job = await exclusive.job()
    assert (job.state, job.reason) == (JobState.FAILED, Reason.UNAVAILABLE)


# An answer that comes after all


@asynccontextmanager
async def slow_answer(world: World) -> AsyncIterator[Callable[[], None]]:
    """Have the answer to the next create come when the test says so; the work goes on beside it."""
    may_answer = asyncio.Event()
    create = world.app.netmind.create

    async def slow(model: str, config: Any) -> Any:
        generation = await create(model, config)
        await may_answer.wait()
        return generation

    world.app.netmind.create = slow  # type: ignore[method-assign] # answers when told to
    await world.ask("rain", duration=1)
    await world.app.workers.submitter.step()
    await eventually(lambda: world.netmind.generations)
    world.app.netmind.create = create  # type: ignore[method-assign] # the next one is quick
    yield may_answer.set
    await world.app.workers.submitter.tasks.join()


async def test_an_answer_that_comes_after_its_job_was_sent_again_is_deleted_at_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async with slow_answer(world) as answer:
        for seconds in (21, 11):
            world.move(seconds)
            await world.app.workers.submitter.step()
        await eventually(lambda: len(world.netmind.generations) == 2)
        answer()
    late, second = world.netmind.generations.values()
    assert late.deleted_at is not None
    assert "generation_too_late" in capsys.readouterr().out
    await world.until_ended()
    assert (await world.job()).generation_id == second.id
    assert len(world.results()) == 1


async def test_a_late_answer_that_cannot_be_deleted_hurts_nobody(world: World) -> None:
    async with slow_answer(world) as answer:
        for seconds in (21, 11):
            world.move(seconds)
            await world.app.workers.submitter.step()
        world.netmind.fail_next("delete", status=500)
        answer()
    await world.until_ended()
    assert len(world.results()) == 1


async def test_an_answer_after_a_cancellation_is_deleted(world: World) -> None:
    async with slow_answer(world) as answer:
        await world.app.client.services.desk.cancel(1, world.mira.id)
        answer()
    await world.work()
    (late,) = world.netmind.generations.values()
    assert late.deleted_at is not None
    assert (await world.job()).state is JobState.CANCELLED


async def test_an_answer_to_an_adopted_job_changes_nothing(exclusive: World) -> None:
    """The list was quicker than the answer: it is one and the same generation."""
    async with slow_answer(exclusive) as answer:
        exclusive.move(LEASE.total_seconds() + 1)
        await exclusive.app.workers.submitter.step()
        for _ in range(6):
            exclusive.move(1)
            await exclusive.app.workers.submitter.step()
        assert "adopted" in await notes(exclusive)
        answer()
    (generation,) = exclusive.netmind.generations.values()
    assert generation.deleted_at is None
    assert (await exclusive.job()).generation_id == generation.id


# What lost POSTs have made


async def sweep(world: World) -> float | None:
    return await world.app.workers.janitor.step()


async def lose_for_good(world: World) -> Generation:
    """Have a job go on without what its lost POST has made."""
    await lose(world)
    (orphan,) = world.netmind.generations.values()
    world.netmind.list_limit = 0
    await live(world, 20)
    world.netmind.list_limit = None
    assert posts(world) == 2
    return orphan


async def test_what_a_lost_post_has_made_is_deleted(
    exclusive: World, capsys: pytest.CaptureFixture[str]
) -> None:
    orphan = await lose_for_good(exclusive)
    await sweep(exclusive)
    assert orphan.deleted_at is not None
    assert "lost_generation_deleted" in capsys.readouterr().out
    job = await exclusive.job()
    assert exclusive.netmind.generations[job.generation_id or ""].deleted_at is None


async def test_what_appears_later_is_deleted_at_the_next_sweep_a_minute_on(
    exclusive: World,
) -> None:
    orphan = await lose_for_good(exclusive)
    exclusive.netmind.list_limit = 0
    assert await sweep(exclusive) == 60
    exclusive.netmind.list_limit = None
    lists = len(exclusive.netmind.calls("list"))
    exclusive.move(59)
    await sweep(exclusive)
    assert len(exclusive.netmind.calls("list")) == lists
    assert orphan.deleted_at is None
    exclusive.move(1)
    await sweep(exclusive)
    assert orphan.deleted_at is not None


async def test_a_sweep_that_fails_is_made_again(exclusive: World) -> None:
    orphan = await lose_for_good(exclusive)
    exclusive.netmind.fail_next("delete", status=500)
    await sweep(exclusive)
    assert orphan.deleted_at is None
    exclusive.move(60)
    await sweep(exclusive)
    assert orphan.deleted_at is not None


@pytest.mark.parametrize("seconds_ago", [60, -60, 100_000])
async def test_what_strangers_and_operators_made_at_other_times_is_never_deleted(
    exclusive: World, seconds_ago: float
) -> None:
    theirs = stranger(exclusive, seconds_ago)
    await lose(exclusive)
    await exclusive.until_ended(step=5)
    await exclusive.finish(1200)
    assert theirs.deleted_at is None


async def test_nothing_is_deleted_while_a_post_is_without_an_outcome(exclusive: World) -> None:
    """What is listed may be what that one has made."""
    orphan = await lose_for_good(exclusive)
    exclusive.move(1)
    exclusive.netmind.list_limit = 0
    await lose(exclusive, made=False, person=exclusive.jonas, prompt="bells")
    exclusive.netmind.list_limit = None
    assert (await exclusive.job(2)).state is JobState.UNCERTAIN
    exclusive.app.workers.janitor.outage.end()
    await sweep(exclusive)
    assert orphan.deleted_at is None
    exclusive.netmind.list_limit = 0
    await live(exclusive, 21)
    exclusive.netmind.list_limit = None
    exclusive.move(60)
    await sweep(exclusive)
    assert orphan.deleted_at is not None


async def test_what_a_cancelled_jobs_lost_post_has_made_is_deleted(exclusive: World) -> None:
    await lose(exclusive)
    (orphan,) = exclusive.netmind.generations.values()
    await exclusive.app.client.services.desk.cancel(1, exclusive.mira.id)
    await exclusive.later(60)
    assert orphan.deleted_at is not None
    assert posts(exclusive) == 1


async def test_without_a_lost_post_the_list_is_not_read(exclusive: World) -> None:
    theirs = stranger(exclusive)
    await exclusive.ask("rain", duration=1)
    await exclusive.until_ended()
    await exclusive.finish(600)
    assert exclusive.netmind.calls("list") == []
    assert theirs.deleted_at is None


async def test_lost_posts_of_long_ago_are_not_swept_for_any_more(exclusive: World) -> None:
    await lose_for_good(exclusive)
    await exclusive.until_ended()
    await exclusive.finish(1800)
    lists = len(exclusive.netmind.calls("list"))
    await exclusive.finish(1800)
    assert len(exclusive.netmind.calls("list")) == lists
    assert await sweep(exclusive) is None
