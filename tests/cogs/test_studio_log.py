"""Looking up what was asked for in a guild, on pages and as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot import job_table
from bot.job_table import COLUMNS, JobTable, harmless
from cogs.history_query import Filter
from cogs.studio_log_query import LogQuery
from storage import guilds, people, schema
from storage.states import JobState
from tests.cogs.layouts import shown
from tests.cogs.test_studio import moderator
from tests.cogs.test_studio_queue import elsewhere, made, studio
from tests.jobs.makers import NOON, a_job
from tests.world import World, said

LONG = "rain and " * 60


async def look(world: World, morgan: MemberActor, **wanted: Any) -> ResponseMessage:
    page: ResponseMessage = (await studio(world, morgan, "log", **wanted)).response
    return page


async def keep(world: World, *prompts: str, **facts: Any) -> None:
    """Write Mira's ended jobs into the database, which is quicker than asking for them."""
    now, first = world.clock(), await world.jobs_made()
    usual = {
        "requester_id": world.mira.id,
        "guild_id": world.guild.id,
        "channel_id": world.channel.id,
        "model": "mmaudio",
        "kind": "audio",
        "options": {"duration": 4},
        "state": JobState.CANCELLED,
        "created_at": now,
        "changed_at": now,
        "ended_at": now,
        "card_closed": True,
    }
    rows = [
        {**usual, "prompt": prompt, "interaction_id": first + number, **facts}
        for number, prompt in enumerate(prompts, 1)
    ]
    async with world.app.database.write() as connection:
        for person in (world.mira.id, world.jonas.id):
            await people.note(connection, person, now)
        await guilds.note(connection, world.guild.id, now)
        await connection.execute(sa.insert(schema.jobs), rows)


async def exported(world: World, morgan: MemberActor, **wanted: Any) -> tuple[str, list[list[str]]]:
    """Return what is said with a file, and its rows."""
    answer = await studio(world, morgan, "log", export=True, **wanted)
    (attachment,) = answer.response.attachments
    assert attachment.filename == "jobs.csv"
    content = world.file(attachment)
    assert content.startswith(b"\xef\xbb\xbf")
    return said(answer), list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_the_log_tells_what_became_of_each_job_and_what_moderators_did(
    world: World,
) -> None:
    await made(world, "rain on *tin*")
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    morgan = moderator(world)
    (result,) = world.results()
    at = f"<t:{int(world.clock().timestamp())}:R>"
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{result.id}"
    assert f"[✅ done]({link})" in shown(await look(world, morgan))
    await studio(world, morgan, "remove", job=1, reason="too *loud*")
    await studio(world, morgan, "cancel", job=2, reason="no bells")
    asked = f"<t:{int((await world.job()).created_at.timestamp())}:R>"
    assert shown(await look(world, morgan)).strip().splitlines() == [
        "## Jobs of this server",
        "-# 2 jobs",
        "🎧 bells",
        f"-# #2 · <@{world.jonas.id}> · 🚫 cancelled · {at} · mmaudio",
        f"-# 🛡️ <@{morgan.id}> cancelled it {at}: no bells",
        r"🎧 rain on \*tin\*",
        f"-# #1 · <@{world.mira.id}> · 🗑️ deleted · {asked} · mmaudio",
        rf"-# 🛡️ <@{morgan.id}> removed it {at}: too \*loud\*",
    ]


async def test_the_log_finds_by_person_words_state_model_and_days(world: World) -> None:
    long_ago = world.clock() - timedelta(days=9)
    await keep(world, "rain", created_at=long_ago)
    await keep(world, "bells", requester_id=world.jonas.id)
    await keep(world, "a lighthouse", model="hunyuanvideo", kind="video")
    await keep(world, "thunder", state=JobState.FAILED)
    morgan = moderator(world)

    async def prompts(**wanted: Any) -> list[str]:
        lines = shown(await look(world, morgan, **wanted)).splitlines()
        return [line[1:].strip() for line in lines if line.startswith(("🎧", "🎬"))]

    assert await prompts() == ["thunder", "a lighthouse", "bells", "rain"]
    assert await prompts(person=world.jonas) == ["bells"]
    assert await prompts(words="LIGHT") == ["a lighthouse"]
    assert await prompts(state="failed") == ["thunder"]
    assert await prompts(model="hunyuan") == ["a lighthouse"]
    assert await prompts(days=8) == ["thunder", "a lighthouse", "bells"]
    nothing = shown(await look(world, morgan, words="LIGHT", days=1, person=world.jonas))
    assert "There is no such job." in nothing
    assert f"-# 0 jobs · <@{world.jonas.id}> · the last day · with “LIGHT”" in nothing
    await keep(world, "**b** <@1> @everyone ||x|| `c` [a](https://x)")
    hostile = shown(await look(world, morgan, words="[a](https://x)"))
    assert r"\*\*b\*\* \<\@1\> \@everyone" in hostile
    assert r"with “\[a\]\(https\:\/\/x\)”" in hostile
    typed = await morgan.autocomplete(world.channel, "studio log", "model", "mma")
    assert [each["value"] for each in typed] == ["mmaudio"]


async def test_its_pages_turn_after_a_restart_and_keep_what_was_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file has no pages; of what would be too long it has the newest."""
    await keep(world, *[f"rain {number}" for number in range(6)], "bells")
    morgan = moderator(world)
    page = await look(world, morgan, words="rain", person=world.mira, days=5)
    await world.restart()
    older: Any = await morgan.click(page, label="Older")
    text = shown(older.response)
    assert "rain 0" in text
    assert "bells" not in text
    assert f"6 jobs · page 2 of 2 · <@{world.mira.id}> · the last 5 days · with “rain”" in text
    assert "That is too long to search for" in shown(await look(world, morgan, words=LONG))
    monkeypatch.setattr(job_table, "MOST_ROWS", 2)
    words, rows = await exported(world, morgan, words="rain")
    assert words == "The file has the newest 2 of 6 jobs. Narrow the search for others."
    assert [row[7] for row in rows[1:]] == ["rain 5", "rain 4"]


async def test_another_guilds_jobs_and_deleted_ones_are_in_no_log(world: World) -> None:
    await keep(world, "rain", "bells", "wind", "fog", "hail", "snow")
    otto, channel = elsewhere(world)
    for export in (False, True):
        answer = await studio(world, otto, "log", channel, export=export)
        assert "rain" not in shown(answer.response)
        assert all(b"rain" not in world.file(each) for each in answer.response.attachments)
    morgan = moderator(world)
    await world.app.client.services.privacy.erase(world.mira.id, messages=False)
    assert "There is no such job." in shown(await look(world, morgan))
    _, rows = await exported(world, morgan)
    assert rows == [list(COLUMNS)]


# The file


async def test_a_file_has_all_columns_and_no_formulas(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read piece by piece."""
    monkeypatch.setattr("bot.jobs.moderators._READ_AT_ONCE", 2)
    await made(world, "rain, “on” tin")
    await keep(world, "=HYPERLINK(0)", "second\nline", state=JobState.FAILED, reason="too_late")
    await keep(world, "bells", detail="-1+1", reason="cancelled_by_moderator")
    (result,) = world.results()
    said_with_it, rows = await exported(world, moderator(world))
    job = await world.job()
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{result.id}"
    mira, made_at, kept_at = str(world.mira.id), job.created_at, world.clock()
    assert said_with_it == "4 jobs"
    sound = ["mmaudio", "audio"]
    assert rows == [
        list(COLUMNS),
        [
            *("4", kept_at.isoformat(), mira, *sound, "cancelled"),
            *("cancelled_by_moderator: -1+1", "bells", "", "4"),
        ],
        ["3", kept_at.isoformat(), mira, *sound, "failed", "too_late", "second\nline", "", "4"],
        ["2", kept_at.isoformat(), mira, *sound, "failed", "too_late", "'=HYPERLINK(0)", "", "4"],
        ["1", made_at.isoformat(), mira, *sound, "finished", "", "rain, “on” tin", link, "1"],
    ]


def test_a_table_ends_before_it_has_too_many_bytes() -> None:
    file = io.BytesIO()
    table = JobTable(file, 250)
    taken = [table.add(a_job(prompt="rain" * 10, created_at=NOON), None, None) for _ in range(3)]
    assert taken == [True, False, False]
    assert (table.rows, len(file.getvalue()) <= 250) == (1, True)


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＠a"],  # noqa: RUF001 - the wide ones are meant
)
def test_what_a_spreadsheet_would_compute_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "rain", "1=1", "’=1", "👩‍👩‍👧 -1", "'=1"])  # noqa: RUF001 - people write so
def test_other_text_is_as_it_was(text: str) -> None:
    assert harmless(text) == text


def test_half_a_letter_does_not_spoil_a_table() -> None:
    file = io.BytesIO()
    assert JobTable(file, 999).add(a_job(prompt="a\ud800"), None, 2.5)
    assert b",a?," in file.getvalue()
    assert file.getvalue().startswith(job_table._MARK)


@pytest.mark.parametrize("model", ["", "mmaudio", "ü" * 64])
@pytest.mark.parametrize("words", ["", "rain: and #1", "ü" * 200, "100%" * 50])
def test_a_query_is_read_back_from_its_id_and_fits_on_every_page(model: str, words: str) -> None:
    query = LogQuery(0, 2**63 - 1, Filter.CANCELLED, 3650, model, words)
    again = LogQuery.read(query.custom_id("next"))
    assert again is not None
    assert again.search(NOON) == query.search(NOON)
    for page in (9, 999_999, 10**9):
        far = LogQuery(page, 2**63 - 1, Filter.CANCELLED, 3650, model, words)
        assert len(far.custom_id("prev")) <= 100
        assert far.words_shown == query.words_shown
    assert query.cut == (len(words) > 20 or (len(model) > 20 and words != ""))


def test_an_id_of_something_else_is_no_query() -> None:
    assert LogQuery.read("foley:list:next:0:all:0:") is None
