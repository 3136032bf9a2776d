"""Guards that only a rare order of things needs: each was once taken away unnoticed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs import account, lease
from bot.jobs.adoption import adoptable, lost
from bot.jobs.finish import fail
from bot.jobs.lease import LEASE
from bot.jobs.reasons import Reason
from bot.jobs.sending import NONCE_WINDOW
from bot.letter import Found
from bot.post import NoAnswerError, NotAllowedError, NotTakenError, TooLargeError
from storage import deliveries
from storage.states import DeliveryState, JobState
from tests.world import Sent, World, eventually

Patch = pytest.MonkeyPatch
SECONDS = LEASE.total_seconds()
WINDOW = NONCE_WINDOW.total_seconds()


def slow_answers(world: World, monkeypatch: Patch) -> list[asyncio.Event]:
    """Have each create be carried out, and its answer wait for its event."""
    create = world.app.netmind.create
    answers: list[asyncio.Event] = []

    async def slow(model: str, config: Any) -> Any:
        generation = await create(model, config)
        answers.append(may_answer := asyncio.Event())
        await may_answer.wait()
        return generation

    monkeypatch.setattr(world.app.netmind, "create", slow)
    return answers


async def ready(world: World) -> None:
    """Bring one job to the moment at which its delivery is pending."""
    await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    await world.app.workers.watcher.step()


async def deliver(world: World) -> None:
    courier = world.app.workers.courier
    await courier.step()
    await courier.tasks.join()


async def claim_after_all(world: World) -> None:
    """Have another process claim the delivery, whatever its lease."""
    async with world.app.database.write() as connection:
        now = world.clock() + 2 * LEASE
        assert len(await deliveries.claim(connection, 1, now, LEASE)) == 1


# Submitting


async def test_a_job_is_submitting_on_disk_before_its_post_is_sent(
    world: World, monkeypatch: Patch
) -> None:
    create = world.app.netmind.create
    states: list[JobState] = []

    async def looked_at(model: str, config: Any) -> Any:
        states.append((await world.job()).state)
        return await create(model, config)

    monkeypatch.setattr(world.app.netmind, "create", looked_at)
    await world.ask("rain", duration=1)
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()
    assert states == [JobState.SUBMITTING]


async def test_a_slow_answer_is_waited_for_under_a_renewed_lease(
    world: World, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.001)
    answers = slow_answers(world, monkeypatch)
    await world.ask("rain", duration=1)
    submitter = world.app.workers.submitter
    await submitter.step()
    await eventually(lambda: answers)
    for _ in range(3):
        world.move(SECONDS - 1)
        async with asyncio.timeout(5):
            while (await world.job()).lease_until != world.clock.now + LEASE:  # noqa: ASYNC110 - the database tells, and rings no bell
                await asyncio.sleep(0.001)
        await submitter.step()
        assert (await world.job()).state is JobState.SUBMITTING
    answers[0].set()
    await submitter.tasks.join()
    assert (await world.job()).state is JobState.GENERATING


async def test_a_late_answer_is_not_taken_for_that_of_the_job_sent_again(
    world: World, monkeypatch: Patch
) -> None:
    """The second POST is under way, and its answer will find the job as it was left."""
    answers = slow_answers(world, monkeypatch)
    await world.ask("rain", duration=1)
    submitter = world.app.workers.submitter
    await submitter.step()
    await eventually(lambda: answers)
    for seconds in (SECONDS + 1, 11):
        world.move(seconds)
        await submitter.step()
    await eventually(lambda: len(answers) == 2)
    answers[0].set()
    await eventually(lambda: len(submitter.tasks) == 1)
    late, second = world.netmind.generations.values()
    assert late.deleted_at is not None
    assert (await world.job()).state is JobState.SUBMITTING
    answers[1].set()
    await submitter.tasks.join()
    assert (await world.job()).generation_id == second.id


async def test_the_deletion_of_a_cancelled_jobs_late_generation_is_tried_again(
    world: World, monkeypatch: Patch
) -> None:
    answers = slow_answers(world, monkeypatch)
    await world.ask("rain", duration=1)
    submitter = world.app.workers.submitter
    await submitter.step()
    await eventually(lambda: answers)
    await world.app.client.services.desk.cancel(1, world.mira.id)
    world.netmind.fail_next("delete", status=500)
    answers[0].set()
    await submitter.tasks.join()
    await world.work()
    (late,) = world.netmind.generations.values()
    assert late.deleted_at is None
    await world.later(30)
    assert late.deleted_at is not None


async def test_whatever_is_listed_has_its_post_in_the_evidence(
    world: World, monkeypatch: Patch
) -> None:
    """A POST that is sent between the two looks must not leave a stranger in the list."""
    answers = slow_answers(world, monkeypatch)
    await world.ask("rain", duration=1)
    listing = world.app.netmind.list

    async def posted_meanwhile() -> Any:
        await world.app.workers.submitter.step()
        await eventually(lambda: answers)
        return await listing()

    monkeypatch.setattr(world.app.netmind, "list", posted_meanwhile)
    evidence = await account.look(world.app.database, world.app.netmind, world.clock())
    answers[0].set()
    assert len(evidence.orphans) == 1
    assert [each.job_id for each in evidence.posts] == [1]
    assert list(lost(evidence)) == []


async def test_a_post_that_may_be_under_way_adopts_nothing(
    world: World, monkeypatch: Patch
) -> None:
    """Its submitter is heard of no more, but may be about to write the answer down."""
    answers = slow_answers(world, monkeypatch)
    await world.ask("rain", duration=1)
    submitter = world.app.workers.submitter
    await submitter.step()
    await eventually(lambda: answers)
    evidence = await account.look(world.app.database, world.app.netmind, world.clock())
    assert adoptable(1, evidence) is not None
    await submitter.settler._write([await world.job()], evidence, world.clock())
    assert (await world.job()).state is JobState.UNCERTAIN
    answers[0].set()


async def test_a_job_that_ended_otherwise_is_told_nothing_more(world: World) -> None:
    await world.ask("rain", duration=1)
    open_job = await world.job()
    await world.app.client.services.desk.cancel(1, world.mira.id)
    async with world.app.database.write() as connection:
        assert not await fail(connection, open_job, Reason.GONE, world.clock())
    assert await world.delivery() is None


# Delivering


async def test_a_generation_is_kept_until_its_file_is_delivered(world: World) -> None:
    """The janitor may be quicker than the courier."""
    await ready(world)
    await world.app.workers.janitor.step()
    assert world.netmind.calls("delete") == []
    await deliver(world)
    await world.app.workers.janitor.step()
    assert len(world.netmind.calls("delete")) == 1


def lose_answers(world: World, monkeypatch: Patch) -> Callable[[], None]:
    """Have Discord post what it is sent and not say so; return how to end that."""
    poster = world.app.workers.courier.post
    send = poster.send

    async def lost_answer(letter: Any) -> int:
        await send(letter)
        raise NoAnswerError

    monkeypatch.setattr(poster, "send", lost_answer)
    return lambda: monkeypatch.setattr(poster, "send", send)


async def test_without_an_answer_the_first_send_is_remembered(
    world: World, monkeypatch: Patch
) -> None:
    await ready(world)
    answer_again = lose_answers(world, monkeypatch)
    await deliver(world)
    answer_again()
    world.move(WINDOW)
    await deliver(world)
    assert len(world.results()) == 1


async def notice_ready(world: World) -> None:
    """Bring one job to the moment at which the notice of its failure is pending."""
    world.netmind.fail_next("create", status=400, body={"detail": "no"})
    await world.ask("rain", duration=1)
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()


def sends(world: World) -> list[Sent]:
    return world.sent("POST", f"/channels/{world.channel.id}/messages")


async def forbidden(*_: object) -> Any:
    raise NotAllowedError


async def test_a_refusal_says_nothing_of_an_earlier_send(world: World, monkeypatch: Patch) -> None:
    await notice_ready(world)
    answer_again = lose_answers(world, monkeypatch)
    await deliver(world)

    async def refused(_: object) -> int:
        raise NotTakenError

    monkeypatch.setattr(world.app.workers.courier.post, "send", refused)
    world.move(WINDOW / 2)
    await deliver(world)
    answer_again()
    world.move(WINDOW)
    await deliver(world)
    assert len(sends(world)) == len(world.notices()) == 1


async def test_a_notice_sent_again_within_the_window_has_the_same_nonce(
    world: World, monkeypatch: Patch
) -> None:
    """Discord drops the second; here both are seen."""
    await notice_ready(world)
    answer_again = lose_answers(world, monkeypatch)
    await deliver(world)
    answer_again()
    world.move(WINDOW / 2)
    await deliver(world)
    first, second = sends(world)
    assert first.body["nonce"] == second.body["nonce"]


async def test_where_no_search_is_allowed_a_result_has_the_same_nonce_within_the_window(
    world: World, monkeypatch: Patch
) -> None:
    await ready(world)
    answer_again = lose_answers(world, monkeypatch)
    monkeypatch.setattr(world.app.workers.courier.post, "find", forbidden)
    await deliver(world)
    answer_again()
    world.move(WINDOW / 2)
    await deliver(world)
    first, second = sends(world)
    assert first.body["nonce"] == second.body["nonce"]
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.SENT


async def test_where_no_search_is_allowed_nothing_is_sent_again_past_the_window(
    world: World, monkeypatch: Patch
) -> None:
    await ready(world)
    answer_again = lose_answers(world, monkeypatch)
    monkeypatch.setattr(world.app.workers.courier.post, "find", forbidden)
    await deliver(world)
    answer_again()
    world.move(WINDOW)
    await deliver(world)
    assert len(sends(world)) == 1


async def test_a_result_that_was_perhaps_told_in_words_is_not_brought_as_a_file(
    world: World, monkeypatch: Patch
) -> None:
    """A notice has a nonce of its own, so Discord would take both."""
    await ready(world)
    poster = world.app.workers.courier.post
    send = poster.send

    async def too_large_and_lost(letter: Any) -> int:
        if letter.uploads:
            raise TooLargeError
        await send(letter)
        raise NoAnswerError

    monkeypatch.setattr(poster, "send", too_large_and_lost)
    await deliver(world)
    monkeypatch.setattr(poster, "send", send)
    world.move(WINDOW / 2)
    await deliver(world)
    assert (len(world.notices()), world.results()) == (1, [])


async def test_a_courier_that_lost_its_claim_sends_nothing_any_more(
    world: World, monkeypatch: Patch
) -> None:
    """Another one brings the message; this one is still at its download."""
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.001)
    await ready(world)
    world.netmind.hang_next("download")
    courier = world.app.workers.courier
    await courier.step()
    await eventually(lambda: not world.netmind._waiting["download"])
    await claim_after_all(world)
    await eventually(lambda: len(courier.tasks) == 0)
    world.netmind.release()
    assert world.results() == []


async def test_a_courier_whose_claim_was_taken_plans_no_deletion(
    world: World, monkeypatch: Patch
) -> None:
    """Whoever holds the delivery now may need the generation yet."""
    await ready(world)
    poster = world.app.workers.courier.post
    send = poster.send

    async def taken_meanwhile(letter: Any) -> Found:
        posted = await send(letter)
        await claim_after_all(world)
        return posted

    monkeypatch.setattr(poster, "send", taken_meanwhile)
    await deliver(world)
    assert (await world.job()).cleanup_at is None
