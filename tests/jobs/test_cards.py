"""The card: it shows how a job stands, costs few edits, and is closed exactly once."""

import re
from itertools import pairwise
from typing import Any

import pytest

from bot.sandbox.netmind import Pace
from tests.world import World


def described(embed: dict[str, object]) -> str:
    return f"{embed['title']} {embed['description']}"


async def test_a_short_job_costs_three_edits_at_most(world: World) -> None:
    await world.ask("rain", duration=1)
    card = world.posts()[0]
    await world.finish(60)
    assert 1 <= len(world.card_edits(card)) <= 3


async def test_the_keeper_forgets_what_has_ended(world: World) -> None:
    """Whoever closed the card: a bot that runs for years must not remember every job."""
    await world.ask("rain", duration=1)
    await world.ask("wind", duration=1)
    await world.work()
    assert len(world.app.workers.cards._shown) == 2
    await world.press_cancel(world.mira)
    await world.until_ended(2)
    assert world.app.workers.cards._shown == {}


async def test_the_last_edit_comes_once_and_takes_the_button_away(world: World) -> None:
    await world.ask("rain", duration=1)
    card = world.posts()[0]
    await world.until_ended()
    await world.finish(600)
    edits = world.card_edits(card)
    closing = [edit for edit in edits if edit.body.get("components") == []]
    assert closing == edits[-1:]
    assert "ready" in closing[0].body["embeds"][0]["title"]


async def test_edits_keep_their_distance(world: World) -> None:
    """A new state shows at once, the bar alone moves twice a minute."""
    world.netmind._paces["video"] = Pace(pending=5, making=150)
    await world.ask("a pier", "video")
    card = world.posts()[0]
    for _ in range(120):
        await world.later(4)
        if (await world.job()).card_closed:
            break
    edits = world.card_edits(card)
    under_way, last = edits[:-1], edits[-1]
    assert (under_way[0].at - (await world.job()).created_at).total_seconds() >= 5
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(under_way)]
    assert gaps
    assert min(gaps) >= 30
    assert last.body.get("components") == []


async def test_no_edit_says_what_the_card_says_already(world: World) -> None:
    world.netmind._paces["video"] = Pace(pending=5, making=300)
    await world.ask("a pier", "video")
    card = world.posts()[0]
    shown = [described(card.embeds[0].to_dict())]  # type: ignore[arg-type] # a plain dict
    for _ in range(120):
        await world.later(4)
        if (await world.job()).card_closed:
            break
    shown += [described(edit.body["embeds"][0]) for edit in world.card_edits(card)]
    assert all(earlier != later for earlier, later in pairwise(shown))


async def test_without_a_change_there_is_no_edit(world: World) -> None:
    world.app.workers.submitter.max_in_flight = 0
    await world.ask("rain", duration=1)
    card = world.posts()[0]
    await world.finish(600)
    assert len(world.card_edits(card)) <= 1


@pytest.mark.parametrize("most", [1, 3])
async def test_no_more_than_allowed_are_in_flight_and_the_queue_moves_on(
    world: World, most: int
) -> None:
    world.app.workers.submitter.max_in_flight = most
    for number in range(7):
        await world.ask(f"rain {number}", duration=1)
    running = []
    for _ in range(60):
        await world.later(3)
        alive = [one for one in world.netmind.generations.values() if one.deleted_at is None]
        running.append(len(alive))
        if len(world.results()) == 7:
            break
    assert len(world.results()) == 7
    assert max(running) <= most
    # First come, first served.
    names = [file.filename for post in world.results() for file in post.attachments]
    if most == 1:
        assert names == [f"rain-{number}-{number + 1}.flac" for number in range(7)]


async def test_the_place_in_the_queue_counts_down(world: World) -> None:
    world.app.workers.submitter.max_in_flight = 1
    world.app.client.services.desk.standings.max_in_flight = 1
    world.netmind._paces["audio"] = Pace(pending=1, making=40)
    for number in range(4):
        await world.ask(f"rain {number}", duration=1)
    places = []
    for _ in range(60):
        await world.later(6)
        embed = (await world.card(4)).embeds[0]
        found = re.search(r"(\d+) ahead", f"{embed.title} {embed.description}")
        places.append(int(found[1]) if found else 0)
        if (await world.job(4)).card_closed:
            break
    assert places[0] == 3
    assert places == sorted(places, reverse=True)
    assert set(places) == {3, 2, 1, 0}


async def test_a_card_says_what_is_going_on(world: World) -> None:
    """Title by title, as the person sees it."""
    titles = []
    world.app.workers.submitter.max_in_flight = 0
    world.app.client.services.desk.standings.max_in_flight = 0
    await world.ask("rain", duration=1)
    titles.append((await world.card()).embeds[0].title)
    world.app.workers.submitter.max_in_flight = 8
    world.netmind.next_outcome("marinating")
    await world.later(10)
    await world.later(10)
    titles.append((await world.card()).embeds[0].title)
    await world.until_ended()
    titles.append((await world.card()).embeds[0].title)
    assert "queue" in str(titles[0])
    assert "Making your sound" in str(titles[1])
    assert "did not work" in str(titles[2])


async def test_a_card_that_discord_does_not_take_is_tried_again(world: World) -> None:
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=500, times=3)
    await world.ask("rain", duration=1)
    await world.until_ended()
    assert (await world.card()).components == []


async def test_a_card_that_discord_never_takes_is_given_up(world: World) -> None:
    """Its end stands in the message below."""
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=500, times=None)
    await world.ask("rain", duration=1)
    await world.until_ended(step=60)
    edits = len(world.card_edits(world.posts()[0]))
    await world.finish(3600)
    assert len(world.card_edits(world.posts()[0])) == edits


async def test_more_ended_cards_than_fit_one_round_are_all_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.cards.AT_ONCE", 2)
    for number in range(4):
        await world.ask(f"rain {number}", duration=1)
        await world.app.client.services.desk.cancel(number + 1, world.mira.id)
    again = 0
    while await world.app.workers.cards.step() is not None:
        again += 1
    assert again <= 3
    for number in range(4):
        assert (await world.job(number + 1)).card_closed


async def test_a_card_that_is_cancelled_while_it_is_edited_says_so_in_the_end(world: World) -> None:
    """The click's edit came first, ours after it, and nobody edits a closed card again."""
    await world.ask("rain", duration=1)
    await world.work(rounds=1)
    keeper, desk = world.app.workers.cards, world.app.client.services.desk
    edit = keeper.post.edit

    async def late(*args: Any) -> None:
        keeper.post.edit = edit  # type: ignore[method-assign] # once
        await desk.cancel(1, world.mira.id)
        await desk.note_closed(1)
        await edit(*args)

    keeper.post.edit = late  # type: ignore[method-assign, assignment] # as slow as Discord may be
    world.move(60)
    await keeper.step()
    assert "Cancelled" in str((await world.card()).embeds[0].title)
