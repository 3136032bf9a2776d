"""The first answer goes out in time, whatever the database does; a replay makes no second job."""

import asyncio

import discord
import pytest

from storage.states import JobState
from tests.cogs.layouts import shown
from tests.world import World, eventually, said


def lose_the_answer(world: World) -> None:
    """Let Discord find the next first answer too late."""
    world.tolerated.add(discord.NotFound)
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)


async def test_the_job_is_on_disk_before_the_person_sees_the_card(world: World) -> None:
    """Commit, then answer: nothing is promised that a crash could forget."""
    seen = []
    lose_the_answer(world)
    answer = await world.ask("rain", duration=1)
    seen.append(await world.jobs_made())
    assert answer.response is None
    assert seen == [1]


async def test_a_card_that_could_not_be_shown_costs_nobody_the_result(world: World) -> None:
    """The answer came too late for Discord; the job is accepted all the same."""
    lose_the_answer(world)
    await world.ask("rain", duration=1)
    await world.finish()
    (result,) = world.results()
    assert result.reference is None
    assert (await world.job()).state is JobState.FINISHED


async def test_a_replayed_interaction_makes_no_second_job(world: World) -> None:
    world.tolerated.add(discord.HTTPException)
    answer = await world.ask("rain", duration=1)
    await world.replay(answer)
    await world.replay(answer)
    await world.finish()

    assert await world.jobs_made() == 1
    assert len(world.netmind.calls("create")) == 1
    assert len(world.results()) == 1
    assert len(world.posts()) == 2


async def test_a_replay_after_the_end_makes_no_second_job(world: World) -> None:
    world.tolerated.add(discord.HTTPException)
    answer = await world.ask("rain", duration=1)
    await world.until_ended()
    await world.replay(answer)
    await world.finish()
    assert await world.jobs_made() == 1
    assert len(world.results()) == 1


async def test_a_replay_after_a_restart_makes_no_second_job(world: World) -> None:
    """During a rolling deploy both instances hear of the command."""
    world.tolerated.add(discord.HTTPException)
    answer = await world.ask("rain", duration=1)
    await world.restart()
    await world.replay(answer)
    await world.finish()
    assert await world.jobs_made() == 1
    assert len(world.results()) == 1


async def test_an_instance_that_died_before_it_answered_is_stood_in_for(world: World) -> None:
    """The job is on disk, the card is not shown; the replay shows the card of the same job."""
    lose_the_answer(world)
    answer = await world.ask("rain", duration=1)
    await world.replay(answer)
    assert await world.jobs_made() == 1
    assert (await world.job()).card_id == answer.response.id
    await world.finish()
    assert len(world.results()) == 1


async def test_a_busy_database_is_bridged_by_a_deferred_answer(world: World) -> None:
    """Discord shows that we are at it; then the card comes in the same place."""
    async with world.busy_database() as lock:
        asking = asyncio.create_task(world.ask("rain", duration=1))
        await lock.until(lambda: world.sent("POST", "/callback"))
        (deferred,) = world.sent("POST", "/callback")
        assert deferred.body["type"] == 5
        assert world.posts()[0].embeds == []
        lock.release()
        answer = await asking

    assert not answer.ephemeral
    assert answer.response.embeds
    assert answer.response.components
    assert (await world.job()).card_id == answer.response.id
    await world.finish()
    assert len(world.results()) == 1


async def test_a_quick_database_is_not_worth_a_deferred_answer(world: World) -> None:
    await world.ask("rain", duration=1)
    (answered,) = world.sent("POST", "/callback")
    assert answered.body["type"] == 4


@pytest.mark.parametrize(("command", "options"), [("jobs", {}), ("job", {"id": 1})])
async def test_a_slow_look_is_bridged_by_a_private_deferred_answer(
    world: World, command: str, options: dict[str, int]
) -> None:
    """Reading commands answer in time too, and stay private."""
    await world.ask("rain", duration=1)
    gate = asyncio.Event()
    desk = world.app.client.services.desk
    name = "jobs_of" if command == "jobs" else "show"
    truly = getattr(desk, name)

    async def slowly(*args: object) -> object:
        await gate.wait()
        return await truly(*args)

    def announced() -> bool:
        world.env.backend.advance_clock(0.02)  # simcord moves no clock while somebody is at work
        return len(world.sent("POST", "/callback")) == 2

    setattr(desk, name, slowly)
    asking = asyncio.create_task(world.type(world.mira, command, **options))
    await eventually(announced)
    deferred = world.sent("POST", "/callback")[1]
    gate.set()
    answer = await asking

    assert deferred.body["type"] == 5
    assert answer.ephemeral
    assert "rain" in shown(answer.response)


async def test_what_only_its_person_may_see_is_not_shown_to_all_by_a_slow_database(
    world: World,
) -> None:
    """The answer was announced to everybody before anybody knew that it is private."""
    await world.app.client.services.choices.prefer(world.mira.id, private=True, direct=False)
    async with world.busy_database() as lock:
        asking = asyncio.create_task(world.ask("secret rain", duration=1))
        await lock.until(lambda: world.sent("POST", "/callback"))
        lock.release()
        answer = await asking
    seen = [
        f"{each.content} {[embed.to_dict() for embed in each.embeds]}" for each in world.posts()
    ]
    assert "secret" not in "".join(seen)
    (card,) = answer.followups
    assert card.ephemeral
    assert "secret rain" in shown(card)


async def test_an_unavailable_database_is_told_in_one_private_sentence(world: World) -> None:
    world.tolerate_storage_errors()
    with world.no_table("jobs"):
        answer = await world.ask("rain", duration=1)
    assert answer.ephemeral
    assert answer.followups == []
    assert "memory cannot be reached" in said(answer)
    assert "jobs" not in said(answer)
    assert await world.jobs_made() == 0
    await world.finish()
    assert world.posts() == []


async def test_reading_commands_say_so_too(world: World) -> None:
    world.tolerate_storage_errors()
    with world.no_table("jobs"):
        listed = await world.type(world.mira, "jobs")
        shown = await world.type(world.mira, "job", id=1)
    assert "memory cannot be reached" in said(listed)
    assert "memory cannot be reached" in said(shown)
    assert listed.ephemeral
    assert shown.ephemeral


async def test_a_card_that_could_not_be_noted_is_no_reason_to_say_that_nothing_was_started(
    world: World,
) -> None:
    """The job is accepted; only its card cannot be followed."""
    from storage import jobs
    from storage.errors import UnavailableError

    async def fail(*_: object) -> None:
        raise UnavailableError("The database did not do it: disk I/O error.")

    set_card = jobs.set_card
    jobs.set_card = fail  # type: ignore[assignment] # once
    try:
        answer = await world.ask("rain", duration=1)
    finally:
        jobs.set_card = set_card
    assert said(answer) == ""
    assert answer.response.embeds
    await world.finish()
    assert len(world.results()) == 1


async def test_an_accident_of_our_own_is_told_without_its_details(world: World) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    world.tolerated.add(ZeroDivisionError)
    world.app.client.services.desk._check = broken  # type: ignore[method-assign, assignment] # a bug
    answer = await world.ask("rain", duration=1)
    assert answer.ephemeral
    assert said(answer) == (
        "Something went wrong on my side. It is written down for the bot's operator."
    )
    assert await world.jobs_made() == 0
