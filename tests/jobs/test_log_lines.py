"""Each job that has ended is one line in the moderators' channel, if they want that."""

from datetime import timedelta
from typing import Any, NamedTuple

import discord
import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot import log_line
from bot.jobs import log_lines
from bot.jobs.reasons import Reason
from bot.jobs.sending import NONCE_WINDOW
from bot.language import language
from storage import deliveries, schema
from storage.deliveries import Delivery, DeliveryKind
from storage.guilds import GuildSettings
from storage.states import DeliveryState, JobState
from tests.cogs.test_studio import moderator
from tests.cogs.test_studio_queue import studio
from tests.jobs.makers import NOON, a_job
from tests.world import World, said

NO_CHANNEL = "First choose the channel in which I write them, with /studio reports."
ENGLISH = language("en")


class Room(NamedTuple):
    """A guild whose moderators have a channel, and one of them; each job is a line there."""

    world: World
    channel: ChannelHandle
    morgan: MemberActor

    def lines(self) -> list[discord.Message]:
        return self.world.posts(self.channel)


@pytest.fixture
async def room(world: World) -> Room:
    channel = world.guild.create_text_channel("moderators")
    morgan = moderator(world)
    await studio(world, morgan, "reports", channel=channel)
    answer = await studio(world, morgan, "lines", on=True)
    assert said(answer) == f"Each job that ends is a line in <#{channel.id}> from now on."
    return Room(world, channel, morgan)


async def made(world: World, prompt: str = "rain", **options: Any) -> None:
    await world.ask(prompt, duration=1, **options)
    await world.until_ended(await world.jobs_made())
    await world.work()


async def line_of(world: World, job_id: int = 1) -> Delivery | None:
    table = schema.deliveries
    wanted = sa.select(table).where(table.c.kind == DeliveryKind.LOG, table.c.job_id == job_id)
    async with world.app.database.read() as connection:
        row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else deliveries.read(row)


async def settings(world: World) -> GuildSettings:
    return await world.app.client.services.choices.of_guild(world.guild.id)


# What a line says


async def test_a_line_has_who_what_how_long_and_the_way_to_it(room: Room) -> None:
    world = room.world
    await made(world, "rain on *tin*")
    (line,) = room.lines()
    told = await line_of(world)
    assert told is not None
    (result,) = world.results()
    job = await world.job()
    assert job.generating_at is not None
    assert job.ended_at is not None
    took = (job.ended_at - job.generating_at).total_seconds()
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{result.id}"
    assert line.content == (
        rf"✅ #1/{told.id} · <@{world.mira.id}> 🎧 rain on \*tin\* · mmaudio · {took:.0f} s"
        f" · [Open]({link})"
    )
    (sent,) = world.sent("POST", f"/channels/{room.channel.id}/messages")
    assert sent.body["allowed_mentions"] == {"parse": [], "users": []}
    assert (told.state, told.message_id) == (DeliveryState.SENT, line.id)
    assert all(each.deleted_at for each in world.netmind.generations.values())


def test_a_line_says_why_there_is_no_file() -> None:
    ended = a_job(id=7, ended_at=NOON, state=JobState.FAILED, reason=Reason.TOO_LATE)
    assert log_line.write(ended, None, 9, ENGLISH) == (
        "⚠️ #7/9 · <@42> 🎧 rain · mmaudio"
        " · It was not ready in time, so it was stopped. Try again in a while."
    )
    theirs = {"state": JobState.CANCELLED, "reason": Reason.MODERATED, "detail": "*no*"}
    assert log_line.write(a_job(id=7, **theirs), None, 9, ENGLISH) == (
        r"🚫 #7/9 · <@42> 🎧 rain · mmaudio · A moderator of this server cancelled it. “\*no\*”"
    )


@pytest.mark.parametrize(
    ("facts", "icon", "words"),
    [
        ({"state": JobState.CANCELLED}, "🚫", ""),
        ({"state": JobState.REJECTED, "reason": Reason.REQUEST_EXPIRED}, "🚫", "in time"),
        ({"state": JobState.FINISHED, "reason": Reason.PRIVATE}, "🔒", ""),
        ({"state": JobState.FINISHED, "reason": Reason.UNDELIVERABLE}, "⚠️", "not posted"),
        ({"state": JobState.FINISHED, "removed_at": NOON}, "🗑️", ""),
    ],
)
def test_every_end_has_its_sign(facts: dict[str, Any], icon: str, words: str) -> None:
    line = log_line.write(a_job(**facts), None, 9, ENGLISH)
    assert line.startswith(f"{icon} #7/9 · ")
    assert words in line
    assert "\n" not in line


def test_the_longest_line_fits_into_a_message() -> None:
    words = {"reason": Reason.REQUEST_REJECTED, "detail": "*" * 500, "model": "_" * 64}
    job = a_job(id=10**17, requester_id=2**63 - 1, prompt="*" * 2000, state="rejected", **words)
    assert len(log_line.write(job, None, 10**17, ENGLISH)) < 1900


# Which jobs have one


async def test_every_end_is_a_line_and_only_its_person_can_open_what_is_private(
    room: Room,
) -> None:
    world = room.world
    await made(world, "a secret", private=True)
    world.netmind.next_outcome("failed")
    await made(world, "thunder")
    answer = await world.ask("bells", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    await world.work()
    assert [line.content[0] for line in room.lines()] == ["🔒", "⚠", "🚫"]
    secret, thunder, bells = [line.content for line in room.lines()]
    assert "a secret" in secret
    assert "http" not in secret
    assert f"/{world.notices()[-1].id})" in thunder
    assert "bells" in bells


async def test_lines_begin_and_end_when_it_is_said_and_that_can_be_undone(world: World) -> None:
    morgan = moderator(world)
    assert said(await studio(world, morgan, "lines", on=True)) == NO_CHANNEL
    channel = world.guild.create_text_channel("moderators")
    await studio(world, morgan, "reports", channel=channel)
    await made(world)
    world.move(1)
    await studio(world, morgan, "lines", on=True)
    since = (await settings(world)).log_lines_since
    assert since == world.clock()
    world.move(60)
    await studio(world, morgan, "lines", on=True)
    await world.work()
    assert (await settings(world)).log_lines_since == since
    answer = await studio(world, morgan, "lines", on=False)
    assert said(answer) == "Jobs are not written as lines any more."
    await made(world)
    assert world.posts(channel) == []
    shown = (await studio(world, morgan, "changes")).response
    assert f"**1** <@{morgan.id}> changed a setting" in str(shown.embeds[0].description)
    await morgan.click(shown, label="Undo 1")
    assert (await settings(world)).log_lines_since == since


# Once, and no harm to anything else


@pytest.mark.parametrize("wait", [0, NONCE_WINDOW.total_seconds() + 1])
async def test_a_line_whose_answer_was_lost_is_posted_once(
    room: Room, monkeypatch: pytest.MonkeyPatch, wait: float
) -> None:
    """Within the window Discord drops a second one by its nonce; past it, the first is found."""
    world = room.world
    send = world.app.workers.courier.post._send

    async def lost(letter: Any) -> Any:
        sent = await send(letter)
        if letter.channel_id == room.channel.id:
            raise TimeoutError
        return sent

    monkeypatch.setattr(world.app.workers.courier.post, "_send", lost)
    await made(world)
    line = await line_of(world)
    assert line is not None
    assert line.state is DeliveryState.SENDING
    await world.restart()
    world.move(wait)
    await world.finish(30)
    path = f"/channels/{room.channel.id}/messages"
    nonces = [request.body["nonce"] for request in world.sent("POST", path)]
    assert len(set(nonces)) == 1
    assert len(nonces) == len(room.lines()) == (1 if wait else 2)
    line = await line_of(world)
    assert line is not None
    assert line.state is DeliveryState.SENT


async def test_where_the_channel_is_gone_the_line_is_given_up_and_nothing_else(
    room: Room,
) -> None:
    world = room.world
    world.env.backend.delete_channel(room.channel.id)
    await world.env.settle()
    await made(world)
    line = await line_of(world)
    assert line is not None
    assert (line.state, line.attempts) == (DeliveryState.UNDELIVERABLE, 1)
    job = await world.job()
    assert (job.reason, job.card_closed) == (None, True)
    assert all(each.deleted_at for each in world.netmind.generations.values())
    assert await world.app.client.services.desk.untold(world.mira.id) == []
    asked = len(world.sent("POST", f"/channels/{room.channel.id}/messages"))
    await world.finish(3600)
    assert len(world.sent("POST", f"/channels/{room.channel.id}/messages")) == asked


async def test_few_lines_are_on_their_way_at_a_time_and_what_is_old_has_none(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = room.world
    monkeypatch.setattr(log_lines, "AT_ONCE", 2)
    for _ in range(3):
        answer = await world.ask("rain", duration=1)
        await world.mira.click(answer.response, label="Cancel")
    for expected in (2, 2):
        await world.app.workers.janitor.step()
        async with world.app.database.read() as connection:
            assert len(await deliveries_of(connection)) == expected
    await world.work()
    await world.work()
    assert len(room.lines()) == 3
    answer = await world.ask("rain", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    world.move((log_lines.NEWS + timedelta(seconds=1)).total_seconds())
    await world.work()
    assert len(room.lines()) == 3


async def deliveries_of(connection: Any) -> list[int]:
    table = schema.deliveries
    rows = await connection.execute(sa.select(table.c.id).where(table.c.kind == DeliveryKind.LOG))
    return list(rows.scalars())
