"""Everything about a person, and of nobody else, can be read and deleted; nothing is left."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import (
    audit,
    blocks,
    cases,
    deliveries,
    erasure,
    guilds,
    jobs,
    people,
    privacy,
    reviews,
    words,
)
from storage.blocks import Block
from storage.cases import NewCase
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.erasure import KEPT_BARE
from storage.limits import Limit, usage
from storage.limits import put as put_limit
from storage.review_states import Matter, ReviewState
from storage.reviews import NewReview
from storage.schema import metadata
from storage.states import DeliveryState, JobState
from storage.words import NewWord
from tests.storage.makers import (
    ANN,
    BOB,
    CHANNEL,
    GUILD,
    LEASE,
    MESSAGE,
    NOON,
    add_job,
    after,
    set_columns,
)

LATER = NOON + KEPT_BARE
# How a column with a person or a guild is called, if it refers to no table.
PERSON_NAMES = {"person_id", "requester_id", "reporter_id", "owner_id", "user_id", "by"}
OWN_JOBS = {ANN: 1, BOB: 2}


def columns_with(table: str, names: set[str], ending: str) -> set[str]:
    """Return the columns that refer to this table, or are called as if they did."""
    return {
        f"{column.table.name}.{column.name}"
        for each in metadata.tables.values()
        for column in each.columns
        if column.name in names
        or column.name.endswith(ending)
        or any(key.column.table.name == table for key in column.foreign_keys)
    }


def test_every_column_with_a_person_is_erased_or_kept_for_a_reason() -> None:
    found = columns_with("people", PERSON_NAMES, "_by") | {"people.id"}
    assert found == set(privacy.ERASED) | set(privacy.KEPT)
    assert not set(privacy.ERASED) & set(privacy.KEPT)
    assert all(privacy.KEPT.values())


def test_every_table_with_a_guild_goes_with_it() -> None:
    found = {name.split(".")[0] for name in columns_with("guilds", {"guild_id"}, "guild_id")}
    assert found == {table.name for table in erasure.OF_GUILD} | {"jobs"}


def test_every_column_about_a_person_is_exported_or_left_out_for_a_reason() -> None:
    tables = {section.table for section in privacy.SECTIONS}
    told = {f"{each.table.name}.{column}" for each in privacy.SECTIONS for column in each.columns}
    every = {f"{table.name}.{column.name}" for table in tables for column in table.columns}
    assert every == told | set(privacy.INTERNAL)
    assert not told & set(privacy.INTERNAL)
    with_people = {name.split(".")[0] for name in (*privacy.ERASED, *privacy.KEPT)}
    assert with_people - {"people"} <= {table.name for table in tables}
    hidden = {"generation_id", "video_file_id", "nonce", "interaction_id"}
    assert not hidden & {column for each in privacy.SECTIONS for column in each.columns}


async def fill(connection: AsyncConnection, person: int, other: int, number: int) -> int:
    """Store something about a person in every table that can have it; return their job."""
    job = await add_job(connection, number, requester_id=person, prompt=f"by {person}")
    await people.prefer(connection, person, NOON, private=True, language="de")
    await people.note(connection, other, NOON)
    await set_columns(
        connection,
        job,
        state=JobState.FINISHED,
        ended_at=NOON,
        starred_at=NOON,
        card_id=MESSAGE + number,
        card_closed=True,
    )
    await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
    await deliveries.add_copy(connection, job, number + 100, None, NOON)
    for delivery in await deliveries.claim(connection, 5, NOON, LEASE):
        await deliveries.mark_sent(connection, delivery, MESSAGE + 100 + delivery.id, NOON)
    block = Block(GUILD, person, None, "rude", other, NOON)
    await blocks.put(connection, block)
    await audit.note(connection, GUILD, person, "blocked", {"person": other}, NOON)
    word = NewWord("word", f"ugly{person}")
    await words.put(connection, GUILD, [word], person, NOON)
    found = await words.of_guild(connection, GUILD)
    await words.note_hits(
        connection,
        found[:1],
        NOON,
        guild_id=GUILD,
        interaction_id=number,
        person_id=person,
        prompt=f"ugly by {person}",
    )
    await moderate(connection, person, other, job.id)
    return job.id


async def moderate(connection: AsyncConnection, person: int, by: int, job_id: int) -> None:
    """Have somebody decide about a job, tell its person, and trust them."""
    review = await insert(
        connection,
        "reviews",
        guild_id=GUILD,
        job_id=job_id,
        what="prompt",
        created_at=NOON,
        expires_at=NOON,
        state="approved",
        decided_by=by,
        decided_at=NOON,
        words=f"words to {person}",
    )
    await tell(connection, job_id, DeliveryKind.REVIEW, 300, review_id=review)
    await tell(connection, job_id, DeliveryKind.LOG, 400)
    await notify(connection, person, job_id)
    await reviews.trust(connection, GUILD, person, by, NOON)


async def notify(connection: AsyncConnection, person: int, job_id: int, place: int = 200) -> None:
    """Have a person told what a moderator did about a job."""
    notice = await insert(
        connection,
        "notices",
        person_id=person,
        job_id=job_id,
        what="removed",
        words=f"words to {person}",
        at=NOON,
    )
    await tell(connection, job_id, DeliveryKind.NOTICE, place, notice_id=notice, person_id=person)


async def tell(
    connection: AsyncConnection, job_id: int, kind: DeliveryKind, place: int, **values: Any
) -> None:
    """Store a message that is in Discord."""
    number = place + job_id
    sent = {"state": DeliveryState.SENT, "created_at": NOON, "lease_until": NOON}
    about = {"job_id": job_id, "kind": kind, "channel_id": CHANNEL, "nonce": f"n{number}"}
    await insert(connection, "deliveries", **sent, **about, message_id=MESSAGE + number, **values)


async def insert(connection: AsyncConnection, table: str, **values: Any) -> int:
    """Store a row; return its id."""
    rows = metadata.tables[table]
    statement = sa.insert(rows).values(**values).returning(rows.c.id)
    found: int = (await connection.execute(statement)).scalar_one()
    return found


async def fill_both(connection: AsyncConnection) -> dict[int, int]:
    """Fill for Ann and for Bob; each reports the other's job, and decides that report of theirs."""
    made = {
        ANN: await fill(connection, ANN, BOB, 1),
        BOB: await fill(connection, BOB, ANN, 2),
    }
    for person, other in ((ANN, BOB), (BOB, ANN)):
        new = NewCase(GUILD, made[other], person, CHANNEL, MESSAGE, f"words of {person}")
        case = await cases.add(connection, new, NOON)
        assert case is not None
        await deliveries.add_case(connection, case, CHANNEL, NOON)
        # Somebody decides who is neither of them; else both sides would be the same row.
        table = metadata.tables["cases"]
        await connection.execute(
            sa.update(table).where(table.c.id == case.id).values(decided_by=other)
        )
    return made


async def having(connection: AsyncConnection, person: int) -> dict[str, int]:
    """Count the rows that have this person, by column."""
    found = {}
    for name in (*privacy.ERASED, *privacy.KEPT):
        table, _, column = name.partition(".")
        value = metadata.tables[table].c[column]
        statement = sa.select(sa.func.count()).where(value == person)
        found[name] = (await connection.execute(statement)).scalar_one()
    return found


async def contents(connection: AsyncConnection, *without: str) -> str:
    every = [
        row
        for name, table in metadata.tables.items()
        if name not in without
        for row in (await connection.execute(sa.select(table))).all()
    ]
    return repr(every)


async def test_what_is_erased_goes_everywhere_and_nothing_of_others(database: Database) -> None:
    async with database.write() as connection:
        await fill_both(connection)
        before_ann, before_bob = await having(connection, ANN), await having(connection, BOB)
        assert min(before_ann.values()) > 0  # or this would test nothing
        before = await privacy.everything(connection, BOB)
        await erasure.erase_person(connection, ANN, after(60), cards_too=True)
        after_bob = await privacy.everything(connection, BOB)
        text = await contents(connection, "blocks", "audit", "words")
        assert f"by {ANN}" not in text
        assert f"words of {ANN}" not in text
        assert f"words to {ANN}" not in text
        assert f"words to {BOB}" in text
        assert f"by {BOB}" in text
        await erasure.forget(connection, LATER)
        now_ann, now_bob = await having(connection, ANN), await having(connection, BOB)
    assert {name: now_ann[name] for name in privacy.ERASED} == dict.fromkeys(privacy.ERASED, 0)
    kept = {name: now_ann[name] for name in privacy.KEPT if name != "cases.decided_by"}
    assert kept == {name: before_ann[name] for name in kept}
    # Only what Ann reported of Bob's, and Bob did about Ann, is gone from what Bob has.
    gone = {"reports_by_you", "reports_about_your_jobs", "reports_decided_by_you"}
    gone |= {"reviews_decided_by_you", "trusted_by_you"}
    for name, value in before.items():
        if name not in gone:
            assert after_bob[name] == value
    for name in ("cases.reporter_id", "cases.decided_by", "reviews.decided_by", "trusted.by"):
        del before_bob[name]
    assert before_bob.items() <= now_bob.items()


async def test_an_emptied_job_counts_in_limits_for_two_days(database: Database) -> None:
    async with database.write() as connection:
        await fill(connection, ANN, BOB, 1)
        await erasure.erase_person(connection, ANN, after(60), cards_too=True)
        counted = await usage(connection, NOON, person_id=ANN)
        assert (counted.at_once, counted.today) == (0, 1)
        await erasure.forget(connection, LATER - LEASE)
        assert await jobs.get(connection, 1) is not None
        assert await erasure.forgettable(connection, LATER)
        await erasure.forget(connection, LATER)
        assert await jobs.get(connection, 1) is None
        assert not await erasure.forgettable(connection, LATER)


async def test_an_older_job_goes_at_once_unless_netmind_has_a_copy(database: Database) -> None:
    async with database.write() as connection:
        await fill(connection, ANN, BOB, 1)
        kept = await fill(connection, ANN, BOB, 3)
        await set_columns(connection, await got(connection, kept), generation_id="g")
        await erasure.erase_person(connection, ANN, LATER, cards_too=True)
        assert await jobs.get(connection, 1) is None
        bare = await got(connection, kept)
        assert (bare.generation_id, bare.cleanup_at, bare.prompt) == ("g", LATER, "")
        await erasure.forget(connection, LATER)
        assert [job.id for job in await jobs.due_cleanups(connection, LATER, 5)] == [kept]
        await jobs.put_off_cleanup(connection, kept, None)
        await erasure.forget(connection, LATER)
        assert await jobs.get(connection, kept) is None
        assert await privacy.counts(connection, ANN) == privacy.Counts(0, 0, 0, 0, 0, None)


async def got(connection: AsyncConnection, job_id: int) -> jobs.Job:
    job = await jobs.get(connection, job_id)
    assert job is not None
    return job


async def test_who_comes_back_is_not_forgotten(database: Database) -> None:
    async with database.write() as connection:
        await fill(connection, ANN, BOB, 1)
        await erasure.erase_person(connection, ANN, LATER, cards_too=True)
        await people.prefer(connection, BOB, LATER, private=True)
        assert (await privacy.counts(connection, ANN)).since is None
        await fill(connection, ANN, BOB, 3)
        await erasure.erase_person(connection, ANN, after(60), cards_too=True)
        await people.prefer(connection, ANN, after(70), private=True)
        await erasure.forget(connection, LATER)
        assert (await people.preferences(connection, ANN)).private


async def test_a_card_that_is_still_open_can_be_closed_when_its_job_is_emptied(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await jobs.set_card(connection, job.id, MESSAGE)
        await erasure.cancel_open(connection, sa.true(), after(1))
        await erasure.erase_person(connection, ANN, after(1), cards_too=False)
        (open_one,) = await jobs.with_open_card(connection, 5)
        assert (open_one.card_id, open_one.channel_id, open_one.prompt) == (MESSAGE, CHANNEL, "")
        await jobs.close_cards(connection, [job.id])
        await erasure.forget(connection, after(2))
        bare = await got(connection, job.id)
    assert (bare.card_id, bare.channel_id) == (None, 0)


async def test_a_late_answer_finds_the_row_of_a_job_that_was_just_cancelled(
    database: Database,
) -> None:
    """However old the job is: its generation exists and has to be deleted."""
    async with database.write() as connection:
        job = await add_job(connection)
        await erasure.cancel_open(connection, sa.true(), LATER)
        await erasure.erase_person(connection, ANN, LATER, cards_too=True)
        assert await jobs.own_late_generation(connection, job.id, "late", LATER)
        await erasure.forget(connection, LATER + KEPT_BARE)
        (due,) = await jobs.due_cleanups(connection, LATER, 5)
    assert due.generation_id == "late"


@pytest.mark.parametrize("held", [True, False])
async def test_only_a_claim_that_holds_is_a_message_being_sent(
    database: Database, *, held: bool
) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
        assert not await erasure.being_sent(connection, ANN, NOON)
        await deliveries.claim(connection, 1, NOON, LEASE)
        now = after(1) if held else NOON + LEASE
        assert await erasure.being_sent(connection, ANN, now) is held
        assert not await erasure.being_sent(connection, BOB, now)


async def test_the_messages_are_those_about_a_persons_own_jobs(database: Database) -> None:
    async with database.write() as connection:
        await fill_both(connection)
        (report,) = await deliveries.claim(connection, 1, NOON, LEASE)
        await deliveries.mark_sent(connection, report, MESSAGE + 999, NOON)
        found = await privacy.places(connection, ANN)
        # Card, result and copy, and what Ann was told; nothing that moderators read.
        assert found == [(CHANNEL, MESSAGE + each) for each in (1, 101, 102, 201)]
        assert (await privacy.counts(connection, ANN)).messages == len(found)
        told = (await privacy.everything(connection, ANN))["messages"]
        assert sorted(each["message"] for each in told) == [str(at) for _, at in found[1:]]


async def test_a_notice_is_its_persons_whosever_job_it_is_about(database: Database) -> None:
    async with database.write() as connection:
        made = await fill_both(connection)
        theirs = await privacy.places(connection, BOB)
        await notify(connection, ANN, made[BOB], place=500)
        place = (CHANNEL, MESSAGE + 500 + made[BOB])
        assert place in await privacy.places(connection, ANN)
        assert await privacy.places(connection, BOB) == theirs
        found = (await privacy.everything(connection, ANN))["notices_to_you"]
        assert [each["job"] for each in found] == [made[ANN], made[BOB]]
        await erasure.erase_person(connection, ANN, LATER, cards_too=True)
        assert await privacy.places(connection, ANN) == []
        assert await privacy.places(connection, BOB) == theirs


async def test_a_notice_that_is_being_posted_is_waited_for(database: Database) -> None:
    async with database.write() as connection:
        made = await fill_both(connection)
        await erasure.cancel_open(connection, sa.true(), NOON)
        await connection.execute(sa.delete(metadata.tables["cases"]))
        await notify(connection, ANN, made[BOB], place=500)
        which = metadata.tables["deliveries"]
        statement = sa.update(which).where(which.c.nonce == f"n{500 + made[BOB]}")
        await connection.execute(statement.values(state=DeliveryState.PENDING))
        assert not await erasure.being_sent(connection, ANN, after(1))
        (delivery,) = await deliveries.claim(connection, 5, NOON, LEASE)
        assert delivery.person_id == ANN
        assert await erasure.being_sent(connection, ANN, after(1))


async def test_who_is_trusted_or_told_something_is_not_forgotten(database: Database) -> None:
    """Although they had their data deleted before: rows of theirs would point to nobody."""
    async with database.write() as connection:
        job = await add_job(connection, 1, requester_id=BOB)
        for person, table in ((ANN, "trusted"), (ANN + 9, "notices")):
            await people.note(connection, person, NOON)
            await erasure.erase_person(connection, person, NOON, cards_too=True)
            await insert(
                connection,
                "people",
                id=person,
                first_seen_at=NOON,
                last_seen_at=NOON,
                erased_at=NOON,
            )
            if table == "trusted":
                await reviews.trust(connection, GUILD, person, BOB, NOON)
            else:
                await notify(connection, person, job.id)
        await erasure.forget(connection, LATER)
        assert (await having(connection, ANN))["people.id"] == 1
        assert (await having(connection, ANN + 9))["people.id"] == 1


async def left(connection: AsyncConnection, guild_id: int) -> None:
    await guilds.set_left(connection, [guild_id], after(1))


async def test_a_guild_goes_with_all_that_is_its_and_nothing_else(database: Database) -> None:
    async with database.write() as connection:
        await fill_both(connection)
        await put_limit(connection, GUILD, Limit(1, per_day=3))
        await guilds.note(connection, GUILD + 1, NOON)
        elsewhere = await add_job(connection, 8, guild_id=GUILD + 1)
        later = await add_job(connection, 9, now=after(2))
        await left(connection, GUILD)
        assert await erasure.left_guild(connection, after(1)) is None
        assert await erasure.left_guild(connection, after(2)) == GUILD
        for _ in range(3):
            await erasure.erase_guild(connection, GUILD, after(2), after(3), 1)
        text = await contents(connection)
        assert str(GUILD) not in text.replace(str(GUILD + 1), "").replace(str(CHANNEL), "")
        # What somebody made there with a bot of their own is theirs.
        assert (await got(connection, later.id)).guild_id is None
        assert (await got(connection, later.id)).prompt == later.prompt
        assert await got(connection, elsewhere.id) == elsewhere


async def test_what_hangs_on_a_job_goes_when_the_job_is_emptied(database: Database) -> None:
    """Only its states stay with it, until it goes itself."""
    hanging = {name.split(".")[0] for name in columns_with("jobs", set(), "job_id")} - {"jobs"}
    async with database.write() as connection:
        made = await fill_both(connection)
        await erasure.erase(connection, [made[ANN]], after(60))
        for name in hanging - {"job_events"}:
            table = metadata.tables[name]
            found = set((await connection.execute(sa.select(table.c.job_id))).scalars())
            assert found == {made[BOB]}, name


async def test_a_guild_that_has_come_back_keeps_everything(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await left(connection, GUILD)
        await guilds.note(connection, GUILD, after(2), there=False)
        assert await erasure.left_guild(connection, after(9)) == GUILD
        await guilds.note(connection, GUILD, after(2))
        assert await erasure.left_guild(connection, after(9)) is None
        await erasure.erase_guild(connection, GUILD, after(9), after(9), 5)
        assert await jobs.get(connection, job.id) == job


async def test_only_jobs_that_ended_before_and_have_no_message_on_its_way_are_too_old(
    database: Database,
) -> None:
    async with database.write() as connection:
        every: list[Any] = [await add_job(connection, number) for number in range(1, 6)]
        for job, ended in zip(every[1:], (0, 0, 0, 100), strict=True):
            await set_columns(connection, job, state=JobState.FINISHED, ended_at=after(ended))
        await deliveries.add(connection, every[1], DeliveryKind.RESULT, NOON)
        assert await erasure.expired(connection, after(50), 5) == [3, 4]
        assert await erasure.expired(connection, after(50), 1) == [3]
        await erasure.erase(connection, [3], after(50))
        assert await erasure.expired(connection, after(50), 5) == [4]


async def test_a_job_that_moderators_have_yet_to_decide_about_is_not_too_old(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await set_columns(connection, job, state=JobState.FINISHED, ended_at=NOON)
        new = NewReview(GUILD, job.id, Matter.RESULT, after(99))
        review = await reviews.add(connection, new, NOON)
        assert review is not None
        assert await erasure.expired(connection, after(50), 5) == []
        await reviews.decide(connection, review, ReviewState.REJECTED, BOB, after(1), "no")
        assert await erasure.expired(connection, after(50), 5) == [job.id]
