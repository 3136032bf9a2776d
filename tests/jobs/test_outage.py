"""While NetMind takes no requests, jobs are kept, and one request at a time finds out."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.jobs import verdict
from bot.jobs.outage import LONGEST, Outage
from bot.jobs.reasons import SENTENCES, Reason, waiting
from storage.states import JobState
from tests.world import MovedClock, World

KEY: dict[str, Any] = {"status": 401, "body": {"error": {"message": "Invalid api token"}}}
FORBIDDEN: dict[str, Any] = {"status": 403, "body": {"message": "Forbidden"}}
BALANCE: dict[str, Any] = {"status": 402, "body": ""}
POOR: dict[str, Any] = {"status": 400, "body": {"detail": "balance not enough"}}
BUSY: dict[str, Any] = {"status": 429, "body": {"detail": "slow down"}}
TROUBLE: dict[str, Any] = {"status": 500, "body": "Service is unavailable"}

REFUSALS: dict[str, tuple[dict[str, Any], Reason]] = {
    "401": (KEY, Reason.KEY_REFUSED),
    "403": (FORBIDDEN, Reason.KEY_REFUSED),
    "402": (BALANCE, Reason.NO_BALANCE),
    "balance": (POOR, Reason.NO_BALANCE),
    "429": (BUSY, Reason.BUSY),
}
FOR_EVER = 99_999


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def outage(clock: MovedClock) -> Outage:
    return Outage(clock)


def later(clock: MovedClock, seconds: float) -> None:
    clock.now += timedelta(seconds=seconds)


# The outage itself


def test_without_an_outage_nothing_waits(outage: Outage) -> None:
    assert (outage.reason, outage.since, outage.wait()) == (None, None, 0)


def test_the_waits_grow_up_to_half_a_minute(outage: Outage, clock: MovedClock) -> None:
    waits = []
    for _ in range(7):
        outage.begin(Reason.NO_BALANCE)
        waits.append(outage.wait())
        later(clock, waits[-1])
        assert outage.wait() == 0
        outage.trying()
    assert waits == [2, 4, 8, 16, 30, 30, 30]


def test_an_outage_of_a_day_still_waits_half_a_minute(outage: Outage, clock: MovedClock) -> None:
    for _ in range(3000):
        outage.begin(Reason.NO_BALANCE)
        later(clock, outage.wait())
        outage.trying()
    outage.begin(Reason.NO_BALANCE)
    assert outage.wait() == LONGEST


@pytest.mark.parametrize(("asked", "kept"), [(0.5, 0.5), (20, 20), (30, 30), (300, 30), (0, 2)])
def test_the_wait_that_was_asked_for_is_kept_up_to_half_a_minute(
    outage: Outage, asked: float, kept: float
) -> None:
    outage.begin(Reason.BUSY, asked)
    assert outage.wait() == kept


def test_requests_that_were_under_way_when_the_first_failed_tell_nothing_new(
    outage: Outage, clock: MovedClock
) -> None:
    outage.begin(Reason.NO_BALANCE)
    later(clock, 1)
    for _ in range(8):
        outage.begin(Reason.BUSY, 30)
    assert (outage.reason, outage.wait()) == (Reason.NO_BALANCE, 1)


def test_while_one_request_finds_out_everybody_else_waits(
    outage: Outage, clock: MovedClock
) -> None:
    outage.begin(Reason.NO_BALANCE)
    later(clock, 2)
    outage.trying()
    assert outage.wait() == LONGEST
    outage.begin(Reason.BUSY)
    assert (outage.reason, outage.wait()) == (Reason.BUSY, 4)


def test_an_outage_is_as_old_as_its_first_refusal(outage: Outage, clock: MovedClock) -> None:
    begun = clock.now
    for _ in range(3):
        outage.begin(Reason.NO_BALANCE)
        later(clock, 30)
    assert outage.since == begun


def test_beginning_and_end_are_said_once(
    outage: Outage, clock: MovedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    outage.end()
    for _ in range(3):
        outage.begin(Reason.NO_BALANCE)
        later(clock, 30)
    outage.end()
    outage.end()
    said = capsys.readouterr().out
    assert (said.count("netmind_out"), said.count("netmind_back")) == (1, 1)
    assert "no_balance" in said


@pytest.mark.parametrize(
    ("reason", "advice"),
    [(Reason.KEY_REFUSED, "set NETMIND_API_TOKEN"), (Reason.NO_BALANCE, "Top the account up")],
)
def test_what_the_operator_has_to_mend_is_an_error_with_what_to_do_even_after_other_trouble(
    outage: Outage,
    clock: MovedClock,
    capsys: pytest.CaptureFixture[str],
    reason: Reason,
    advice: str,
) -> None:
    for each in (Reason.UNAVAILABLE, reason, reason):
        outage.begin(each)
        later(clock, 30)
    first, second = capsys.readouterr().out.splitlines()
    assert "warning" in first
    assert "unavailable" in first
    assert "error" in second
    assert advice in second


def test_what_is_over_leaves_no_trace(outage: Outage, clock: MovedClock) -> None:
    for _ in range(3):
        outage.begin(Reason.NO_BALANCE)
        later(clock, 30)
    outage.end()
    assert (outage.reason, outage.since, outage.wait()) == (None, None, 0)
    outage.begin(Reason.BUSY)
    assert (outage.wait(), outage.since) == (2, clock.now)


# The outage as jobs live it


async def submit(world: World) -> None:
    """Let the submitter alone do what there is to do now."""
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()


async def live(world: World, seconds: int) -> None:
    """Let the submitter live through the time, second by second."""
    for _ in range(seconds):
        world.move(1)
        await submit(world)


def times(world: World, operation: Any) -> list[float]:
    """Return the seconds since the first create at which these calls were made."""
    begun = world.netmind.calls("create")[0].at
    return [(call.at - begun).total_seconds() for call in world.netmind.calls(operation)]


async def begin(world: World, fault: dict[str, Any], others: int = 0) -> None:
    """Have one job meet the outage, while others ask for theirs."""
    world.netmind.fail_next("create", times=FOR_EVER, **fault)
    world.netmind.fail_next("list", times=FOR_EVER, **fault)
    await world.ask("rain", duration=1)
    await submit(world)
    for number in range(others):
        await world.type(world.jonas, "audio", prompt=f"bells {number}", duration=1)


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_that_concerns_all_leaves_the_job_in_the_queue_uncounted(
    world: World, name: str
) -> None:
    fault, reason = REFUSALS[name]
    await begin(world, fault)
    job = await world.job()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    last = (await world.edges())[-1]
    assert (last.from_state, last.to_state, last.note) == (
        JobState.SUBMITTING,
        JobState.QUEUED,
        reason,
    )
    assert world.app.client.services.desk.standings.outage.reason is reason


@pytest.mark.parametrize("name", REFUSALS)
async def test_when_it_is_over_every_job_is_done(world: World, name: str) -> None:
    await begin(world, REFUSALS[name][0], others=2)
    await live(world, 100)
    assert world.netmind.generations == {}
    world.netmind.clear()
    await world.until_ended(1, 2, 3)
    assert len(world.results()) == 3
    assert world.notices() == []
    assert len(world.netmind.generations) == 3


async def test_nothing_else_is_sent_and_only_one_job_finds_out_at_a_time(world: World) -> None:
    """A list tells nothing of the balance, so a job has to."""
    await begin(world, BALANCE, others=5)
    await live(world, 95)
    assert times(world, "create") == [0, 2, 6, 14, 30, 60, 90]
    assert world.netmind.calls("list") == []


async def test_where_a_list_tells_no_job_is_sent_before_it_succeeds(world: World) -> None:
    await begin(world, KEY, others=5)
    await live(world, 95)
    assert times(world, "create") == [0]
    assert times(world, "list") == [2, 6, 14, 30, 60, 90]


async def test_with_trouble_of_the_server_one_job_finds_out_after_the_list(world: World) -> None:
    """A list may succeed where nothing is made."""
    await begin(world, TROUBLE, others=5)
    world.netmind._waiting["list"].clear()
    await live(world, 2)
    assert times(world, "list") == [2]
    assert times(world, "create") == [0, 2]


async def test_a_key_that_is_accepted_again_lets_all_go_at_once(world: World) -> None:
    await begin(world, KEY, others=5)
    await live(world, 10)
    world.netmind.clear()
    await live(world, 5)
    assert len(world.netmind.generations) == 6


async def test_a_key_that_may_look_but_not_make_is_not_hammered(world: World) -> None:
    """The list succeeds, every job is refused: the waits grow all the same."""
    world.netmind.fail_next("create", times=FOR_EVER, **FORBIDDEN)
    await world.ask("rain", duration=1)
    await submit(world)
    for number in range(5):
        await world.type(world.jonas, "audio", prompt=f"bells {number}", duration=1)
    await live(world, 95)
    assert times(world, "create") == [0, 2, 6, 14, 30, 60, 90]


@pytest.mark.parametrize(
    ("asked", "kept"), [("20", 20), ("Thu, 01 Jan 2026 00:00:20 GMT", 20), ("300", 30)]
)
async def test_a_wait_that_netmind_asks_for_is_kept_up_to_half_a_minute(
    world: World, asked: str, kept: int
) -> None:
    """What is over is noticed within half a minute, whatever was asked for."""
    headers = {"Retry-After": asked, "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    world.netmind.fail_next("create", headers=headers, **BUSY)
    await world.ask("rain", duration=1)
    await submit(world)
    await live(world, kept - 1)
    assert times(world, "create") == [0]
    await live(world, 1)
    assert times(world, "create") == [0, kept]


async def test_the_log_says_once_that_it_began_and_once_that_it_is_over(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await begin(world, BALANCE, others=3)
    await live(world, 100)
    world.netmind.clear()
    await world.until_ended(1, 2, 3, 4)
    said = capsys.readouterr().out
    assert (said.count("netmind_out"), said.count("netmind_back")) == (1, 1)


@pytest.mark.parametrize("name", ["401", "402", "429"])
async def test_the_cards_of_waiting_jobs_say_why(world: World, name: str) -> None:
    fault, reason = REFUSALS[name]
    await begin(world, fault, others=1)
    for _ in range(4):
        await world.later(10)
    for job_id in (1, 2):
        embed = (await world.card(job_id)).embeds[0]
        assert "Waiting for NetMind" in str(embed.title)
        assert str(waiting(reason)) in str(embed.description)
        assert (await world.card(job_id)).components


async def test_an_hour_is_waited_and_then_the_reason_is_told(world: World) -> None:
    hour = int(verdict.PATIENCE.total_seconds())
    await begin(world, BALANCE)
    for _ in range(12):
        await world.later((hour - 60) / 12)
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await world.later(59)
    assert (await world.job(1)).state is JobState.QUEUED
    await world.later(1)
    job = await world.job(1)
    assert (job.state, job.reason) == (JobState.FAILED, Reason.NO_BALANCE)
    (notice,) = world.notices()
    assert str(SENTENCES[Reason.NO_BALANCE]) in notice.content

    # Who asked later has waited for less than an hour.
    world.netmind.clear()
    await world.until_ended(2)
    assert (await world.job(2)).state is JobState.FINISHED


async def test_a_job_that_is_old_when_the_outage_begins_is_kept_for_an_hour_more(
    world: World,
) -> None:
    world.app.workers.submitter.max_in_flight = 0
    await world.ask("rain", duration=1)
    world.move(verdict.PATIENCE.total_seconds())
    world.app.workers.submitter.max_in_flight = 8
    world.netmind.fail_next("create", times=FOR_EVER, **BALANCE)
    await world.work()
    await world.later(verdict.PATIENCE.total_seconds() - 1)
    assert (await world.job()).state is JobState.QUEUED
    await world.later(1)
    assert (await world.job()).reason == Reason.NO_BALANCE


async def test_a_restart_within_an_outage_loses_nothing(world: World) -> None:
    await begin(world, BALANCE, others=2)
    await live(world, 40)
    await world.restart()
    await live(world, 40)
    assert (await world.job(1)).state is JobState.QUEUED
    world.netmind.clear()
    await world.until_ended(1, 2, 3)
    assert len(world.results()) == 3


async def test_an_unreachable_netmind_is_an_outage_of_all(
    world: World, unused_tcp_port: int
) -> None:
    base = world.app.netmind._base
    world.app.netmind._base = f"http://127.0.0.1:{unused_tcp_port}"
    for number in range(3):
        await world.ask(f"rain {number}", duration=1)
    await live(world, 50)
    assert world.app.netmind.calls["create"] == 3
    assert world.app.netmind.calls["list"] == 4
    assert [edge.to_state for edge in await world.edges()].count(JobState.UNCERTAIN) == 0

    world.app.netmind._base = base
    await world.until_ended(1, 2, 3)
    assert len(world.results()) == 3


async def test_an_answer_that_was_lost_keeps_the_others_waiting_too(world: World) -> None:
    world.hurry()
    world.netmind.hang_next("create")
    await world.ask("rain", duration=1)
    await submit(world)
    world.hurry(seconds=30)
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await live(world, 1)
    assert world.netmind.generations == {}
    await live(world, 1)
    assert len(world.netmind.generations) == 1


async def test_a_request_that_was_understood_ends_the_outage(world: World) -> None:
    """NetMind did not like that request, but it listens."""
    await begin(world, BALANCE, others=3)
    world.netmind.clear()
    world.netmind.fail_next("create", status=400, body={"detail": "bad seed"})
    await live(world, 3)
    # Who met the outage has had a turn, so it is somebody else's request.
    assert (await world.job(2)).reason == Reason.BAD_REQUEST
    assert len(world.netmind.generations) == 3


# Who else rests


async def test_looks_rest_while_the_key_is_refused(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("get", times=FOR_EVER, **KEY)
    for _ in range(95):
        world.move(1)
        await world.app.workers.watcher.step()
    begun = world.netmind.calls("get")[0].at
    made = [(call.at - begun).total_seconds() for call in world.netmind.calls("get")]
    assert len(made) >= 5
    gaps = [after - earlier for earlier, after in pairwise(made)]
    assert all(gap >= min(2 * 2**number, LONGEST) for number, gap in enumerate(gaps))

    world.netmind.clear()
    await world.until_ended()
    assert len(world.results()) == 1


async def test_a_key_that_may_not_look_keeps_nobody_from_making(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("get", times=FOR_EVER, **KEY)
    world.move(10)
    await world.app.workers.watcher.step()
    assert world.app.workers.watcher.refusals.reason is Reason.KEY_REFUSED
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await submit(world)
    assert len(world.netmind.generations) == 2


@pytest.mark.parametrize("name", REFUSALS)
async def test_what_is_under_way_is_looked_at_while_nothing_new_is_taken(
    world: World, name: str
) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("create", times=FOR_EVER, **REFUSALS[name][0])
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await world.later(10)
    await world.later(20)
    assert len(world.results()) == 1
    assert (await world.job(2)).state is JobState.QUEUED


async def test_deletions_rest_during_an_outage_and_are_made_up_for(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    await world.work()
    await begin(world, BALANCE)
    await world.mira.click(answer.response, label="Cancel")
    delay = await world.app.workers.janitor.step()
    assert world.netmind.calls("delete") == []
    assert delay == 2
    world.netmind.clear()
    await world.later(2)
    assert len(world.netmind.calls("delete")) == 1
