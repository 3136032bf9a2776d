"""A result is looked at before others see it, and what becomes of it then is the guild's choice."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from simcord.builders import ChannelHandle

from bot.look.finding import Finding
from bot.look.looker import Seen
from storage import deliveries, reviews, schema
from storage.looks import Look
from storage.review_states import Matter, ReviewState
from storage.states import DeliveryState
from tests.cogs.test_review import moderator, until_made
from tests.world import World

LOUD = "so loud that it can hurt"


class Looker:
    """Finds what it is told to, and counts."""

    def __init__(self, finding: Finding | None) -> None:
        self.finding = finding
        self.seen: list[tuple[str, str, str]] = []

    async def look(self, path: Path, kind: str, prompt: str, model: str) -> Seen:
        assert path.exists()
        self.seen.append((kind, prompt, model))
        return Seen(self.finding)


def looks(world: World, finding: Finding | None = Finding.LOUD) -> Looker:
    looker = Looker(finding)
    sender: Any = world.app.workers.courier.sender
    sender.inspector.looker = looker
    return looker


async def choose(world: World, **chosen: Any) -> None:
    await world.app.client.services.choices.choose(world.guild.id, **chosen)


async def make(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()


async def held(world: World) -> ChannelHandle:
    """Have a doubtful result be held; return the channel of the moderators."""
    channel = world.guild.create_text_channel("moderators")
    await choose(world, look=Look.HOLD, log_channel_id=channel.id)
    await world.ask("rain", duration=1)
    await until_made(world)
    await world.finish(30)
    return channel


async def test_what_looks_right_is_posted_as_it_is(world: World) -> None:
    looker = looks(world, None)
    await make(world)
    (result,) = world.results()
    assert not result.attachments[0].is_spoiler()
    assert looker.seen == [("audio", "rain", "mmaudio")]


async def test_what_does_not_look_right_is_hidden_and_says_why(world: World) -> None:
    looks(world)
    await make(world)
    (result,) = world.results()
    assert result.attachments[0].is_spoiler()
    assert LOUD in result.content


async def test_a_guild_can_have_nothing_looked_at(world: World) -> None:
    looker = looks(world)
    await choose(world, look=Look.OFF)
    await make(world)
    assert looker.seen == []
    assert not world.results()[0].attachments[0].is_spoiler()


async def test_nothing_is_looked_at_in_channels_for_adults(world: World) -> None:
    looker = looks(world)
    # The Discord of these tests has no such channels.
    channel: Any = world.app.client.get_channel(world.channel.id)
    channel.nsfw = True
    await make(world)
    assert looker.seen == []


async def test_nothing_is_looked_at_that_only_its_person_gets(world: World) -> None:
    looker = looks(world)
    await world.app.client.services.choices.prefer(world.mira.id, private=True, direct=True)
    await make(world)
    assert looker.seen == []


@pytest.mark.parametrize("closed", [False, True])
async def test_what_could_not_be_looked_at_is_hidden_only_where_that_is_wanted(
    world: World, *, closed: bool
) -> None:
    looks(world, Finding.UNSEEN)
    await choose(world, look_closed=closed)
    await make(world)
    assert world.results()[0].attachments[0].is_spoiler() is closed


async def test_what_is_held_waits_for_moderators_who_read_what_was_found(world: World) -> None:
    looks(world)
    channel = await held(world)
    assert world.results() == []
    (told,) = world.posts(channel)
    assert LOUD in told.content
    assert (await world.job()).reason == "in_review"
    async with world.app.database.read() as connection:
        assert await deliveries.of_jobs(connection, [1]) == {}
        review = await reviews.of_job(connection, 1, Matter.RESULT)
    assert review is not None
    assert (review.state, review.finding) == (ReviewState.OPEN, "loud")


async def test_what_moderators_have_approved_is_posted_and_not_looked_at_again(
    world: World,
) -> None:
    looker = looks(world)
    channel = await held(world)
    mona = moderator(world)
    await mona.click(world.posts(channel)[0], custom_id="foley:review:approve:1")
    await world.finish(60)
    (result,) = world.results()
    assert not result.attachments[0].is_spoiler()
    assert len(looker.seen) == 1


async def test_a_copy_of_what_was_private_is_looked_at_and_hidden(world: World) -> None:
    looks(world)
    await choose(world, look=Look.HOLD)
    await world.app.client.services.choices.prefer(world.mira.id, private=True)
    await make(world)
    own: Any = await world.type(world.mira, "job", id=1)
    await world.mira.click(own.response, custom_id="foley:post:1")
    await world.finish(60)
    (result,) = world.results()
    assert result.attachments[0].is_spoiler()


async def test_nobody_is_asked_about_what_was_posted_before_the_bot_died(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service may change its mind between two tries."""
    looks(world, None)

    async def nothing() -> None:
        """Leave NetMind's copy."""

    monkeypatch.setattr(world.app.workers.janitor, "step", nothing)
    await choose(world, look=Look.HOLD)
    await make(world)
    died = {"state": DeliveryState.SENDING, "message_id": None, "lease_until": world.clock()}
    async with world.app.database.write() as connection:
        await connection.execute(sa.update(schema.deliveries).values(**died))
    looker = looks(world, Finding.LOUD)
    await world.later(120)
    assert len(looker.seen) == 1
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.SENT
    assert len(world.results()) == 1
