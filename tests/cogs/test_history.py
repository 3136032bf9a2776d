"""/jobs, /job and /help: what a person sees of their own jobs, and of nobody else's."""

from typing import Any

import pytest

from bot.jobs.reasons import SENTENCES, Reason
from storage.states import JobState
from tests.world import World, said


async def listing(world: World, person: Any) -> str:
    answer = await world.type(person, "jobs")
    assert answer.ephemeral
    (embed,) = answer.response.embeds
    return str(embed.description)


async def test_an_empty_list_says_how_to_begin(world: World) -> None:
    assert "/audio" in await listing(world, world.mira)


async def test_the_list_has_ones_own_jobs_newest_first(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await world.ask("wind", duration=1)
    shown = await listing(world, world.mira)
    assert "bells" not in shown
    assert shown.index("wind") < shown.index("rain")
    assert shown.index("#3") < shown.index("#1")


async def test_the_list_shows_every_state_and_links_to_what_was_posted(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()
    world.netmind.next_outcome("failed")
    await world.ask("wind", duration=1)
    await world.until_ended(2)
    answer = await world.ask("hail", duration=1)
    await world.mira.click(answer.response, label="Cancel")
    await world.ask("snow", duration=1)
    await world.work()
    world.app.workers.submitter.max_in_flight = 0
    await world.ask("fog", duration=1)

    shown = await listing(world, world.mira)
    for words in ("done", "failed", "cancelled", "being made", "in the queue"):
        assert words in shown
    (result,) = world.results()
    place = f"{world.guild.id}/{world.channel.id}/{result.id}"
    assert f"https://discord.com/channels/{place}" in shown


async def test_the_list_shows_ten_at_most(world: World) -> None:
    for number in range(12):
        await world.ask(f"rain {number}", duration=1)
    shown = await listing(world, world.mira)
    assert shown.count("rain") == 10
    assert "rain 11" in shown
    assert "**#1**" not in shown


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
    assert "discord.com/channels" in answer.response.embeds[0].fields[0].value


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
    for number in range(30):
        await world.ask(f"{number} " + "long " * 90, duration=1)
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


async def test_help_names_the_commands_the_models_and_their_licences(world: World) -> None:
    answer = await world.type(world.mira, "help")
    assert answer.ephemeral
    (embed,) = answer.response.embeds
    for command in ("/audio", "/video", "/jobs", "/job"):
        assert command in embed.description
    assert {field.name for field in embed.fields} == {"MMAudio", "HunyuanVideo"}
    assert any("CC-BY-NC" in field.value for field in embed.fields)


async def test_the_commands_come_from_the_catalogue(world: World) -> None:
    assert set(world.mira.available_commands(world.channel)) == {
        "audio",
        "video",
        "jobs",
        "job",
        "help",
    }
