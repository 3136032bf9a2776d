"""Posting with the bot's own token: what Discord's answers mean, and when nothing is asked."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import ui

from bot import post
from bot.letter import Found, Letter
from bot.post import Post
from bot.rest import LONGEST, MOST
from storage.states import DeliveryState
from tests.world import World


@pytest.fixture
def poster(world: World) -> Post:
    return world.app.workers.courier.post


def letter(world: World, text: str = "hello", nonce: str = "n1") -> Letter:
    return Letter(world.channel.id, text, world.mira.id, nonce)


def trouble(world: World, status: int, code: int = 0) -> None:
    """Have Discord answer every message so."""
    world.env.backend.faults.clear()
    world.env.inject_error(
        "POST", f"/channels/{world.channel.id}/messages", status=status, code=code, times=None
    )


def asked(world: World) -> int:
    return len(world.env.http_requests)


async def test_a_letter_mentions_its_addressee_alone_and_its_nonce_is_enforced(
    world: World, poster: Post
) -> None:
    text = f"<@{world.mira.id}> <@{world.jonas.id}> @everyone"
    posted = await poster.send(letter(world, text))
    (message,) = world.posts()
    assert posted == Found(message.id, has_file=False, channel_id=world.channel.id)
    (sent,) = world.sent("POST", "/messages")
    allowed = sent.body["allowed_mentions"]
    assert (allowed["parse"], [int(each) for each in allowed["users"]]) == ([], [world.mira.id])
    assert (sent.body["nonce"], sent.body["enforce_nonce"]) == ("n1", True)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, 50013, post.NotAllowedError),
        (404, 10003, post.ChannelGoneError),
        (413, 40005, post.TooLargeError),
        (400, 40005, post.TooLargeError),
        (400, 50035, post.NotTakenError),
        (500, 0, post.NoAnswerError),
        (503, 0, post.NoAnswerError),
        (401, 0, post.RestingError),
        (429, 0, post.RestingError),
    ],
)
async def test_each_answer_has_its_meaning(
    world: World, poster: Post, status: int, code: int, error: type[post.PostError]
) -> None:
    trouble(world, status, code)
    with pytest.raises(error) as caught:
        await poster.send(letter(world))
    assert type(caught.value) is error
    assert isinstance(caught.value.__cause__, discord.HTTPException)


@pytest.mark.parametrize(
    "error", [aiohttp.ClientOSError(), TimeoutError(), OSError(), aiohttp.ServerDisconnectedError()]
)
async def test_a_broken_connection_is_no_answer(
    world: World, poster: Post, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def broken(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr(world.app.client.http, "request", broken)
    with pytest.raises(post.NoAnswerError):
        await poster.send(letter(world))


@pytest.mark.parametrize("status", [401, 429])
async def test_a_refusal_that_means_us_begins_a_rest_in_which_nothing_is_asked(
    world: World, poster: Post, status: int
) -> None:
    trouble(world, status)
    with pytest.raises(post.RestingError) as caught:
        await poster.send(letter(world))
    assert caught.value.seconds == LONGEST
    world.env.backend.faults.clear()

    before = asked(world)
    world.move(LONGEST - 1)
    with pytest.raises(post.RestingError):
        await poster.send(letter(world))
    with pytest.raises(post.RestingError):
        await poster.edit(world.channel.id, 1, discord.Embed(), ui.View())
    with pytest.raises(post.RestingError):
        await poster.find(world.channel.id, 1, "marker")
    assert asked(world) == before

    world.move(1)
    await poster.send(letter(world))
    assert len(world.posts()) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7.5", 7.5), ("3600", LONGEST), ("soon", LONGEST), (None, LONGEST)]
)
async def test_the_rest_that_discord_asks_for_is_kept_up_to_half_a_minute(
    world: World,
    poster: Post,
    monkeypatch: pytest.MonkeyPatch,
    header: str | None,
    seconds: float,
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    response: Any = SimpleNamespace(status=429, reason="Too Many Requests", headers=headers)

    async def refused(*_: object, **__: object) -> Any:
        raise discord.HTTPException(response, "error code: 1015")

    monkeypatch.setattr(world.app.client.http, "request", refused)
    with pytest.raises(post.RestingError) as caught:
        await poster.send(letter(world))
    assert caught.value.seconds == seconds


async def test_a_refusal_of_one_message_begins_no_rest(world: World, poster: Post) -> None:
    for status in (403, 404, 400, 500):
        trouble(world, status)
        with pytest.raises(post.PostError):
            await poster.send(letter(world))
    world.env.backend.faults.clear()
    await poster.send(letter(world))


async def test_too_many_refusals_of_all_kinds_lead_to_a_rest(world: World, poster: Post) -> None:
    """Discord shuts out an address that asks what it may not ask too often."""
    trouble(world, 403, 50013)
    for _ in range(MOST):
        with pytest.raises(post.NotAllowedError):
            await poster.send(letter(world))
    with pytest.raises(post.RestingError):
        await poster.send(letter(world))
    assert len(world.sent("POST", "/messages")) == MOST


async def test_answers_that_are_no_refusals_do_not_count_as_such(
    world: World, poster: Post
) -> None:
    for status in (404, 400, 500):
        trouble(world, status)
        for _ in range(MOST // 2):
            with pytest.raises(post.PostError) as caught:
                await poster.send(letter(world))
            assert not isinstance(caught.value, post.RestingError)


async def test_a_message_is_found_by_its_marker_and_its_author(world: World, poster: Post) -> None:
    await world.jonas.send(world.channel, "fake marker")
    assert await poster.find(world.channel.id, 1, "marker") is None
    posted = await poster.send(letter(world, "the marker"))
    found = await poster.find(world.channel.id, 1, "marker")
    assert found == posted
    assert await poster.find(world.channel.id, posted.message_id, "marker") is None


# What a rest means for deliveries


async def test_a_rest_costs_a_delivery_nothing_but_time(world: World) -> None:
    """It is not counted as an attempt, and surely not posted."""
    await world.ask("rain", duration=1)
    await world.work()
    trouble(world, 429)
    for _ in range(40):
        await world.later(30)
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.attempts, delivery.sending_at) == (0, None)
    world.env.backend.faults.clear()
    await world.later(30)
    assert len(world.results()) == 1


async def test_during_a_rest_no_delivery_and_no_card_asks_anything(world: World) -> None:
    for number in range(4):
        await world.ask(f"rain {number}", duration=1)
    await world.work()
    trouble(world, 401)
    world.move(20)
    await world.app.workers.watcher.step()
    await world.app.workers.courier.step()
    await world.app.workers.courier.tasks.join()
    assert len(world.sent("POST", f"/channels/{world.channel.id}/messages")) <= 4
    before = asked(world)
    for _ in range(5):
        world.move(5)
        await world.work(rounds=1)
    assert asked(world) == before
    world.env.backend.faults.clear()
    await world.until_ended(1, 2, 3, 4)
    assert len(world.results()) == 4


async def test_a_rest_for_a_day_is_long_enough_to_give_up(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    world.env.inject_error("*", "/channels/*", status=401, times=None)
    await world.later(30)
    await world.later(24 * 3600)
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.UNDELIVERABLE
