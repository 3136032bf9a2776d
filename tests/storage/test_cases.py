"""Cases: one a person and job, decided once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import cases, deliveries, jobs, people
from storage.case_states import CaseState
from storage.cases import Case, NewCase
from storage.database import Database
from storage.schema import jobs as jobs_table
from storage.states import DeliveryState
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
    claim_delivery,
    promise,
)
from tests.storage.test_postgres import other_waits

MONA, OTTO, EVE = BOB + 1, BOB + 2, BOB + 3


async def report(
    connection: AsyncConnection, job_id: int, reporter_id: int = BOB, words: str = "rude"
) -> Case | None:
    await people.note(connection, reporter_id, NOON)
    new = NewCase(GUILD, job_id, reporter_id, CHANNEL, MESSAGE, words)
    return await cases.add(connection, new, NOON)


async def opened(connection: AsyncConnection, job_id: int, reporter_id: int = BOB) -> Case:
    case = await report(connection, job_id, reporter_id)
    assert case is not None
    return case


async def test_a_case_is_open_and_comes_back_as_it_was_told(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        case = await report(connection, job.id, words="\0" + "x" * 600)
        assert case == Case(
            guild_id=GUILD,
            job_id=job.id,
            reporter_id=BOB,
            channel_id=CHANNEL,
            message_id=MESSAGE,
            words="\N{REPLACEMENT CHARACTER}" + "x" * 499,
            id=1,
            created_at=NOON,
            state=CaseState.OPEN,
            decided_by=None,
            decided_at=None,
        )
        assert await cases.get(connection, case.id) == case
        assert await cases.of_reporter(connection, job.id, BOB) == case
        assert await cases.of_reporter(connection, job.id, ANN) is None
        assert await cases.get(connection, case.id + 1) is None


async def test_a_person_reports_a_job_once_and_others_may_too(database: Database) -> None:
    async with database.write() as connection:
        job, another = await add_job(connection, 1), await add_job(connection, 2)
        made = [
            await report(connection, job_id, person)
            for job_id, person in ((job.id, BOB), (job.id, BOB), (job.id, EVE), (another.id, BOB))
        ]
    assert [case is not None for case in made] == [True, False, True, True]


@pytest.mark.parametrize("to", [CaseState.REMOVED, CaseState.DISMISSED])
async def test_the_first_decision_stays(database: Database, to: CaseState) -> None:
    async with database.write() as connection:
        case = await opened(connection, (await add_job(connection)).id)
        (decided,) = await cases.decide(connection, case, to, MONA, after(5))
        assert (decided.state, decided.decided_by, decided.decided_at) == (to, MONA, after(5))
        for other in (CaseState.REMOVED, CaseState.DISMISSED):
            assert await cases.decide(connection, case, other, OTTO, after(9)) == []
        assert await cases.get(connection, case.id) == decided


async def test_a_removal_decides_every_open_case_of_its_job_and_no_other(
    database: Database,
) -> None:
    async with database.write() as connection:
        job, another = await add_job(connection, 1), await add_job(connection, 2)
        dismissed, clicked, waiting = [
            await opened(connection, job.id, person) for person in (BOB, EVE, MONA)
        ]
        elsewhere = await opened(connection, another.id)
        await cases.decide(connection, dismissed, CaseState.DISMISSED, MONA, after(1))
        decided = await cases.decide(connection, clicked, CaseState.REMOVED, OTTO, after(5))
        assert [case.id for case in decided] == [clicked.id, waiting.id]
        states = [
            await cases.get(connection, case.id)
            for case in (dismissed, clicked, waiting, elsewhere)
        ]
    assert [case and case.state for case in states] == [
        CaseState.DISMISSED,
        CaseState.REMOVED,
        CaseState.REMOVED,
        CaseState.OPEN,
    ]


async def test_a_dismissal_leaves_what_others_have_reported(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        clicked, waiting = [await opened(connection, job.id, person) for person in (BOB, EVE)]
        (decided,) = await cases.decide(connection, clicked, CaseState.DISMISSED, OTTO, NOON)
        assert decided.id == clicked.id
        assert await cases.get(connection, waiting.id) == waiting


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_of_two_moderators_at_once_the_first_decides_all(
    database: Database, other_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each clicks below another case of the same job, so each would need what the other holds."""
    async with database.write() as connection:
        job = await add_job(connection)
        one, other = [await opened(connection, job.id, person) for person in (BOB, EVE)]
    decide = cases._decide

    async def late() -> list[Case]:
        async with other_database.write() as connection:
            return await cases.decide(connection, other, CaseState.REMOVED, OTTO, NOON)

    async def interrupted(*asked: Any) -> list[Case]:
        monkeypatch.setattr(cases, "_decide", decide)
        decided = await decide(*asked)
        tasks.append(asyncio.create_task(late()))
        await other_waits(database)
        return decided

    tasks: list[asyncio.Task[list[Case]]] = []
    monkeypatch.setattr(cases, "_decide", interrupted)
    async with asyncio.timeout(20):
        async with database.write() as connection:
            first = await cases.decide(connection, one, CaseState.REMOVED, MONA, NOON)
        assert await tasks[0] == []
    assert [case.id for case in first] == [one.id, other.id]


async def test_a_case_has_one_message_which_is_nothing_of_its_jobs_person(
    database: Database,
) -> None:
    async with database.write() as connection:
        result = await promise(connection)
        case = await opened(connection, result.job_id)
        await deliveries.mark_sent(connection, await claim_delivery(connection), MESSAGE, NOON)
        await deliveries.add_case(connection, case, CHANNEL + 1, NOON)
        told = await claim_delivery(connection)
        assert (told.case_id, told.channel_id, told.person_id) == (case.id, CHANNEL + 1, None)
        assert await deliveries.of_cases(connection, [case.id]) == {case.id: told}
        assert await deliveries.mark_sent(connection, told, MESSAGE + 1, NOON)
        assert await deliveries.messages_of(connection, result.job_id) == [(CHANNEL, MESSAGE)]
        assert await deliveries.job_of(connection, MESSAGE) == result.job_id
        assert await deliveries.job_of(connection, MESSAGE + 1) is None
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await deliveries.add_case(connection, case, CHANNEL, NOON)


async def test_a_report_that_could_not_be_posted_is_not_told_to_who_was_reported(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        case = await opened(connection, job.id)
        await deliveries.add_case(connection, case, CHANNEL, NOON)
        (told,) = await deliveries.claim(connection, 1, NOON, LEASE)
        assert await deliveries.give_up(connection, told, "gone")
        assert await deliveries.untold(connection, ANN) == []
        await deliveries.note_told(connection, [job.id], after(5))
        kept = (await deliveries.of_cases(connection, [case.id]))[case.id]
    assert (kept.state, kept.told_at) == (DeliveryState.UNDELIVERABLE, None)


async def test_a_job_that_is_forgotten_takes_its_cases_along(database: Database) -> None:
    async with database.write() as connection:
        result = await promise(connection)
        case = await opened(connection, result.job_id)
        await deliveries.add_case(connection, case, CHANNEL, NOON)
        await connection.execute(sa.delete(jobs_table))
        assert await jobs.get(connection, result.job_id) is None
        assert await cases.get(connection, case.id) is None
        assert await deliveries.of_cases(connection, [case.id]) == {}
