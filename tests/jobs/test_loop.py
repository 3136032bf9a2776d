"""How workers run: woken, delayed, and never ended by what goes wrong in a step."""

import asyncio
import inspect

import pytest

from bot.jobs import lease, loop
from bot.jobs.loop import Loop, Tasks
from storage.errors import UnavailableError
from tests.world import eventually


async def test_a_step_that_returns_none_waits_to_be_woken() -> None:
    steps: list[int] = []

    async def step() -> None:
        steps.append(1)

    runner = Loop("worker", step)
    running = asyncio.create_task(runner.run())
    await eventually(lambda: steps == [1])
    for _ in range(10):
        await asyncio.sleep(0)
    assert steps == [1]
    runner.wake()
    await eventually(lambda: steps == [1, 1])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_wake_during_a_step_is_not_lost() -> None:
    steps: list[int] = []
    runner: Loop

    async def step() -> None:
        steps.append(1)
        if len(steps) == 1:
            runner.wake()

    runner = Loop("worker", step)
    running = asyncio.create_task(runner.run())
    await eventually(lambda: len(steps) == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_delay_runs_out_by_itself() -> None:
    steps: list[int] = []

    async def step() -> float:
        steps.append(1)
        return 0.001

    running = asyncio.create_task(Loop("worker", step).run())
    await eventually(lambda: len(steps) >= 3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_step_that_goes_wrong_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(loop, "TROUBLE", 0.001)
    steps: list[int] = []

    async def step() -> None:
        steps.append(1)
        if len(steps) < 3:
            raise ZeroDivisionError

    running = asyncio.create_task(Loop("worker", step).run())
    await eventually(lambda: len(steps) >= 3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert capsys.readouterr().out.count("[error    ] step_failed") == 2


async def test_tasks_are_owned_joined_and_their_accidents_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def good() -> None:
        await asyncio.sleep(0)

    async def bad() -> None:
        raise ZeroDivisionError

    tasks: Tasks[int] = Tasks("worker")
    tasks.start(1, good())
    tasks.start(2, bad())
    assert len(tasks) == 2
    await tasks.join()
    await asyncio.sleep(0)
    assert len(tasks) == 0
    assert "task_failed" in capsys.readouterr().out


async def test_stopping_ends_what_runs() -> None:
    tasks: Tasks[int] = Tasks("worker")
    ended = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    tasks.start(7, for_ever())
    await asyncio.sleep(0)
    await tasks.stop()
    await tasks.stop()
    assert (ended, tasks.cut_off) == ([1], [7])


async def test_a_claim_is_renewed_while_the_work_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.001)
    renewed: list[int] = []

    async def renew() -> bool:
        renewed.append(1)
        if len(renewed) == 2:
            raise UnavailableError("The database did not do it.")
        return True

    async with lease.held(renew):
        await eventually(lambda: len(renewed) >= 4)
    count = len(renewed)
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(renewed) == count


async def test_a_claim_that_was_lost_is_not_renewed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.0)
    renewed: list[int] = []

    async def renew() -> bool:
        renewed.append(1)
        return False

    async with lease.held(renew):
        for _ in range(20):
            await asyncio.sleep(0)
    assert renewed == [1]


async def test_work_whose_claim_was_lost_is_cut_off_where_it_must_not_be_done_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.0)

    async def renew() -> bool:
        return False

    with pytest.raises(lease.LeaseLostError):
        async with lease.held(renew, or_stop=True):
            await asyncio.Event().wait()


async def test_a_timeout_of_the_works_own_is_no_lost_claim() -> None:
    async def renew() -> bool:
        return True

    with pytest.raises(TimeoutError):
        async with lease.held(renew, or_stop=True):
            raise TimeoutError


def test_a_lease_outlives_a_few_missed_renewals() -> None:
    assert lease.LEASE.total_seconds() >= 2.5 * lease._RENEW_SECONDS


async def test_known_trouble_is_one_line_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def step() -> None:
        raise UnavailableError("the database is away")

    running = asyncio.create_task(Loop("worker", step).run())
    tasks: Tasks[int] = Tasks("worker")
    tasks.start(1, step())
    await tasks.join()
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    told = capsys.readouterr().out
    assert "step_put_off" in told
    assert "task_put_off" in told
    assert "Traceback" not in told


async def test_work_that_is_cancelled_before_it_began_ends_without_a_word() -> None:
    async def work() -> None:
        raise AssertionError("it never began")

    tasks: Tasks[int] = Tasks("worker")
    coroutine = work()
    tasks.start(1, coroutine)
    for task in list(tasks._running):
        task.cancel()
    await tasks.join()
    assert tasks.cut_off == [1]
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED
