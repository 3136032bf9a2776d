"""The process is to end: what is under way is ended, or given back so that others take it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.jobs import loop, workers
from bot.jobs.loop import Loop, Tasks
from bot.sandbox.faults import Operation
from storage.errors import UnavailableError
from storage.states import DeliveryState, JobState
from tests.world import World, eventually


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the shortest time is long enough for a test."""
    monkeypatch.setattr(workers, "GRACE", 0.1)
    monkeypatch.setattr(loop, "GRACE", 0.1)


@asynccontextmanager
async def at_work(world: World, moment: Operation) -> AsyncIterator["asyncio.Task[None]"]:
    """Run the workers until NetMind keeps one of them waiting for `moment`."""
    world.netmind.hang_next(moment, accepted=moment == "create")
    running = asyncio.create_task(world.app.workers.run())
    try:
        await eventually(lambda: not world.netmind._waiting[moment])
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def ready(world: World) -> None:
    """Bring one job to the moment at which its delivery is pending."""
    await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    await world.app.workers.watcher.step()


# Loops and tasks


async def test_a_loop_ends_after_its_step() -> None:
    done: list[str] = []
    may_end = asyncio.Event()

    async def step() -> float:
        await may_end.wait()
        done.append("step")
        return 0.0

    runner = Loop("worker", step)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(0)
    ending = asyncio.create_task(runner.end())
    await asyncio.sleep(0)
    assert not ending.done()
    may_end.set()
    await asyncio.gather(running, ending)
    assert done == ["step"]


async def test_a_loop_that_waits_for_work_ends_at_once() -> None:
    async def step() -> None:
        return None

    runner = Loop("worker", step)
    running = asyncio.create_task(runner.run())
    for _ in range(5):
        await asyncio.sleep(0)
    await asyncio.wait_for(runner.end(), 1)
    await running


async def test_a_loop_that_never_ran_has_ended() -> None:
    async def step() -> None:
        return None

    await asyncio.wait_for(Loop("worker", step).end(), 1)


async def test_only_what_was_cancelled_is_cut_off() -> None:
    tasks: Tasks[str] = Tasks("worker")

    async def quick() -> None:
        await asyncio.sleep(0)

    async def broken() -> None:
        raise ZeroDivisionError

    async def endless() -> None:
        await asyncio.Event().wait()

    for name, work in (("quick", quick()), ("broken", broken()), ("endless", endless())):
        tasks.start(name, work)
    await tasks.stop(0.05)
    assert tasks.cut_off == ["endless"]
    assert len(tasks) == 0


# The workers


async def test_workers_with_nothing_to_do_end_at_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    running = asyncio.create_task(world.app.workers.run())
    await asyncio.sleep(0.05)
    await world.app.workers.drain(20)
    await asyncio.wait_for(running, 2)
    assert "given_back=0" in capsys.readouterr().out


@pytest.mark.usefixtures("hasty")
async def test_a_post_that_was_cut_off_is_uncertain_at_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has to wait for its lease."""
    await world.ask("rain", duration=1)
    async with at_work(world, "create"):
        await world.app.workers.drain(0)
        assert (await world.job()).state is JobState.UNCERTAIN
    assert (await world.edges())[-1].note == "stopped"
    assert "given_back=1" in capsys.readouterr().out

    await world.restart()
    await world.later(10)
    assert (await world.job()).state is JobState.GENERATING
    await world.until_ended()
    assert len(world.results()) == 1


@pytest.mark.usefixtures("hasty")
async def test_a_delivery_that_was_cut_off_is_taken_by_the_next_process_at_once(
    world: World,
) -> None:
    await ready(world)
    async with at_work(world, "download"):
        await world.app.workers.drain(0)
        delivery = await world.delivery()
    assert delivery is not None
    assert delivery.lease_until <= world.clock.now
    # It may have been posted, and it was no failed attempt.
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENDING, 0)
    assert delivery.sending_at is not None

    await world.restart()
    await world.work(rounds=1)
    assert len(world.results()) == 1


@pytest.mark.parametrize("moment", ["create", "download"])
async def test_what_ends_in_time_is_not_cut_off(world: World, moment: Operation) -> None:
    if moment == "create":
        await world.ask("rain", duration=1)
    else:
        await ready(world)
    world.netmind.slow_next(moment, seconds=0.3)
    running = asyncio.create_task(world.app.workers.run())
    await eventually(lambda: not world.netmind._waiting[moment])
    await world.app.workers.drain(20)
    await asyncio.wait_for(running, 2)
    assert (await world.job()).state in {JobState.GENERATING, JobState.FINISHED}
    assert len(world.results()) == (1 if moment == "download" else 0)


async def test_nothing_more_is_begun(world: World) -> None:
    running = asyncio.create_task(world.app.workers.run())
    await asyncio.sleep(0.05)
    await world.app.workers.drain(1)
    await world.ask("rain", duration=1)
    world.app.workers.bell.ring()
    await asyncio.wait_for(running, 2)
    assert (await world.job()).state is JobState.QUEUED
    assert world.netmind.ledger == []


@pytest.mark.usefixtures("hasty")
async def test_a_step_that_waits_for_an_answer_does_not_hold_up_the_end(world: World) -> None:
    """The watcher waits for NetMind; what the courier has is given back all the same."""
    await ready(world)
    await world.ask("wind", duration=1)
    await world.work(rounds=1)
    world.move(30)
    world.netmind.hang_next("download")
    async with at_work(world, "get"):
        async with asyncio.timeout(5):
            await world.app.workers.drain(0.2)
        assert world.app.workers.submitter.tasks.cut_off == []
        assert world.app.workers.courier.tasks.cut_off == []


@pytest.mark.usefixtures("hasty")
async def test_a_claim_that_somebody_else_has_taken_is_not_given_back(world: World) -> None:
    await world.ask("rain", duration=1)
    async with at_work(world, "create"):
        await world.app.client.services.desk.cancel(1, world.mira.id)
        await world.app.workers.drain(0)
    assert (await world.job()).state is JobState.CANCELLED


async def test_the_turn_is_given_back(world: World) -> None:
    turn = world.app.workers.turn
    assert await turn.is_ours()
    await world.app.workers.drain(0)
    other = type(turn)(world.app.database, world.clock, "other")
    assert await other.is_ours()


@pytest.mark.usefixtures("hasty")
async def test_a_database_that_takes_nothing_back_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leases run out by themselves."""
    await world.ask("rain", duration=1)

    def gone() -> Any:
        raise UnavailableError("The database did not do it.")

    async with at_work(world, "create"):
        with monkeypatch.context() as patch:
            patch.setattr(world.app.database, "write", gone)
            with pytest.raises(UnavailableError):
                await world.app.workers.drain(0)
    assert (await world.job()).state is JobState.SUBMITTING
    await world.restart()
    await world.later(20)
    await world.until_ended()
    assert len(world.results()) == 1
