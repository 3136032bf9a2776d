"""What moderators see of what is under way, and how they end a job or take a result away."""

from typing import Any

import discord
import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor
from simcord.backend.errors import SetupError
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType
from simcord.results import ResponseMessage

from bot.jobs.reasons import Reason
from cogs.studio_log_query import LogQuery
from storage import audit, notices, schema
from storage.audit import Entry
from storage.notices import NoticeKind
from storage.states import DeliveryState, JobState
from tests.cogs.layouts import shown, walk
from tests.cogs.test_studio import moderator
from tests.world import World, said

UNKNOWN = "There is no job with this number here. /studio log finds them."
CANCELLED = "This job is cancelled already."
ENDED = "This job has ended already. /studio remove takes its result away."
NO_MANAGER = "Only who manages this server may do that."


async def studio(
    world: World,
    morgan: MemberActor,
    what: str,
    where: ChannelHandle | None = None,
    /,
    **chosen: Any,
) -> Any:
    answer = await morgan.slash(where or world.channel, f"studio {what}", **chosen)
    assert answer.ephemeral
    return answer


async def queue(world: World, morgan: MemberActor) -> ResponseMessage:
    page: ResponseMessage = (await studio(world, morgan, "queue")).response
    return page


async def ask(world: World, *prompts: str) -> None:
    for prompt in prompts:
        await world.ask(prompt, duration=1)


async def made(world: World, prompt: str = "rain") -> None:
    await ask(world, prompt)
    await world.until_ended()


def ids(page: ResponseMessage, label: str) -> list[str]:
    return [each["custom_id"] for each in walk(page.components) if each.get("label") == label]


async def press(world: World, person: MemberActor, custom_id: str) -> Any:
    """Press a button that this person was not shown."""
    message = (await world.mira.send(world.channel, "hello")).id
    stored = world.env.backend.get_message(world.channel.id, message)
    button = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id}
    stored.components = [{"type": 1, "components": [button]}]
    return await person.click(
        next(each for each in world.posts() if each.id == message), custom_id=custom_id
    )


async def send_form(world: World, person: MemberActor, form_id: str) -> Any:
    """Send a form that this person was not shown."""
    field = {"type": 4, "custom_id": "reason", "value": "no"}
    data: dict[str, Any] = {
        "custom_id": form_id,
        "components": [{"type": 18, "component": field}],
    }
    return await person._dispatch_interaction(InteractionType.MODAL_SUBMIT, world.channel, data)


async def audited(world: World) -> list[Entry]:
    async with world.app.database.read() as connection:
        return await audit.newest(connection, world.guild.id, 10)


async def told(world: World) -> list[tuple[NoticeKind, str | None]]:
    """Return what Mira is still to be told."""
    async with world.app.database.read() as connection:
        return [(each.what, each.words) for each in await notices.untold(connection, world.mira.id)]


def elsewhere(world: World) -> tuple[MemberActor, ChannelHandle]:
    """Return a moderator of another guild, and their channel."""
    guild = world.env.create_guild("The Other Shop")
    may = discord.Permissions(manage_guild=True)
    role = guild.create_role("moderators", permissions=may)
    otto = guild.add_member(world.env.create_user("otto"), roles=[role])
    return otto, guild.create_text_channel("studio")


# The list


async def test_the_queue_shows_who_asked_for_what_how_it_stands_and_since_when(
    world: World,
) -> None:
    """Private jobs too: moderators answer for them."""
    morgan = moderator(world)
    assert "Nothing is under way here." in shown(await queue(world, morgan))
    await ask(world, "rain on *tin*")
    await world.work()
    world.app.workers.submitter.max_in_flight = 0
    await world.type(world.jonas, "audio", prompt="bells", private=True, duration=1)
    page = await queue(world, morgan)
    at, place = f"<t:{int(world.clock().timestamp())}:R>", f"<#{world.channel.id}>"
    assert shown(page).strip().splitlines() == [
        "## Under way here",
        "-# 2 jobs",
        "🎧 bells",
        f"-# #2 · <@{world.jonas.id}> · ⏳ in the queue · {at} · 🔒 for them alone",
        r"🎧 rain on \*tin\*",
        f"-# #1 · <@{world.mira.id}> · ⚙️ being made · {at} · {place}",
    ]
    assert ids(page, "Cancel") == ["foley:ending:2:0", "foley:ending:1:0"]


async def test_the_pages_turn_also_after_a_restart(world: World) -> None:
    world.app.workers.submitter.max_in_flight = 0
    await ask(world, *[f"rain {number}" for number in range(6)])
    morgan = moderator(world)
    pages = [await queue(world, morgan) for _ in range(2)]
    assert "page 1 of 2" in shown(pages[0])
    await world.restart()
    older: Any = await morgan.click(pages[0], label="Older")
    assert "rain 0" in shown(older.response)
    assert "rain 5" not in shown(older.response)
    await studio(world, morgan, "cancel", job=1, reason="no")
    fewer: Any = await morgan.click(pages[1], label="Older")
    assert "rain 5" in shown(fewer.response)


# Cancelling


async def test_a_moderator_cancels_with_a_reason_and_all_that_follows(world: World) -> None:
    await ask(world, "rain")
    await world.work()
    assert (await world.job()).state is JobState.GENERATING
    morgan = moderator(world)
    form = await morgan.click(await queue(world, morgan), label="Cancel")
    answer: Any = await morgan.submit_modal(form, {"reason": "Not *this*\nagain."})
    assert "🚫 #1 is cancelled." in shown(answer.response)
    assert "Nothing is under way here." in shown(answer.response)
    await world.finish(600)
    job = await world.job()
    assert (job.state, job.reason) == (JobState.CANCELLED, Reason.MODERATED)
    card = str((await world.card()).embeds[0].description)
    assert r"Cancelled by a moderator: Not \*this\* again." in card
    assert all(each.deleted_at for each in world.netmind.generations.values())
    assert world.posts() == [await world.card()]
    (entry,) = await audited(world)
    assert (entry.by, entry.what) == (morgan.id, "cancel")
    assert entry.detail == {"job": 1, "person": world.mira.id, "reason": "Not *this* again."}
    assert await told(world) == []


async def test_a_moderator_tells_who_has_a_private_card_in_another_way(world: World) -> None:
    """Nobody can edit that card. A result that is kept for its person is kept no longer."""
    await world.ask("a secret", private=True, duration=1)
    await world.until_ended()
    await world.ask("another", private=True, duration=1)
    morgan = moderator(world)
    await studio(world, morgan, "remove", job=1, reason="out")
    await studio(world, morgan, "cancel", job=2, reason="no")
    await world.work()
    assert all(each.deleted_at for each in world.netmind.generations.values())
    assert await told(world) == [(NoticeKind.REMOVED, "out"), (NoticeKind.CANCELLED, "no")]


async def test_of_two_moderators_one_cancels_and_the_other_is_told(world: World) -> None:
    """Their forms were opened before a restart."""
    await ask(world, "rain")
    first, second = moderator(world), moderator(world, "moritz")
    forms = [
        await first.click(await queue(world, first), label="Cancel"),
        await second.click(await queue(world, second), label="Cancel"),
    ]
    await world.restart()
    await world.replay(await first.submit_modal(forms[0], {"reason": "one"}))
    assert said(await second.submit_modal(forms[1], {"reason": "two"})) == CANCELLED
    assert (await world.job()).detail == "one"
    assert [entry.by for entry in await audited(world)] == [first.id]


async def test_another_guilds_job_and_a_deleted_one_are_as_good_as_unknown(world: World) -> None:
    """A number can be made up, and one that is right says no more than one that is wrong."""
    await made(world)
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    otto, channel = elsewhere(world)
    assert "bells" not in shown((await studio(world, otto, "queue", channel)).response)
    assert await otto.autocomplete(channel, "studio cancel", "job", "", reason="x") == []
    for what in ("cancel", "remove"):
        for job in (1, 2, 77):
            answer = await studio(world, otto, what, channel, job=job, reason="no")
            assert said(answer) == UNKNOWN
    assert (await world.job(2)).state is JobState.QUEUED
    assert len(world.results()) == 1
    morgan = moderator(world)
    typed = await morgan.autocomplete(world.channel, "studio remove", "job", "1", reason="x")
    assert [(each["name"], each["value"]) for each in typed] == [("#1 rain", 1)]
    await world.app.client.services.privacy.erase(world.mira.id, messages=False)
    for what in ("cancel", "remove"):
        assert said(await studio(world, morgan, what, job=1, reason="no")) == UNKNOWN


async def test_what_waits_for_moderators_is_cancelled_or_decided_where_it_waits(
    world: World,
) -> None:
    channel, morgan = world.guild.create_text_channel("moderators"), moderator(world)
    choose = world.app.client.services.choices.choose
    await choose(world.guild.id, log_channel_id=channel.id, review_results=True)
    await ask(world, "rain")
    while not (await world.job()).ended:
        await world.later(30)
    assert (await world.job()).reason == Reason.IN_REVIEW
    answer = await studio(world, morgan, "remove", job=1, reason="no")
    assert said(answer) == "This result waits for you; decide there what becomes of it."
    await choose(world.guild.id, review_prompts=True)
    await ask(world, "bells")
    assert (await world.job(2)).state is JobState.HELD
    await studio(world, morgan, "cancel", job=2, reason="no")
    await world.work()
    assert (await world.job(2)).state is JobState.CANCELLED
    assert len(world.netmind.generations) == 1


async def test_who_does_not_manage_the_server_is_offered_nothing_and_no_known_id_helps(
    world: World,
) -> None:
    await ask(world, "rain")
    group: Any = world.app.client.tree.get_command("studio")
    names = {command.name for command in group.commands}
    assert {"queue", "cancel", "remove", "log", "lines"} <= names
    assert len(names) <= 25
    with pytest.raises(SetupError):
        await world.jonas.slash(world.channel, "studio queue")
    answers = [
        await press(world, world.jonas, "foley:ending:1:0"),
        await press(world, world.jonas, "foley:running:next:0"),
        await press(world, world.jonas, LogQuery().custom_id("next")),
        await send_form(world, world.jonas, "foley:ending:1:0"),
    ]
    assert [said(answer) for answer in answers] == [NO_MANAGER] * 4
    assert all(answer.ephemeral for answer in answers)
    assert (await world.job()).state is JobState.QUEUED


# Removing


async def test_a_moderator_takes_a_result_away_and_its_person_is_told(world: World) -> None:
    await made(world)
    morgan = moderator(world)
    answer = await studio(world, morgan, "remove", job=1, reason="too loud")
    assert said(answer) == "🗑️ #1 is removed."
    assert world.results() == []
    assert (await world.job()).removed_at == world.clock()
    await world.work()
    assert all(each.deleted_at for each in world.netmind.generations.values())
    (entry,) = await audited(world)
    assert (entry.by, entry.what) == (morgan.id, "remove")
    assert entry.detail == {"job": 1, "person": world.mira.id, "reason": "too loud"}
    assert await told(world) == [(NoticeKind.REMOVED, "too loud")]


async def test_a_second_removal_deletes_what_the_first_left_behind_and_changes_nothing(
    world: World,
) -> None:
    """Whoever was first may have died before Discord was asked. Nobody is told of their own."""
    morgan = moderator(world)
    await world.type(morgan, "audio", prompt="rain", duration=1)
    await world.until_ended()
    await world.app.client.services.moderators.remove(world.guild.id, morgan.id, 1, "no")
    assert len(world.results()) == 1
    answer = await studio(world, morgan, "remove", job=1, reason="no")
    assert said(answer) == "It was removed already."
    assert world.results() == []
    assert len(await audited(world)) == 1
    async with world.app.database.read() as connection:
        assert await notices.untold(connection, morgan.id) == []


async def test_what_cannot_be_ended_or_removed_says_why(world: World) -> None:
    await made(world)
    morgan = moderator(world)
    await ask(world, "bells", "wind")

    async def tried(what: str, job: int, reason: str = "no") -> str:
        return said(await studio(world, morgan, what, job=job, reason=reason))

    for what, job in (("cancel", 2), ("remove", 1)):
        assert await tried(what, job, " ") == "Say in a few words why; the person reads it."
    assert await tried("cancel", 1) == ENDED
    assert said(await press(world, morgan, "foley:ending:1:0")) == ENDED
    assert await tried("remove", 2) == "This job is still under way. /studio cancel ends it."
    assert await audited(world) == []
    assert await tried("cancel", 2) == "🚫 #2 is cancelled."
    assert await tried("remove", 2) == "This job has no result that could be removed."
    async with world.app.database.write() as connection:
        await connection.execute(sa.update(schema.deliveries).values(state=DeliveryState.SENDING))
    # The message would be there after all.
    assert await tried("remove", 1) == "It is being posted just now. Try again in a moment."
    assert len(world.results()) == 1


async def test_where_discord_lets_us_in_no_more_it_is_removed_and_explained(world: World) -> None:
    """Both are among the changes."""
    await made(world)
    await ask(world, "bells")
    world.forbid("view_channel")
    channel, morgan = world.guild.create_text_channel("moderators"), moderator(world)
    answer = await studio(world, morgan, "remove", channel, job=1, reason="too loud")
    assert "does not let me into" in said(answer)
    assert (await world.job()).removed_at is not None
    await studio(world, morgan, "cancel", channel, job=2, reason="no bells")
    changes = await studio(world, morgan, "changes", channel)
    text = str(changes.response.embeds[0].description)
    assert f"**1** <@{morgan.id}> cancelled a job <t:" in text
    assert f"> <@{world.mira.id}> no bells" in text
    assert f"**2** <@{morgan.id}> removed a result <t:" in text
