"""/studio stats: what moderators see of how the bot was used."""

import asyncio
from datetime import date, timedelta
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.jobs.stats import Figures, Spread, Used
from bot.language import language, spoken
from bot.media import chart
from bot.netmind.catalog import Catalog
from cogs.stats_page import Part, StatsPage, spans
from storage.states import JobState
from tests.cogs.layouts import shown, walk
from tests.cogs.test_studio import forge, moderator
from tests.world import Sent, World, eventually

PROMPT = "a very secret owl"


async def stats(world: World, **options: Any) -> Any:
    answer = await moderator(world).slash(world.channel, "studio stats", **options)
    assert answer.ephemeral
    return answer.response


def described(response: Any) -> dict[str, str]:
    """Return what is said of each picture, and see to it that each is there once."""
    items = [
        item
        for each in walk(response.components)
        if each["type"] == discord.ComponentType.media_gallery.value
        for item in each["items"]
    ]
    names = [item["media"]["url"].rpartition("/")[2].partition("?")[0] for item in items]
    assert names == [file.filename for file in response.attachments]
    return {name: item["description"] for name, item in zip(names, items, strict=True)}


async def test_it_is_offered_only_to_who_manages_the_server(world: World) -> None:
    tree = world.app.client.tree
    studio = tree.get_command("studio")
    assert isinstance(studio, app_commands.Group)
    assert studio.get_command("stats") is not None
    told = studio.to_dict(tree)
    assert told["default_member_permissions"] == discord.Permissions(manage_guild=True).value


async def test_where_nothing_was_asked_for_there_is_a_sentence_and_no_picture(
    world: World,
) -> None:
    response = await stats(world)
    assert "Nobody has asked for anything here in this time." in shown(response)
    assert described(response) == {}


async def test_what_was_asked_for_here_is_shown_without_saying_by_whom(world: World) -> None:
    await world.ask(PROMPT, duration=1)
    await world.until_ended()
    await world.ask(PROMPT, duration=1)
    response = await stats(world)
    text = shown(response)
    assert "The last 30 days" in text
    assert "2 jobs were asked for. Most on Jan 1, 2026: 2." in text
    assert "🟦 done 1 (100 %)" in text
    assert "1 has not ended yet" in text
    assert "Most was asked for at 0:00-1:00." in text
    about = described(response)
    assert list(about) == ["days.png", "ends.png", "times.png", "hours.png"]
    assert about["days.png"].endswith("Most on Jan 1, 2026: 2. MMAudio: 2")
    assert "MMAudio, waiting: half within 15 s, 95 of 100 within 15 s." in about["times.png"]
    for secret in (PROMPT, "mira", str(world.mira.id)):
        assert secret not in f"{text}{about}"


async def test_only_what_was_asked_for_in_this_server_is_counted(world: World) -> None:
    elsewhere = world.env.create_guild("The Other Shop")
    channel = elsewhere.create_text_channel("studio")
    await elsewhere.add_member(world.env.create_user("otto")).slash(
        channel, "audio", prompt="rain", duration=1
    )
    await world.mira.user.slash("audio", prompt="rain", duration=1)
    assert await world.jobs_made() == 2
    assert "Nobody has asked" in shown(await stats(world))
    await world.ask("rain", duration=1)
    assert "1 job was asked for" in shown(await stats(world))


async def test_a_day_is_one_of_the_servers_own(world: World) -> None:
    await moderator(world).slash(
        world.channel, "studio limits server", time_zone="America/New_York"
    )
    await world.ask("rain", duration=1)
    text = shown(await stats(world, days=7))
    assert "Dec 25, 2025 to Dec 31, 2025 by the clock of America/New_York" in text
    assert "Most on Dec 31, 2025: 1." in text
    assert "19:00-20:00" in text


async def test_what_is_older_than_the_days_is_left_out(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()
    world.move(timedelta(days=8).total_seconds())
    assert "Nobody has asked" in shown(await stats(world, days=7))
    assert "1 job was asked for" in shown(await stats(world, days=90))


async def test_a_number_of_days_that_is_not_on_the_list_is_the_usual_one(world: World) -> None:
    """A changed Discord client can send any number."""
    option = {"name": "days", "type": 4, "value": 100_000_000}
    answer = await forge(world, {"name": "stats", "type": 1, "options": [option]})
    assert "The last 30 days" in shown(answer.response)


async def test_an_answer_that_was_announced_gets_its_pictures_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.ask("rain", duration=1)
    go_on = asyncio.Event()
    of_guild = world.app.client.services.stats.of_guild

    async def slow(guild_id: int, days: int) -> Figures:
        await go_on.wait()
        return await of_guild(guild_id, days)

    monkeypatch.setattr(world.app.client.services.stats, "of_guild", slow)
    answering = asyncio.create_task(stats(world))

    def announced() -> list[Sent]:
        world.env.backend.advance_clock(0.02)  # simcord moves no clock while somebody is at work
        return world.sent("POST", "/callback")[1:]

    await eventually(announced)
    go_on.set()
    response = await answering
    assert "1 job was asked for" in shown(response)
    assert list(described(response)) == ["days.png", "hours.png"]


# The page


def page(code: str = "en", count: int = 1, days: int = 30, model: str = "mmaudio") -> list[Part]:
    """Return what is shown of this many jobs, all of them on the last day."""
    shown = [date(2026, 12, 31) - timedelta(days=ago) for ago in reversed(range(days))]
    by_day = [0] * (days - 1) + [count]
    took = Spread(30, 3900)
    used = [Used(model, by_day, took, took), Used(None, by_day, took, None)]
    ended = {JobState.FINISHED: count, JobState.REJECTED: count}
    figures = Figures("UTC", shown, used, [0] * 23 + [2 * count], ended)
    return StatsPage(figures, Catalog.load(), language(code)).parts()


@pytest.mark.parametrize("code", spoken())
def test_in_every_language_only_what_the_font_has_is_drawn(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = chart._Canvas.text

    def noted(canvas: Any, place: Any, text: str, *how: Any) -> None:
        drawn.append(text)
        real(canvas, place, text, *how)

    monkeypatch.setattr(chart._Canvas, "text", noted)
    assert len(page(code, days=90)) == 4
    assert "MMAudio" in drawn
    assert all(map(chart.drawable, drawn))


def test_a_model_whose_title_cannot_be_drawn_has_its_key_in_the_picture() -> None:
    catalog = Catalog.load()
    model = catalog.models[0].model_copy(update={"title": "風の音"})
    used = Used(model.key, [1], None, None)
    figures = Figures("UTC", [date(2026, 1, 1)], [used], [1] + [0] * 23, {})
    shown = StatsPage(figures, Catalog((model,)), language("ja"))
    assert (shown._drawn_name(used), shown._name(used)) == (model.key, "風の音")


def test_a_model_that_is_no_longer_offered_has_its_key() -> None:
    assert "gone-model: 1" in str(page(model="gone-model")[0].picture)


@pytest.mark.parametrize(("count", "days"), [(1, 7), (50_000, 90)])
def test_few_and_many_are_shown_as_they_are(count: int, days: int) -> None:
    parts = page(count=count, days=days)
    assert f"{2 * count} jobs were asked for." in parts[0].lines[1]
    assert all(part.picture and part.picture.png.startswith(b"\x89PNG") for part in parts)


def test_other_figures_make_another_picture() -> None:
    first, second = (page(count=count)[0].picture for count in (1, 50_000))
    assert first is not None
    assert second is not None
    assert first.png != second.png


def test_hours_that_follow_each_other_are_said_as_one() -> None:
    assert spans([8, 19, 20]) == "8:00-9:00, 19:00-21:00"
    assert spans([0, 23]) == "0:00-1:00, 23:00-24:00"
