"""Reviews: a job is asked about once and decided once."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, jobs, people, reviews
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.review_states import Matter, ReviewState
from storage.reviews import NewReview, Review
from storage.states import DeliveryState
from tests.storage.makers import ANN, BOB, CHANNEL, GUILD, LEASE, NOON, add_job, after

DAY = timedelta(days=1)


async def asked(
    connection: AsyncConnection, interaction_id: int = 1, *, until: float = 3600
) -> Review:
    job = await add_job(connection, interaction_id)
    new = NewReview(GUILD, job.id, Matter.RESULT, after(until), "loud")
    review = await reviews.add(connection, new, NOON)
    assert review is not None
    return review


async def test_a_review_is_open_and_comes_back_as_it_was_asked(database: Database) -> None:
    async with database.write() as connection:
        review = await asked(connection)
        assert review == Review(
            id=1,
            guild_id=GUILD,
            job_id=1,
            what=Matter.RESULT,
            finding="loud",
            created_at=NOON,
            expires_at=after(3600),
            state=ReviewState.OPEN,
            decided_by=None,
            decided_at=None,
            words=None,
        )
        assert await reviews.get(connection, 1) == review
        assert await reviews.of_job(connection, 1, Matter.RESULT) == review
        assert await reviews.of_job(connection, 1, Matter.PROMPT) is None


async def test_the_same_is_asked_about_a_job_once(database: Database) -> None:
    async with database.write() as connection:
        review = await asked(connection)
        again = NewReview(GUILD, review.job_id, Matter.RESULT, after(9))
        other = NewReview(GUILD, review.job_id, Matter.PROMPT, after(9))
        assert await reviews.add(connection, again, NOON) is None
        assert await reviews.add(connection, other, NOON) is not None


async def test_it_is_decided_once(database: Database) -> None:
    async with database.write() as connection:
        review = await asked(connection)
        first = await reviews.decide(
            connection, review, ReviewState.REJECTED, BOB, after(5), "Too loud."
        )
        assert first is not None
        assert (first.state, first.decided_by, first.words) == ("rejected", BOB, "Too loud.")
        late = await reviews.decide(connection, review, ReviewState.APPROVED, ANN, after(6))
        assert late is None
        assert await reviews.get(connection, review.id) == first


async def test_what_is_over_is_found_longest_first_until_it_is_decided(database: Database) -> None:
    async with database.write() as connection:
        late, early, _later = [
            await asked(connection, number, until=seconds)
            for number, seconds in ((1, 20), (2, 10), (3, 30))
        ]
        assert await reviews.next_expiry(connection) == after(10)
        assert await reviews.expired(connection, after(9), 5) == []
        assert await reviews.expired(connection, after(20), 5) == [early, late]
        assert await reviews.expired(connection, after(20), 1) == [early]
        await reviews.decide(connection, early, ReviewState.APPROVED, None, after(20))
        assert await reviews.expired(connection, after(20), 5) == [late]
        assert await reviews.next_expiry(connection) == after(20)


async def test_trust_is_for_a_person_in_a_guild_until_it_is_taken_back(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection)
        await people.note(connection, BOB, NOON)
        for person, when in ((ANN, 0), (BOB, 1), (ANN, 2)):
            await reviews.trust(connection, GUILD, person, 5, after(when))
        assert await reviews.trusted_in(connection, GUILD) == [BOB, ANN]
        assert await reviews.is_trusted(connection, GUILD, ANN)
        assert not await reviews.is_trusted(connection, GUILD + 1, ANN)
        assert await reviews.trust_no_more(connection, GUILD, ANN)
        assert not await reviews.trust_no_more(connection, GUILD, ANN)
        assert not await reviews.is_trusted(connection, GUILD, ANN)


async def test_the_question_is_nothing_that_people_are_told(database: Database) -> None:
    async with database.write() as connection:
        review = await asked(connection)
        await deliveries.add_review(connection, review, CHANNEL, NOON)
        (claimed,) = await deliveries.claim(connection, 5, NOON, LEASE)
        assert (claimed.kind, claimed.review_id) == (DeliveryKind.REVIEW, review.id)
        await deliveries.mark_sent(connection, claimed, 77, NOON)
        sent = await deliveries.of_review(connection, review.id)
        assert sent is not None
        assert (sent.state, sent.message_id) == (DeliveryState.SENT, 77)
        assert await deliveries.messages_of(connection, review.job_id) == []
        assert await deliveries.job_of(connection, 77) is None


async def test_a_message_is_taken_back_only_by_who_holds_it(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
        (first,) = await deliveries.claim(connection, 5, NOON, LEASE)
        (second,) = await deliveries.claim(connection, 5, NOON + DAY, LEASE)
        assert not await deliveries.withdraw(connection, first)
        assert await deliveries.withdraw(connection, second)
        assert await deliveries.of_jobs(connection, [job.id]) == {}
        assert await jobs.get(connection, job.id) == job
