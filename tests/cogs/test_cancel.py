"""The Cancel button: whose it is, what it ends in every state, and what comes too late."""

import asyncio
from typing import Any

import discord
import pytest

from bot.jobs.janitor import MAX_TRIES
from storage.states import JobState
from tests.world import World, eventually, said


def buttons(message: discord.Message) -> list[str | None]:
    return [
        child.custom_id
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for child in row.children
        if isinstance(child, discord.Button)
    ]


async def check_cancelled(world: World, job_id: int = 1) -> None:
    """The card says so and offers another one; nothing else is posted, now or later."""
    assert (await world.job(job_id)).state is JobState.CANCELLED
    await world.finish(300)
    card = await world.card(job_id)
    assert card.embeds[0].title is not None
    assert "Cancelled" in card.embeds[0].title
    assert buttons(card) == [f"foley:again:{job_id}", f"foley:remix:{job_id}"]
    assert await world.delivery(job_id) is None
    assert world.posts() == [card]


async def test_a_card_has_one_cancel_button_while_the_job_is_open(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    (row,) = answer.response.components
    assert [(each["label"], each["custom_id"]) for each in row["components"]] == [
        ("Cancel", "foley:cancel:1")
    ]
    await world.until_ended()
    assert (await world.card()).components == []


async def test_a_queued_job_is_cancelled_and_never_submitted(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)
    assert world.netmind.ledger == []


async def test_a_generating_job_is_cancelled_and_its_generation_deleted(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    await world.work()
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)
    (generation,) = world.netmind.generations.values()
    assert generation.deleted_at is not None
    assert (await world.job()).cleanup_at is None


async def test_a_post_that_is_answered_after_the_cancel_has_its_generation_deleted(
    world: World,
) -> None:
    answer = await world.ask("rain", duration=1)
    may_answer = asyncio.Event()
    create = world.app.netmind.create

    async def slow(model: str, config: Any) -> Any:
        made = await create(model, config)
        await may_answer.wait()
        return made

    world.app.netmind.create = slow  # type: ignore[method-assign] # answers when told to
    await world.app.workers.submitter.step()
    await eventually(lambda: world.netmind.generations)
    assert (await world.job()).state is JobState.SUBMITTING
    await world.mira.click(answer.response, label="Cancel")
    may_answer.set()
    await world.app.workers.submitter.tasks.join()

    await check_cancelled(world)
    (generation,) = world.netmind.generations.values()
    assert generation.deleted_at is not None


async def test_an_uncertain_job_is_cancelled_and_never_submitted_again(world: World) -> None:
    world.hurry()
    world.netmind.hang_next("create", accepted=True)
    answer = await world.ask("rain", duration=1)
    await world.work()
    assert (await world.job()).state is JobState.UNCERTAIN
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)
    assert world.app.netmind.calls["create"] == 1


async def test_a_job_that_waits_to_be_tried_again_is_cancelled(world: World) -> None:
    world.netmind.fail_next("create", status=429, headers={"Retry-After": "60"})
    answer = await world.ask("rain", duration=1)
    await world.work()
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)
    assert len(world.netmind.calls("create")) == 1


async def test_the_second_of_two_clicks_is_answered_like_the_first(world: World) -> None:
    """People click twice, and two instances may hear the same click."""
    answer = await world.ask("rain", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    again = await world.press_cancel(world.mira)
    assert said(again) == ""
    assert "Cancelled" in str((await world.card()).embeds[0].title)
    assert len(await world.edges()) == 2
    await check_cancelled(world)


async def test_a_press_long_after_the_first_is_told_privately_and_changes_nothing(
    world: World,
) -> None:
    answer = await world.ask("rain", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    world.move(10)
    again = await world.press_cancel(world.mira)
    assert again.ephemeral
    assert said(again) == "This job is cancelled already."
    assert len(await world.edges()) == 2
    await check_cancelled(world)


async def test_another_person_cannot_cancel_it(world: World) -> None:
    await world.ask("rain", duration=1)
    answer = await world.press_cancel(world.jonas)
    assert answer.ephemeral
    assert "Only the person who asked" in said(answer)
    assert (await world.job()).state is JobState.QUEUED
    await world.finish()
    assert len(world.results()) == 1


@pytest.mark.parametrize("outcome", ["completed", "failed"])
async def test_an_ended_job_cannot_be_cancelled(world: World, outcome: str) -> None:
    world.netmind.next_outcome(outcome)
    await world.ask("rain", duration=1)
    await world.until_ended()
    card = await world.card()
    answer = await world.press_cancel(world.mira)
    assert answer.ephemeral
    assert "ended already" in said(answer)
    assert (await world.card()).embeds == card.embeds
    assert len(await world.edges()) == 4


async def test_the_button_of_a_job_that_does_not_exist_says_so_as_for_a_strangers(
    world: World,
) -> None:
    answer = await world.ask("rain", duration=1)
    forged = await world.press_cancel(world.mira, 99, answer.response.message)
    assert "Only the person who asked" in said(forged)


async def test_a_result_that_is_ready_when_cancel_is_pressed_is_not_posted(world: World) -> None:
    """NetMind is done, nobody has looked yet."""
    answer = await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)


async def test_a_cancel_between_the_look_and_the_database_wins(world: World) -> None:
    """The watcher has the result in its hands; the edge is guarded."""
    answer = await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    get = world.app.netmind.get

    async def cancelled_meanwhile(generation_id: str) -> Any:
        found = await get(generation_id)
        await world.mira.click(answer.response, label="Cancel")
        return found

    world.app.netmind.get = cancelled_meanwhile  # type: ignore[method-assign] # at that moment
    await world.app.workers.watcher.step()
    world.app.netmind.get = get  # type: ignore[method-assign] # as before
    await check_cancelled(world)


async def test_the_button_works_after_a_restart(world: World) -> None:
    """It carries the job's number; no view is kept in memory."""
    answer = await world.ask("rain", duration=1)
    await world.work()
    await world.restart()
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)


async def test_cancel_in_the_private_answer_of_job_closes_the_card_in_the_channel(
    world: World,
) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    shown = await world.type(world.mira, "job", id=1)
    await world.mira.click(shown.response, label="Cancel")
    assert "Cancelled" in shown.response.embeds[0].title
    await check_cancelled(world)


async def test_one_cancel_does_not_touch_the_other_jobs(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    await world.ask("wind", duration=1)
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await world.work()
    await world.mira.click(answer.response, label="Cancel")
    await world.until_ended(1, 2, 3)
    assert sorted(file.filename for post in world.results() for file in post.attachments) == [
        "bells-3.flac",
        "wind-2.flac",
    ]


async def test_a_deletion_that_netmind_refuses_is_tried_again(world: World) -> None:
    world.netmind.fail_next("delete", status=500, times=2)
    answer = await world.ask("rain", duration=1)
    await world.work()
    await world.mira.click(answer.response, label="Cancel")
    await check_cancelled(world)
    assert [call.status for call in world.netmind.calls("delete")] == [500, 500, 200]


async def test_a_deletion_that_fails_for_ever_is_given_up(world: World) -> None:
    world.netmind.fail_next("delete", status=500, times=99)
    await world.ask("rain", duration=1)
    await world.until_ended()
    for _ in range(40):
        await world.later(3600)
    assert len(world.netmind.calls("delete")) == MAX_TRIES + 1 == 31
    assert (await world.job()).cleanup_at is None


async def test_a_press_while_the_database_is_busy_is_answered_in_time(world: World) -> None:
    """Discord waits three seconds for a button, too."""
    answer = await world.ask("rain", duration=1)
    async with world.busy_database() as lock:
        pressing = asyncio.create_task(world.mira.click(answer.response, label="Cancel"))
        await lock.until(lambda: world.sent("POST", "/callback")[1:])
        assert world.sent("POST", "/callback")[1].body["type"] == 6
        lock.release()
        await pressing
    await check_cancelled(world)


async def test_a_press_while_the_database_is_gone_is_told_privately(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    with world.no_table("jobs"):
        pressed = await world.mira.click(answer.response, label="Cancel")
    assert pressed.ephemeral
    assert "memory cannot be reached" in said(pressed)
    await world.finish()
    assert len(world.results()) == 1


async def test_a_generation_that_is_not_known_yet_is_deleted_once_it_surely_is(
    world: World,
) -> None:
    """NetMind answers 404 for a while after create; that does not mean gone."""
    answer = await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("delete", status=404, body={"detail": "Not found"})
    await world.mira.click(answer.response, label="Cancel")
    await world.work()
    assert len(world.netmind.calls("delete")) == 1
    assert (await world.job()).cleanup_at is not None
    await world.later(61)
    assert len(world.netmind.calls("delete")) == 2
    assert (await world.job()).cleanup_at is None


async def test_an_old_generation_that_is_not_known_is_gone(world: World) -> None:
    answer = await world.ask("rain", duration=1)
    await world.work()
    world.move(61)
    world.netmind.fail_next("delete", status=404, body={"detail": "Not found"})
    await world.mira.click(answer.response, label="Cancel")
    await world.work()
    assert (await world.job()).cleanup_at is None
    await world.later(3600)
    assert len(world.netmind.calls("delete")) == 1
