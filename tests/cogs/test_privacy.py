"""/privacy: people see what is stored about them, get it, and have it deleted."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor

from bot.jobs.reasons import Reason
from bot.jobs.retention import LEFT
from storage import schema
from storage.errors import UnavailableError
from storage.history import Wanted
from storage.states import JobState
from tests.world import World, said

TITLE = "What I have stored about you"
DAY = 24 * 3600.0


async def panel(world: World, person: MemberActor | None = None) -> Any:
    answer = await world.type(person or world.mira, "privacy")
    assert answer.ephemeral
    return answer


async def click(world: World, name: str, person: MemberActor | None = None) -> Any:
    """Open the panel and press one of the buttons that it leads to."""
    person = person or world.mira
    answer = await panel(world, person)
    if name in {"all", "data"}:
        answer = await person.click(answer.response, custom_id="foley:privacy:ask")
    return await person.click(answer.response, custom_id=f"foley:privacy:{name}")


def shown(answer: Any) -> str:
    (embed,) = answer.response.embeds
    assert TITLE in embed.title
    text: str = embed.description
    return text


async def exported(world: World, person: MemberActor | None = None) -> dict[str, Any]:
    answer = await click(world, "export", person)
    assert answer.ephemeral
    (attachment,) = answer.response.attachments
    assert attachment.filename == "foley-data.json"
    told: dict[str, Any] = json.loads(world.file(attachment))
    return told


async def made(world: World, prompt: str = "rain", person: MemberActor | None = None) -> None:
    await world.type(person or world.mira, "audio", prompt=prompt, duration=1)
    await world.until_ended(await world.jobs_made())


async def rows(world: World, table: sa.Table) -> int:
    async with world.app.database.read() as connection:
        count = await connection.scalar(sa.select(sa.func.count()).select_from(table))
        assert count is not None
        return count


def generations(world: World) -> int:
    """Count what NetMind still has."""
    return sum(each.deleted_at is None for each in world.netmind.generations.values())


async def test_the_panel_counts_what_is_stored(world: World) -> None:
    await made(world)
    await world.app.client.services.shelf.star(1, world.mira.id)
    await world.app.client.services.choices.prefer(world.mira.id, private=True)
    text = shown(await panel(world))
    assert "**1** job with its words" in text
    assert "**1** star\n" in text
    assert "**2** messages of mine" in text  # the card and the result
    assert "Preferences: yours" in text
    assert "Since: <t:" in text


async def test_who_is_not_known_is_told_that_there_is_nothing(world: World) -> None:
    await made(world)
    text = shown(await panel(world, world.jonas))
    assert "**0** jobs" in text
    assert "Preferences: none of your own" in text
    assert "Since" not in text


async def test_it_is_there_in_direct_messages_and_for_who_has_the_bot_with_them(
    world: World,
) -> None:
    tree = world.app.client.tree
    (command,) = [each for each in tree.get_commands() if each.name == "privacy"]
    told = command.to_dict(tree)
    assert (told["integration_types"], told["contexts"]) == ([0, 1], [0, 1, 2])
    assert shown(await world.mira.user.slash("privacy"))


async def test_the_export_is_sent_to_its_person_alone_and_tells_nothing_of_others(
    world: World,
) -> None:
    await made(world, "rain in May")
    await made(world, "Jonas' own words", world.jonas)
    told = await exported(world)
    assert told["you"]["id"] == str(world.mira.id)
    assert [job["prompt"] for job in told["jobs"]] == ["rain in May"]
    assert [message["what"] for message in told["messages"]] == ["result"]
    text = json.dumps(told)
    generation_id = (await world.job()).generation_id
    assert generation_id is not None
    assert generation_id not in text
    assert "Jonas" not in text
    assert str(world.jonas.id) not in text


async def test_deleting_asks_first_and_back_deletes_nothing(world: World) -> None:
    await made(world)
    answer = await click(world, "ask")
    assert "Delete everything?" in shown(answer)
    back = await world.mira.click(answer.response, custom_id="foley:privacy:show")
    assert "**1** job" in shown(back)
    assert (await world.job()).erased_at is None


async def test_what_is_deleted_is_gone_with_its_messages(world: World) -> None:
    await made(world)
    await made(world, "something else", world.jonas)
    assert len(world.posts()) == 4
    answer = await click(world, "all")
    assert "2 messages are deleted." in shown(answer)
    assert len(world.posts()) == 2  # those of Jonas
    job = await world.job()
    assert (job.prompt, job.options, job.card_id, job.channel_id) == ("", {}, None, 0)
    assert (await world.job(2)).prompt == "something else"
    assert (await exported(world))["jobs"] == []
    assert "**1** emptied job" in shown(await panel(world))
    await world.later(49 * 3600)
    # NetMind's copy went just now.
    await world.later(61)
    assert await rows(world, schema.jobs) == 1
    assert await rows(world, schema.people) == 1


async def test_messages_can_be_left_in_discord(world: World) -> None:
    await made(world)
    answer = await click(world, "data")
    assert shown(answer).strip() == "What was stored about you is deleted."
    assert len(world.posts()) == 2
    assert (await world.job()).prompt == ""


async def test_messages_that_are_gone_keep_nobody_from_deleting_the_rest(world: World) -> None:
    await made(world)
    result, card = world.results()[0], await world.card()
    await result.delete()
    answer = await click(world, "all")
    assert "2 messages are deleted." in shown(answer)
    assert card.id not in {message.id for message in world.posts()}


async def test_messages_that_may_not_be_deleted_are_counted(world: World) -> None:
    await made(world)
    world.forbid("view_channel")
    answer = await click(world, "all")
    assert "2 messages could not be deleted" in shown(answer)
    assert (await world.job()).prompt == ""


async def test_netminds_copies_are_deleted_first_however_long_that_takes(world: World) -> None:
    """The row that knows the generation stays until NetMind has deleted it."""
    await made(world)
    deleted = world.app.netmind.calls.get("delete", 0)
    async with world.app.database.write() as connection:
        # As if the last try had been one too many.
        await connection.execute(sa.update(schema.jobs).values(cleanup_at=None, cleanup_tries=31))
    await click(world, "data")
    assert (await world.job()).cleanup_at is not None
    world.app.workers.janitor.outage.begin(Reason.UNREACHABLE)
    await world.later(0)
    world.move(3 * DAY)
    assert (await world.job()).generation_id is not None
    world.app.workers.janitor.outage.end()
    await world.later(1)
    await world.later(61)
    assert world.app.netmind.calls.get("delete", 0) > deleted
    assert await rows(world, schema.jobs) == 0


async def test_what_is_under_way_is_cancelled_and_nothing_of_it_is_posted(world: World) -> None:
    await world.ask("a secret", duration=1)
    await world.work()
    await click(world, "data")
    await world.finish(120)
    assert (await world.job()).state is JobState.CANCELLED
    assert world.results() == []
    (card,) = world.posts()
    assert "Cancelled" in str(card.embeds[0].title)
    assert "secret" not in str(card.embeds[0].description)


async def test_while_a_message_is_being_posted_nothing_is_deleted_but_soon_after(
    world: World,
) -> None:
    await world.ask("rain", duration=1)
    for _ in range(40):
        world.move(5)
        await world.app.workers.submitter.step()
        await world.app.workers.submitter.tasks.join()
        await world.netmind.rendered()
        await world.app.workers.watcher.step()
        if (await world.job()).ended:
            break
    database, clock = world.app.database, world.clock
    from storage import deliveries

    async with database.write() as connection:
        await deliveries.claim(connection, 1, clock(), timedelta(seconds=60))
    answer = await click(world, "data")
    assert "being posted at this moment" in shown(answer)
    assert (await world.job()).prompt == "rain"
    await world.later(61)
    assert world.results() == []
    await click(world, "data")
    assert (await world.job()).prompt == ""


async def test_a_deleted_job_is_in_no_list_and_its_buttons_do_nothing(world: World) -> None:
    await made(world)
    (result,) = world.results()
    await click(world, "data")
    found, count = await world.app.client.services.desk.jobs_of(world.mira.id, Wanted(), 0, 10)
    assert (found, count) == ([], 0)
    for name in ("again", "star", "delete", "open"):
        answer = (
            await world.mira.click(result, custom_id=f"foley:{name}:1")
            if name != "open"
            else (await world.type(world.mira, "job", id=1))
        )
        assert "not known" in said(answer) or "no job with this number" in said(answer)


async def test_deleting_does_not_give_back_what_a_limit_has_counted(world: World) -> None:
    await world.restart(person_per_day=1)
    await made(world)
    await click(world, "all")
    answer = await world.ask("more", duration=1)
    assert answer.ephemeral
    assert await world.jobs_made() == 1


async def test_a_database_that_is_away_is_told_and_nothing_is_half_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(world)

    async def away(*_: object, **__: object) -> None:
        raise UnavailableError("away")

    with monkeypatch.context() as patch:
        patch.setattr("storage.erasure.forget", away)
        world.tolerate_storage_errors()
        await click(world, "all")
    assert (await world.job()).prompt == "rain"
    assert len(world.posts()) == 2


async def test_what_belongs_to_a_guild_goes_a_week_after_it_removed_the_bot(world: World) -> None:
    await made(world)
    world.env.backend.remove_guild(world.guild.id)
    await world.env.settle()
    async with world.app.database.read() as connection:
        assert await connection.scalar(sa.select(schema.guilds.c.left_at)) == world.clock()
    await world.later(LEFT.total_seconds() - 60)
    assert await rows(world, schema.guilds) == 1
    for _ in range(3):
        await world.later(120)
    assert [await rows(world, table) for table in (schema.guilds, schema.jobs)] == [0, 0]
    assert await rows(world, schema.people) == 1


def _told_of(event: str) -> list[asyncio.Task[Any]]:
    """Return the tasks of the cogs that hear of an event now."""
    name = f"discord.py: {event}"
    return [task for task in asyncio.all_tasks() if task.get_name() == name]


async def test_a_guild_that_takes_the_bot_back_or_goes_on_using_it_keeps_its_data(
    world: World,
) -> None:
    await made(world)
    privacy = world.app.client.services.privacy
    guild = world.app.client.get_guild(world.guild.id)
    for back in ("join", "command"):
        await privacy.note_left(world.guild.id)
        if back == "join":
            world.app.client.dispatch("guild_join", guild)
            await asyncio.gather(*_told_of("on_guild_join"))
        else:
            await world.ask("more", duration=1)
        async with world.app.database.read() as connection:
            assert await connection.scalar(sa.select(schema.guilds.c.left_at)) is None


async def left_at(world: World) -> Any:
    async with world.app.database.read() as connection:
        return await connection.scalar(sa.select(schema.guilds.c.left_at))


async def connect(world: World, shard_id: int = 0) -> None:
    """Have the cogs hear that a shard has its connection."""
    world.app.client.dispatch("shard_ready", shard_id)
    await asyncio.gather(*_told_of("on_shard_ready"))


async def test_what_a_guild_did_while_the_bot_was_off_is_noted_at_the_next_connection(
    world: World,
) -> None:
    await made(world)
    state, guild = world.app.client._connection, world.app.client.get_guild(world.guild.id)
    assert guild is not None
    await connect(world)
    assert await left_at(world) is None
    state._remove_guild(guild)
    await connect(world, shard_id=1)  # its servers are others
    assert await left_at(world) is None
    await connect(world)
    left = world.clock()
    world.move(DAY)
    await connect(world)
    assert await left_at(world) == left
    state._add_guild(guild)
    await connect(world)
    assert await left_at(world) is None


async def test_a_guild_that_the_bot_never_was_in_is_not_one_that_removed_it(world: World) -> None:
    """People have it with them there; what they made is theirs."""
    await made(world)
    async with world.app.database.write() as connection:
        await connection.execute(sa.update(schema.guilds).values(joined=False))
    await world.app.client.services.privacy.call_roll(lambda _: False)
    assert await left_at(world) is None
    await world.app.client.services.privacy.call_roll(lambda _: True)
    await world.app.client.services.privacy.call_roll(lambda _: False)
    assert await left_at(world) == world.clock()


async def test_a_roll_that_cannot_be_noted_is_called_again_at_the_next_connection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(world)

    async def away(*_: object, **__: object) -> None:
        raise UnavailableError("away")

    with monkeypatch.context() as patch:
        patch.setattr("storage.guilds.memberships", away)
        await connect(world)
    world.app.client._connection._remove_guild(world.app.client.guilds[0])
    await connect(world)
    assert await left_at(world) == world.clock()
