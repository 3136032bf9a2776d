"""Limits by role: what people are told, and that nobody gets past them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Refusal
from bot.jobs.choices import Wish
from storage import audit
from storage.history import Wanted
from storage.jobs import NewJob
from storage.states import JobState
from tests.cogs.layouts import shown
from tests.cogs.test_studio import moderator
from tests.world import World, said


async def limit(world: World, what: str, **chosen: Any) -> Any:
    answer = await moderator(world).slash(world.channel, f"studio limits {what}", **chosen)
    assert answer.ephemeral
    return answer


async def everyone(world: World, **chosen: Any) -> Any:
    return await limit(world, "role", role=world.guild.default_role, **chosen)


async def ask(world: World, person: Any = None, **options: Any) -> str:
    """Ask for a sound; return the private sentence, empty if it was accepted."""
    answer = await world.type(person or world.mira, "audio", **{"prompt": "rain", **options})
    return said(answer) if answer.ephemeral else ""


async def test_without_limits_anybody_asks_for_as_much_as_they_like(world: World) -> None:
    assert [await ask(world) for _ in range(5)] == [""] * 5


async def test_one_more_than_may_be_under_way_is_refused_with_the_limit_and_when_it_frees(
    world: World,
) -> None:
    await everyone(world, at_once=2)
    assert [await ask(world), await ask(world)] == ["", ""]
    assert await ask(world) == (
        "You have 2 under way, which is your limit here. The next should be done in about 30 s."
    )
    assert await ask(world, world.jonas) == ""
    await world.until_ended(1)
    assert await ask(world) == ""


async def test_the_day_s_limit_frees_at_midnight_of_the_servers_zone(world: World) -> None:
    await everyone(world, per_day=1)
    await limit(world, "server", time_zone="Asia/Tokyo")
    assert await ask(world) == ""
    refused = await ask(world)
    assert refused.startswith("You have asked for 1 today, which is your limit here. The day")
    # The world begins at midnight UTC, which is nine in the morning there.
    turns = world.clock() + timedelta(hours=15)
    turns = turns.replace(minute=0, second=0)
    assert f"<t:{int(turns.timestamp())}:R>" in refused
    world.move((turns - world.clock()).total_seconds() - 1)
    assert await ask(world) != ""
    world.move(1)
    assert await ask(world) == ""


async def test_what_failed_is_given_back(world: World) -> None:
    await everyone(world, per_day=1)
    world.netmind.next_outcome("failed")
    assert await ask(world) == ""
    await world.until_ended(1)
    assert (await world.job(1)).state is JobState.FAILED
    assert await ask(world) == ""


async def test_what_was_cancelled_before_it_began_is_given_back_and_later_not(
    world: World,
) -> None:
    await everyone(world, per_day=1)
    await ask(world)
    await world.app.client.services.desk.cancel(1, world.mira.id)
    assert await ask(world) == ""
    await world.work()
    job_id = max(job.id for job in await jobs_of(world))
    await world.app.client.services.desk.cancel(job_id, world.mira.id)
    assert "your limit" in await ask(world)


async def jobs_of(world: World) -> Any:
    found, _ = await world.app.client.services.desk.jobs_of(world.mira.id, Wanted(), 0, 99)
    return [job for job, _ in found]


async def test_the_best_of_a_persons_roles_counts_each_thing_by_itself(world: World) -> None:
    patron = world.guild.create_role("patron")
    await everyone(world, at_once=1, longest=5)
    await limit(world, "role", role=patron, at_once=2)
    anna = world.guild.add_member(world.env.create_user("anna"), roles=[patron])
    assert [await ask(world, anna, duration=5) for _ in range(2)] == ["", ""]
    assert "You have 2 under way" in await ask(world, anna)
    assert await ask(world, anna, duration=6) == (
        "That is longer than your roles here allow: 5 s at most."
    )
    assert await ask(world) == ""
    assert "You have 1 under way" in await ask(world)


async def test_a_role_without_a_limit_has_none(world: World) -> None:
    patron = world.guild.create_role("patron")
    await everyone(world, at_once=1)
    await limit(world, "role", role=patron, at_once=0)
    anna = world.guild.add_member(world.env.create_user("anna"), roles=[patron])
    assert [await ask(world, anna) for _ in range(3)] == [""] * 3


async def test_a_choice_that_lasts_too_long_is_refused(world: World) -> None:
    await everyone(world, longest=2)
    answer = await world.type(world.mira, "video", prompt="rain", length="about 3 seconds")
    assert "2 s at most" in said(answer)


async def test_models_are_allowed_by_role(world: World) -> None:
    await everyone(world, models="MMAudio")
    assert await ask(world) == ""
    answer = await world.type(world.mira, "video", prompt="rain")
    assert said(answer) == "Your roles here do not allow HunyuanVideo."
    await everyone(world, models="*")
    assert not (await world.type(world.mira, "video", prompt="rain")).ephemeral


async def test_an_unknown_model_is_named(world: World) -> None:
    assert "There is no model sora." in said(await everyone(world, models="mmaudio, Sora"))


async def test_the_servers_cap_is_for_all_together(world: World) -> None:
    await limit(world, "server", at_once=2)
    assert [await ask(world), await ask(world, world.jonas)] == ["", ""]
    assert (await ask(world)).startswith("This server has 2 under way, which is its limit.")


async def test_limits_hold_for_a_hundred_commands_at_once(world: World) -> None:
    await everyone(world, at_once=3)
    channel, guild = world.channel.id, world.guild.id
    wish = Wish(roles=frozenset({guild}))

    async def accept(number: int) -> bool:
        new = NewJob(number, world.mira.id, guild, channel, "mmaudio", "audio", "rain", {})
        try:
            await world.app.client.services.desk.accept(new, wish)
        except Refusal:
            return False
        return True

    accepted = await asyncio.gather(*(accept(number) for number in range(100)))
    assert accepted.count(True) == 3


async def test_the_operators_limit_holds_in_direct_messages_too(world: World) -> None:
    await world.restart(person_per_day=1)
    assert await ask(world) == ""
    dm = await world.mira.user.slash("audio", prompt="rain")
    assert "which is the limit of this bot" in said(dm)


async def test_limits_are_still_there_after_a_restart(world: World) -> None:
    await everyone(world, per_day=1)
    await ask(world)
    await world.restart()
    assert "your limit" in await ask(world)


async def test_show_tells_what_holds_and_forget_takes_it_back(world: World) -> None:
    await everyone(world, at_once=1, per_day=0, longest=8, models="mmaudio")
    (embed,) = (await limit(world, "server", at_once=9)).response.embeds
    assert r"**\@everyone**: 1 at once · any number a day · at most 8 s long · only MMAudio" in (
        embed.description or ""
    )
    assert "**All together**: 9 at once" in (embed.description or "")
    answer = await limit(world, "forget", role=world.guild.default_role)
    assert "No role says anything" in (answer.response.embeds[0].description or "")
    assert [await ask(world), await ask(world)] == ["", ""]


@pytest.mark.parametrize("chosen", [{}, {"time_zone": "Mars/Olympus"}])
async def test_what_cannot_be_is_refused_with_a_sentence(
    world: World, chosen: dict[str, str]
) -> None:
    assert said(await limit(world, "server", **chosen)) in {
        "Say at least one thing that is to change.",
        "I do not know that time zone. Choose one from the list.",
    }


async def test_each_change_is_written_down(world: World) -> None:
    await everyone(world, at_once=4)
    async with world.app.database.read() as connection:
        (entry,) = await audit.newest(connection, world.guild.id, 9)
    assert entry.what == "limit"
    assert entry.detail["after"]["at_once"] == 4
    assert entry.detail["before"]["at_once"] is None


async def test_the_queue_tells_ones_own_limits(world: World) -> None:
    await everyone(world, at_once=2, per_day=9)
    await ask(world)
    answer = await world.type(world.mira, "queue")
    assert "Your limits here: 2 at once · 1 of 9 today" in shown(answer.response)
    direct = await world.mira.user.slash("queue")
    assert "Your limits" not in shown(direct.response)
