"""/jobs and /job: what a person sees of their own jobs, and of nobody else's."""

from typing import Any

import pytest
import sqlalchemy as sa
from simcord.results import ResponseMessage

from bot.jobs.reasons import SENTENCES, Reason
from storage import jobs, people
from storage.jobs import NewJob
from storage.schema import deliveries
from storage.states import JobState
from tests.cogs.layouts import actions, button, shown, walk
from tests.world import World, said

EVERYTHING = (
    "**b** <@1> @everyone ||x|| `c` [a](https://x) 👩‍👩‍👧‍👦 \u202e\u05e9\u05dc\u05d5\u05dd "
)


async def listed(world: World, person: Any, **options: Any) -> ResponseMessage:
    """Return the page that a person gets."""
    answer = await world.type(person, "jobs", **options)
    assert answer.ephemeral
    found: ResponseMessage = answer.response
    return found


async def listing(world: World, person: Any, **options: Any) -> str:
    return shown(await listed(world, person, **options))


def length(response: ResponseMessage) -> int:
    """Return the characters of a page as Discord may count them, emoji twice."""
    texts = [each["content"] for each in walk(response.components) if each["type"] == 10]
    return sum(len(each.encode("utf-16-le")) // 2 for each in texts)


async def ask(world: World, *prompts: str) -> None:
    for prompt in prompts:
        await world.ask(prompt, duration=1)


async def keep(world: World, *prompts: str) -> None:
    """Write Mira's starred jobs into the database, which is quicker than asking for them."""
    async with world.app.database.write() as connection:
        await people.note(connection, world.mira.id, world.clock())
        for number, prompt in enumerate(prompts):
            new = NewJob(number + 1, world.mira.id, None, 1, "mmaudio", "audio", prompt, {})
            job = await jobs.add(connection, new, world.clock())
            await jobs.set_star(connection, job.id, world.clock())


async def test_an_empty_list_says_how_to_begin(world: World) -> None:
    assert "`/audio prompt:" in await listing(world, world.mira)


async def test_a_list_of_nothing_says_why(world: World) -> None:
    await ask(world, "rain")
    assert "has these words" in await listing(world, world.mira, search="hail")
    assert "No stars here yet" in await listing(world, world.mira, starred=True)
    assert "is like that" in await listing(world, world.mira, state="failed")


async def test_the_list_has_ones_own_jobs_newest_first(world: World) -> None:
    await ask(world, "rain")
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await ask(world, "wind")
    text = await listing(world, world.mira)
    assert "bells" not in text
    assert "2 jobs" in text
    assert text.index("wind") < text.index("rain")
    assert text.index("#3") < text.index("#1")


async def test_the_list_shows_every_state_and_links_to_what_was_posted(world: World) -> None:
    await ask(world, "rain")
    await world.until_ended()
    world.netmind.next_outcome("failed")
    await ask(world, "wind")
    await world.until_ended(2)
    answer = await world.ask("hail", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    await ask(world, "snow")
    await world.work()
    world.app.workers.submitter.max_in_flight = 0
    await ask(world, "fog")

    text = await listing(world, world.mira)
    for words in ("done", "failed", "cancelled", "being made", "in the queue"):
        assert words in text
    (result,) = world.results()
    place = f"{world.guild.id}/{world.channel.id}/{result.id}"
    assert f"https://discord.com/channels/{place}" in text

    for state, prompt in [
        ("done", "rain"),
        ("failed", "wind"),
        ("cancelled", "hail"),
    ]:
        assert shown_prompts(await listing(world, world.mira, state=state)) == [prompt]
    assert shown_prompts(await listing(world, world.mira, state="open")) == ["fog", "snow"]


def shown_prompts(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.startswith(("🎧", "🎬"))]
    return [line[1:].strip().removeprefix("⭐ ") for line in lines]


async def test_pages_are_turned_in_place_also_after_a_restart(world: World) -> None:
    await keep(world, *[f"rain {number}" for number in range(7)])
    page = await listed(world, world.mira)
    assert shown_prompts(shown(page)) == [f"rain {number}" for number in (6, 5, 4, 3, 2)]
    assert button(page, "Newer")["disabled"]

    await world.restart()
    turned: Any = await world.mira.click(page, label="Older")
    assert turned.response.id == page.id
    assert shown_prompts(shown(page)) == ["rain 1", "rain 0"]
    assert "page 2 of 2" in shown(page)
    assert button(page, "Older")["disabled"]
    await world.mira.click(page, label="Newer")
    assert len(shown_prompts(shown(page))) == 5


async def test_a_page_that_is_no_longer_there_becomes_the_last_one(world: World) -> None:
    await keep(world, *[f"rain {number}" for number in range(11)])
    page = await listed(world, world.mira, starred=True)
    await world.mira.click(page, label="Older")
    async with world.app.database.write() as connection:
        for job_id in range(1, 8):
            await jobs.set_star(connection, job_id, None)
    await world.mira.click(page, label="Older")
    assert shown_prompts(shown(page)) == ["rain 10", "rain 9", "rain 8", "rain 7"]


async def test_menu_stars_and_words_hold_together_after_a_restart(world: World) -> None:
    await ask(world, "rain & wind: 100%", "rain", "rain & wind: 50%")
    async with world.app.database.write() as connection:
        await jobs.set_star(connection, 1, world.clock())
    page = await listed(world, world.mira, search="rain & wind:")
    assert "🎧 ⭐ " in shown(page)
    await world.restart()
    await world.mira.click(page, label="Stars")
    assert shown_prompts(shown(page)) == ["rain & wind\\: 100%"]
    await world.mira.select(page, ["open"])
    assert shown_prompts(shown(page)) == ["rain & wind\\: 100%"]
    assert "with “rain & wind" in shown(page)
    await world.mira.select(page, ["failed"])
    assert shown_prompts(shown(page)) == []
    await world.mira.select(page, ["all"])
    await world.mira.click(page, label="Stars")
    assert len(shown_prompts(shown(page))) == 2


async def test_words_that_do_not_fit_are_cut_and_that_is_said(world: World) -> None:
    searches = ["風" * 50, "rain " * 30, "👩‍👩‍👧‍👦" * 9, "%" * 200]
    await ask(world, *searches)
    for search in searches:
        page = await listed(world, world.mira, search=search)
        assert "too long to search for" in shown(page)
        ids = [each["custom_id"] for each in walk(page.components) if "custom_id" in each]
        assert max(map(len, ids)) <= 100
        await world.mira.select(page, ["open"])
        assert len(shown_prompts(shown(page))) == 1


async def test_strange_words_find_nothing_that_is_not_there(world: World) -> None:
    await ask(world, "rain")
    for search in ("' OR 1=1; --", "_", "%", "\\", "2"):
        assert "rain" not in await listing(world, world.mira, search=search)
    for invisible in ("\0", "\ud800", "\u202e", " "):
        assert "rain" in await listing(world, world.mira, search=invisible)


async def test_a_full_page_of_the_longest_and_worst_prompts_fits(world: World) -> None:
    """Discord takes 40 parts and 4,000 characters."""
    worst = (EVERYTHING * 60)[:2000]
    await ask(world, worst, "*" * 2000, "👩‍👩‍👧‍👦" * 180, "\u202e" + "ש" * 1999, "[](" * 600)
    await world.until_ended(*range(1, 6))
    page = await listed(world, world.mira)
    assert len(shown_prompts(shown(page))) == 5
    assert length(page) < 4000
    assert len(list(walk(page.components))) <= 40
    assert "\u202e" not in shown(page)


async def test_open_answers_with_the_card_privately(world: World) -> None:
    await ask(world, "rain", "wind")
    page = await listed(world, world.mira)
    await world.restart()
    answer: Any = await world.mira.click(page, custom_id="foley:open:1")
    assert answer.ephemeral
    assert answer.response.id != page.id
    assert "rain" in shown(answer.response)
    assert actions(answer.response) == ["refresh", "cancel"]


async def test_the_library_remembers_no_page(world: World) -> None:
    """Else each would stay in memory for ever."""
    await ask(world, "rain")
    page = await listed(world, world.mira)
    await world.mira.click(page, label="Stars")
    await world.type(world.mira, "queue")
    assert world.app.client._connection._view_store._views == {}
    assert world.app.client._connection._view_store._synced_message_views == {}


async def test_the_list_works_in_direct_messages(world: World) -> None:
    await keep(world, *[f"rain {number}" for number in range(6)])
    mira = world.mira.user
    answer = await mira.slash("jobs")
    await mira.click(answer.response, label="Older")
    assert shown_prompts(shown(answer.response)) == ["rain 0"]
    opened = await mira.click(answer.response, custom_id="foley:open:1")
    assert "rain 0" in shown(opened.response)


async def test_a_link_leads_to_where_the_message_really_is(world: World) -> None:
    """A thread or a direct message is another channel than that of the command."""
    await ask(world, "rain", "wind")
    await world.until_ended(1, 2)
    async with world.app.database.write() as connection:
        for job_id, values in {
            1: {"channel_id": 77},
            2: {"channel_id": 88, "person_id": world.mira.id},
        }.items():
            found = deliveries.c.job_id == job_id
            await connection.execute(sa.update(deliveries).where(found).values(**values))
    text = await listing(world, world.mira)
    assert f"discord.com/channels/{world.guild.id}/77/" in text
    assert "discord.com/channels/@me/88/" in text
    answer = await world.type(world.mira, "job", id=2)
    assert "channels/@me/88/" in shown(answer.response)


async def test_a_deleted_result_says_so_and_leads_nowhere(world: World) -> None:
    await ask(world, "rain")
    await world.until_ended()
    await world.mira.click(world.results()[0], label="Delete")
    text = await listing(world, world.mira)
    assert "deleted" in text
    assert "discord.com/channels" not in text
    answer = await world.type(world.mira, "job", id=1)
    assert "The file was deleted." in answer.response.embeds[0].description
    assert answer.response.embeds[0].fields == []
    assert actions(answer.response) == ["again", "remix", "star"]


async def test_a_deleted_file_is_not_brought(world: World) -> None:
    """Also while NetMind's copy still waits for its deletion."""
    await world.ask("rain", duration=1, private=True)
    await world.until_ended()
    answer = await world.type(world.mira, "job", id=1)
    assert [len(each.attachments) for each in answer.followups] == [1]
    await world.mira.click(answer.response, label="Delete")
    again = await world.type(world.mira, "job", id=1)
    assert again.followups == []


async def test_job_shows_ones_own_card_privately(world: World) -> None:
    await world.ask("rain", duration=1)
    answer = await world.type(world.mira, "job", id=1)
    assert answer.ephemeral
    (embed,) = answer.response.embeds
    assert "rain" in embed.description
    assert answer.response.components
    assert answer.followups == []
    await world.until_ended()
    answer = await world.type(world.mira, "job", id=1)
    (row,) = answer.response.components
    assert [each["custom_id"].split(":")[1] for each in row["components"]] == [
        "post",
        "again",
        "remix",
        "star",
        "delete",
    ]
    assert "discord.com/channels" in shown(answer.response)


@pytest.mark.parametrize("job_id", [1, 2, 0, -1, 2**53 - 1])
async def test_a_job_of_somebody_else_answers_as_if_it_did_not_exist(
    world: World, job_id: int
) -> None:
    await world.ask("rain", duration=1)
    answer = await world.type(world.jonas, "job", id=job_id)
    assert answer.ephemeral
    assert said(answer) == "You have no job with this number. /jobs lists those you have."
    assert answer.response.embeds == []


async def suggestions(world: World, person: Any, typed: str) -> list[dict[str, Any]]:
    return list(await person.autocomplete(world.channel, "job", "id", typed))


async def test_autocomplete_finds_by_words_and_by_number_among_ones_own(world: World) -> None:
    await world.ask("Rain on a ROOF", duration=1)
    await world.type(world.jonas, "audio", prompt="rain elsewhere", duration=1)
    await world.ask("wind", duration=1)

    assert [each["value"] for each in await suggestions(world, world.mira, "")] == [3, 1]
    assert [each["value"] for each in await suggestions(world, world.mira, "roof")] == [1]
    assert [each["value"] for each in await suggestions(world, world.mira, "rain")] == [1]
    assert [each["value"] for each in await suggestions(world, world.mira, "3")] == [3]
    assert [each["value"] for each in await suggestions(world, world.mira, "#3")] == [3]
    assert await suggestions(world, world.mira, "elsewhere") == []
    assert await suggestions(world, world.mira, "100%_\\'; DROP TABLE jobs; --") == []


async def test_autocomplete_offers_what_discord_can_show(world: World) -> None:
    """25 choices of 100 characters."""
    await keep(world, *[f"{number} " + "long " * 90 for number in range(30)])
    offered = await suggestions(world, world.mira, "")
    assert len(offered) == 25
    assert all(1 <= len(each["name"]) <= 100 for each in offered)
    assert offered[0]["value"] == 30


async def test_autocomplete_shows_no_invisible_or_turning_characters(world: World) -> None:
    await world.ask("a\u202eb\u200bc\nd", duration=1)
    (offered,) = await suggestions(world, world.mira, "")
    assert "abc d" in offered["name"]


async def test_job_brings_a_file_that_could_not_be_posted(world: World) -> None:
    await world.ask("rain", duration=1)
    world.forbid("send_messages")
    await world.until_ended()
    assert world.results() == []

    answer = await world.type(world.mira, "job", id=1)
    brought = answer.followups[0]
    assert brought.ephemeral
    assert [file.filename for file in brought.attachments] == ["rain-1.flac"]
    stranger = await world.type(world.jonas, "job", id=1)
    assert stranger.followups == []
    assert world.results() == []


async def test_a_file_is_brought_as_often_as_it_is_asked_for(world: World) -> None:
    await world.ask("rain", duration=1)
    world.forbid("send_messages")
    await world.until_ended()
    for _ in range(2):
        answer = await world.type(world.mira, "job", id=1)
        files = [file.filename for each in answer.followups for file in each.attachments]
        assert files == ["rain-1.flac"]


async def test_a_file_that_netmind_has_no_more_is_told_so(world: World) -> None:
    await world.ask("rain", duration=1)
    world.forbid("send_messages")
    await world.until_ended()
    world.netmind.generations.clear()
    answer = await world.type(world.mira, "job", id=1)
    (told,) = answer.followups
    assert told.ephemeral
    assert str(SENTENCES[Reason.GONE]) in told.content


async def test_a_file_that_is_in_the_channel_is_not_brought_again(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()
    downloads = len(world.netmind.calls("download"))
    answer = await world.type(world.mira, "job", id=1)
    assert answer.followups == []
    assert len(world.netmind.calls("download")) == downloads


async def test_job_of_a_failed_one_says_why(world: World) -> None:
    world.netmind.next_outcome("failed", "out of memory")
    await world.ask("rain", duration=1)
    await world.until_ended()
    answer = await world.type(world.mira, "job", id=1)
    assert "out of memory" in answer.response.embeds[0].description
    assert (await world.job()).state is JobState.FAILED
