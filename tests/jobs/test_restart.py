"""The bot dies at the worst moment and starts anew; Discord and NetMind have lived on."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import messages
from bot.jobs.lease import LEASE
from bot.jobs.reasons import Reason
from bot.jobs.sending import NONCE_WINDOW
from bot.sandbox.faults import Operation
from storage import deliveries
from storage.states import DeliveryState, JobState
from tests.world import World, eventually


class KilledError(BaseException):
    """The process ends here."""


async def die_while(world: World, moment: Operation) -> None:
    """Do one round of work and die where NetMind keeps us waiting for `moment`."""
    world.netmind.hang_next(moment, accepted=moment == "create")
    workers = world.app.workers
    await workers.submitter.step()
    await workers.watcher.step()
    await workers.courier.step()
    await eventually(lambda: not world.netmind._waiting[moment])


def sends(world: World) -> list[Any]:
    return list(world.sent("POST", f"/channels/{world.channel.id}/messages"))


async def made(world: World) -> None:
    """Bring one job to the moment at which its file is ready and its delivery is pending."""
    await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    await world.app.workers.watcher.step()
    assert (await world.job()).state is JobState.FINISHED


async def claim_and_die(world: World, *, posted: bool) -> None:
    """Claim the delivery, and die just before or just after Discord has the message."""
    courier = world.app.workers.courier

    async def killed(*_: object) -> Any:
        raise KilledError

    if posted:
        mark_sent = deliveries.mark_sent
        deliveries.mark_sent = killed  # type: ignore[assignment] # dies there
    else:
        courier.post.send = killed  # type: ignore[method-assign, assignment] # dies there
    try:
        await courier.step()
        await courier.tasks.join()
    finally:
        if posted:
            deliveries.mark_sent = mark_sent
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.SENDING


async def check_one_result(world: World) -> None:
    """The file is in the channel once, and everybody knows."""
    (result,) = world.results()
    assert [file.filename for file in result.attachments] == ["rain-1.flac"]
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, result.id)
    job = await world.job()
    assert job.state is JobState.FINISHED
    assert job.card_closed
    assert world.notices() == []
    card = await world.card()
    assert card.components == []


async def test_a_queued_job_is_carried_on(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.restart()
    await world.until_ended()
    await check_one_result(world)
    assert len(world.netmind.calls("create")) == 1


async def test_a_generating_job_is_carried_on_and_paid_once(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    await world.restart()
    await world.until_ended()
    await check_one_result(world)
    assert len(world.netmind.calls("create")) == 1


async def test_many_restarts_post_no_result_twice(world: World) -> None:
    await world.ask("rain", duration=1)
    for _ in range(4):
        await world.later(10)
        await world.restart()
    await world.until_ended()
    await check_one_result(world)
    assert len(world.netmind.calls("create")) == 1


async def test_an_intent_without_an_outcome_is_settled_and_counted(world: World) -> None:
    """It died between POST and commit: then a second bill is possible."""
    await world.ask("rain", duration=1)
    await die_while(world, "create")
    await world.restart()
    assert (await world.job()).state is JobState.SUBMITTING

    await world.later(LEASE.total_seconds() - 1)
    assert (await world.job()).state is JobState.SUBMITTING
    await world.later(1)
    assert (await world.job()).state is JobState.UNCERTAIN
    assert world.app.netmind.calls["create"] == 0

    await world.until_ended()
    await check_one_result(world)
    assert [(edge.to_state, edge.note) for edge in await world.edges()] == [
        (JobState.QUEUED, None),
        (JobState.SUBMITTING, None),
        (JobState.UNCERTAIN, "lease ran out"),
        (JobState.QUEUED, "outcome unknown"),
        (JobState.SUBMITTING, None),
        (JobState.GENERATING, None),
        (JobState.FINISHED, None),
    ]


async def test_an_answer_after_the_lease_ran_out_is_still_ours(world: World) -> None:
    """The process was only asleep: the generation is known now, so nothing is paid twice."""
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
    world.move(LEASE.total_seconds() + 1)
    await world.app.workers.submitter.step()
    assert (await world.job()).state is JobState.UNCERTAIN

    may_answer.set()
    await world.app.workers.submitter.tasks.join()
    assert (await world.job()).state is JobState.GENERATING
    await world.until_ended()
    await check_one_result(world)
    assert len(world.netmind.generations) == 1


async def test_an_answer_after_the_job_was_queued_again_is_deleted_and_hurts_nothing(
    world: World,
) -> None:
    """Its successor is on the way already; the late one must not be watched or posted."""
    may_answer = asyncio.Event()
    create = world.app.netmind.create

    async def slow(model: str, config: Any) -> Any:
        generation = await create(model, config)
        await may_answer.wait()
        return generation

    world.app.netmind.create = slow  # type: ignore[method-assign] # answers when told to
    await world.ask("rain", duration=1)
    submitter = world.app.workers.submitter
    await submitter.step()
    await eventually(lambda: world.netmind.generations)
    world.app.netmind.create = create  # type: ignore[method-assign] # the next one is quick
    submitter.max_in_flight = 0
    for _ in range(2):
        world.move(61)
        await submitter.step()
    assert (await world.job()).state is JobState.QUEUED
    may_answer.set()
    await submitter.tasks.join()
    submitter.max_in_flight = 8

    await world.until_ended()
    await check_one_result(world)
    late, second = world.netmind.generations.values()
    assert (await world.job()).generation_id == second.id
    await world.finish(600)
    assert second.deleted_at is not None
    assert late.deleted_at is None or late.deleted_at <= second.deleted_at


async def test_a_result_that_was_found_but_not_fetched_is_fetched(world: World) -> None:
    """Links live in memory alone; after a restart they are asked for again."""
    await made(world)
    await world.restart()
    await world.until_ended()
    await check_one_result(world)


async def test_a_download_that_died_is_begun_again(world: World) -> None:
    await made(world)
    await die_while(world, "download")
    await world.restart()
    await world.later(LEASE.total_seconds())
    await world.until_ended()
    await check_one_result(world)


async def test_a_claim_is_left_alone_until_its_lease_runs_out(world: World) -> None:
    """Another process may be sending it at this moment."""
    await made(world)
    await claim_and_die(world, posted=False)
    await world.restart()
    await world.later(LEASE.total_seconds() - 1)
    assert world.results() == []
    await world.later(1)
    await check_one_result(world)


async def test_within_discords_window_the_same_nonce_makes_a_second_notice_harmless(
    world: World,
) -> None:
    """Simcord does not drop repetitions as Discord does, so the nonces are compared."""
    world.netmind.fail_next("create", status=400, body={"detail": "no"})
    await world.ask("rain", duration=1)
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()
    await claim_and_die(world, posted=True)
    await world.restart()
    world.move(LEASE.total_seconds())
    check_same_nonce(await sent_again(world))


async def test_within_the_window_a_posted_result_is_found_and_not_posted_again(
    world: World,
) -> None:
    """It may have come as a notice, whose nonce is another, so it is looked for even then."""
    await made(world)
    await claim_and_die(world, posted=True)
    await world.restart()
    await world.later(LEASE.total_seconds())
    await world.later(0)
    await check_one_result(world)
    assert len(sends(world)) == 1


async def test_where_the_bot_may_not_look_the_nonce_has_to_do_within_the_window(
    world: World,
) -> None:
    await made(world)
    await claim_and_die(world, posted=True)
    await world.restart()
    forbid_looking(world)
    world.move(LEASE.total_seconds())
    check_same_nonce(await sent_again(world))


def forbid_looking(world: World) -> None:
    """Take Read Message History from the bot."""
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("GET", path, status=403, code=50013, times=None)


async def sent_again(world: World) -> list[Any]:
    assert LEASE < NONCE_WINDOW
    await world.work()
    return sends(world)


def check_same_nonce(sent: list[Any]) -> None:
    """Discord takes the second for the first one's repetition."""
    first, second = sent
    assert first.body["nonce"] == second.body["nonce"]
    assert first.body["enforce_nonce"] is True
    assert second.body["enforce_nonce"] is True
    assert len(str(first.body["nonce"])) <= 25


async def test_past_the_window_a_posted_message_is_found_and_not_posted_again(
    world: World,
) -> None:
    await made(world)
    await claim_and_die(world, posted=True)
    await world.restart()
    await world.jonas.send(world.channel, "what a sound! job #1 · made by me")
    await world.later(NONCE_WINDOW.total_seconds())
    await world.later(0)
    await check_one_result(world)
    assert len(sends(world)) == 1


async def test_past_the_window_a_message_that_was_not_posted_is_posted(world: World) -> None:
    await made(world)
    await claim_and_die(world, posted=False)
    await world.restart()
    # Somebody quotes what ours would say, and another job's number begins with the same digit.
    await world.jonas.send(world.channel, f"fake {messages.marker(await world.job())}")
    await world.later(NONCE_WINDOW.total_seconds() + 1)
    await world.later(0)
    await check_one_result(world)


async def test_a_posted_message_is_found_behind_hundreds_of_others(world: World) -> None:
    """A video takes minutes, and people talk while they wait."""
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.generations[(await world.job()).generation_id or ""].settled_at = None
    backend = world.env.backend
    chatter = [
        backend.create_message(world.channel.id, world.jonas.id, f"chatter {number}")
        for number in range(600)
    ]
    world.move(400)
    (generation,) = world.netmind.generations.values()
    generation.settle("completed", now=world.clock.now)
    await world.app.workers.watcher.step()
    await claim_and_die(world, posted=True)
    await world.restart()
    await world.later(NONCE_WINDOW.total_seconds())
    await world.later(0)
    assert len(world.results()) == 1
    assert len(sends(world)) == 1
    # Discord gives the first hundred after a moment, simcord the last: what was asked for counts.
    (search,) = [
        entry
        for entry in world.env.http_requests
        if entry.method == "GET" and entry.path.endswith(f"{world.channel.id}/messages")
    ]
    assert int(search.params["after"]) > chatter[-1].id


async def test_the_window_is_judged_right_before_the_send(world: World) -> None:
    """Claimed within it, downloaded past it: where nobody may look, it is not sent again."""
    await made(world)
    await claim_and_die(world, posted=True)
    await world.restart()
    forbid_looking(world)
    world.move(LEASE.total_seconds())
    fetcher = world.app.workers.courier.sender.packer.fetcher
    fetch = fetcher.fetch

    async def slow(*args: Any) -> Any:
        fetched = await fetch(*args)
        world.move(NONCE_WINDOW.total_seconds())
        return fetched

    fetcher.fetch = slow  # type: ignore[method-assign, assignment] # takes as long as the window is
    await world.work(rounds=1)
    assert len(sends(world)) == 1
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.UNDELIVERABLE


async def test_the_first_send_of_a_slow_download_looks_for_nothing(world: World) -> None:
    """Nobody can have sent it before."""
    await made(world)
    fetcher = world.app.workers.courier.sender.packer.fetcher
    fetch = fetcher.fetch

    async def slow(*args: Any) -> Any:
        fetched = await fetch(*args)
        world.move(2 * NONCE_WINDOW.total_seconds())
        return fetched

    fetcher.fetch = slow  # type: ignore[method-assign, assignment] # takes longer than the window is
    await world.work()
    await check_one_result(world)
    assert world.sent("GET", f"/channels/{world.channel.id}/messages") == []


async def test_a_delivery_that_somebody_else_has_taken_over_is_not_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """This process was asleep past its lease; the other one sends."""
    await made(world)
    monkeypatch.setattr("bot.jobs.lease._RENEW_SECONDS", 0.01)
    world.netmind.hang_next("download")
    courier = world.app.workers.courier
    await courier.step()
    await eventually(lambda: not world.netmind._waiting["download"])
    async with world.app.database.write() as connection:
        world.move(LEASE.total_seconds() + 1)  # only now nobody can renew it before it is claimed
        taken = await deliveries.claim(connection, 1, world.clock.now, LEASE)
    await asyncio.wait_for(courier.tasks.join(), 30)
    assert len(taken) == 1
    assert sends(world) == []
    assert "delivery_taken_over" in capsys.readouterr().out
    assert await world.delivery() == taken[0]


async def test_an_earlier_message_without_a_file_counts_as_unposted(world: World) -> None:
    """The upload was refused, the notice was posted, and then it died: /job brings the file."""
    await made(world)
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=413, code=40005)
    await claim_and_die(world, posted=True)
    assert len(world.notices()) == 1
    await world.restart()
    await world.later(NONCE_WINDOW.total_seconds())
    await world.later(0)
    assert world.results() == []
    (notice,) = world.notices()
    delivery, job = await world.delivery(), await world.job()
    assert delivery is not None
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, notice.id)
    assert (job.state, job.reason) == (JobState.FINISHED, Reason.UNDELIVERABLE)

    answer = await world.type(world.mira, "job", id=1)
    assert [file.filename for file in answer.followups[0].attachments] == ["rain-1.flac"]
    assert world.netmind.calls("delete") == []
    await world.finish(7 * 24 * 3600)
    assert len(world.netmind.calls("delete")) == 1


async def test_one_jobs_message_is_not_taken_for_anothers(world: World) -> None:
    """Job 1 and job 11 have numbers that begin alike."""
    await world.ask("rain", duration=1)
    for number in range(10):
        await world.ask(f"wind {number}", duration=1)
    await world.app.workers.submitter.step()
    first, eleventh = await world.job(1), await world.job(11)
    assert messages.marker(first) not in messages.result(eleventh)


async def test_a_failure_notice_is_posted_once_whatever_dies(world: World) -> None:
    world.netmind.fail_next("create", status=400, body={"detail": "no"})
    await world.ask("rain", duration=1)
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()
    await claim_and_die(world, posted=True)
    await world.restart()
    await world.later(NONCE_WINDOW.total_seconds())
    await world.until_ended()
    assert len(world.notices()) == 1


async def test_a_card_left_behind_is_closed_after_the_restart(world: World) -> None:
    """The end is kept in the database, so that a restart closes what it must."""
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=500, times=None)
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(30)
    assert len(world.results()) == 1
    assert (await world.card()).components
    world.env.backend.faults.clear()
    await world.restart()
    await world.later(10)
    await check_one_result(world)


async def test_a_deletion_planned_before_the_restart_is_done_after_it(world: World) -> None:
    world.netmind.fail_next("delete", status=500)
    await world.ask("rain", duration=1)
    await world.until_ended()
    await world.restart()
    await world.later(31)
    (generation,) = world.netmind.generations.values()
    assert generation.deleted_at is not None


@pytest.mark.parametrize("moment", ["create", "get", "download"])
async def test_stopping_the_workers_leaves_no_task_behind(world: World, moment: Operation) -> None:
    before = asyncio.all_tasks()
    await world.ask("rain", duration=1)
    if moment == "get":
        await world.work()
        world.move(30)
    elif moment == "download":
        await world.work()
        world.move(30)
        await world.app.workers.watcher.step()
    world.netmind.hang_next(moment)
    running = asyncio.create_task(world.app.workers.run())
    await eventually(lambda: not world.netmind._waiting[moment])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    world.netmind.release()
    workers = world.app.workers
    assert len(workers.submitter.tasks) == len(workers.courier.tasks) == 0
    names = {task.get_name() for task in asyncio.all_tasks() - before if not task.done()}
    assert not names & {"submitter", "watcher", "courier", "janitor", "cards"}
    world.move(timedelta(minutes=1).total_seconds())
