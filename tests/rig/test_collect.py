"""What the rig reads off the stand-ins and the database."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from storage import deliveries, jobs, people, queue
from storage.deliveries import DeliveryKind
from storage.jobs import NewJob
from storage.states import JobState
from tests.rig.bots import Services
from tests.rig.checker import violations
from tests.rig.collect import GivenCommand, collect, discord_requests
from tests.rig.evidence import Answer
from tests.rig.records import at_rest, read_records
from tests.standins.discord import faults
from tests.standins.discord.process import DiscordStandIn
from tests.standins.netmind.faults import too_many_requests
from tests.storage.stores import Store, migrated, running_postgres, sqlite_file

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEND = "/channels/{channel_id}/messages"


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        yield await migrated(sqlite_file(tmp_path / "foley.db"))
        return
    with running_postgres() as server:
        yield await migrated(await server.create("rig"))


def url(store: Store) -> str:
    return store.address.postgres or f"sqlite:///{store.address.path}"


async def a_finished_job(store: Store, *, sent: bool) -> None:
    database = store.open()
    new = NewJob(1001, 11, None, 200, "mmaudio", "audio", "a secret place", {"seed": 7})
    async with database.write() as connection:
        await people.note(connection, 11, NOW)
        job = await jobs.add(connection, new, NOW)
        (claimed,) = await queue.claim(connection, 1, NOW, timedelta(seconds=20))
        for state in (JobState.GENERATING, JobState.FINISHED):
            moved = await jobs.move(connection, claimed, state, NOW, note="a note")
            assert moved is not None
            claimed = moved
        await deliveries.add(connection, job, DeliveryKind.RESULT, NOW)
        if sent:
            (one,) = await deliveries.claim(connection, 1, NOW, timedelta(seconds=20))
            assert await deliveries.mark_sent(connection, one, 3001, NOW)
    await database.close()


async def test_rows_are_read_the_same_from_both_databases(store: Store) -> None:
    await a_finished_job(store, sent=True)
    records = await read_records(url(store))
    (job,), (delivery,) = records.jobs, records.deliveries
    assert (job.interaction_id, job.requester_id, job.state) == (1001, 11, "finished")
    assert (job.card_closed, job.cleanup_at) == (False, None)
    assert (delivery.kind, delivery.state, delivery.message_id) == ("result", "sent", 3001)
    edges = [(event.from_state, event.to_state, event.note, event.at) for event in records.events]
    assert edges[0] == (None, "queued", None, NOW)
    assert edges[-1] == ("generating", "finished", "a note", NOW)
    assert records.texts["jobs.prompt"] == "a secret place"
    assert records.texts["jobs.options"].replace(" ", "") == '{"seed":7}'


async def test_a_database_is_at_rest_when_everything_is_told(store: Store) -> None:
    assert at_rest(await read_records(url(store)), NOW)
    await a_finished_job(store, sent=False)
    assert not at_rest(await read_records(url(store)), NOW)


async def test_a_database_without_tables_is_empty(tmp_path: Path) -> None:
    assert await read_records(f"sqlite:///{tmp_path}/none.db") == await read_records(
        f"sqlite:///{tmp_path}/nothing.db"
    )


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    async with await Services.start() as started:
        yield started


def upload(data: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "job #1 · here"}', content_type="application/json")
    form.add_field("files[0]", io.BytesIO(data), filename="sound.flac")
    return form


async def post(discord: DiscordStandIn, data: bytes) -> int:
    """Post a file as the bot does; the status."""
    path = f"{discord.api_base}/channels/{discord.home.channel}/messages"
    headers = {"Authorization": f"Bot {discord.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(path, data=upload(data), headers=headers) as answer,
    ):
        return answer.status


async def test_the_outside_is_read_as_it_is(services: Services, tmp_path: Path) -> None:
    """A message, a planned and an unplanned refusal, a generation, and a command without answer."""
    discord, netmind = services.discord, services.netmind
    nobody_heard = GivenCommand(1001, discord.home.alice, discord.home.channel, "rain", NOW)
    assert await post(discord, b"fLaC" + bytes(100)) == 200
    await netmind.plan(too_many_requests())
    stranger = await netmind.stranger()
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer wrong"}) as session:
        for _ in range(2):
            async with session.get(f"{netmind.base_url}/v1/generation") as answer:
                await answer.read()

    evidence = await collect(
        discord,
        netmind,
        f"sqlite:///{tmp_path}/none.db",
        commands=[nobody_heard],
        faults_stopped_at=NOW,
    )

    (message,) = evidence.messages
    assert (message.channel, message.author) == (discord.home.channel, evidence.bot)
    assert [(file.name, file.size) for file in message.files] == [("sound.flac", 104)]
    assert evidence.commands[0].answer is Answer.SILENT
    refused = [(r.status, r.planned) for r in evidence.requests if r.to == "netmind"]
    assert refused == [(429, True), (401, False)]
    (made,) = evidence.generations
    assert (made.id, made.stranger) == (stranger, True)
    # The message tells of a job that nobody asked for, and the file is nobody's.
    assert {sentence.partition(":")[0] for sentence in violations(evidence)} >= {"wrong"}


async def test_half_an_upload_is_seen_and_posts_nothing(services: Services) -> None:
    discord = services.discord
    await discord.plan(faults.half_upload(0.0, "reset").on("POST", SEND))
    with pytest.raises(aiohttp.ClientError):
        await post(discord, bytes(8_000_000))
    await discord.wait_for(lambda entry: entry.kind == "upload.half")
    await discord.wait_for(lambda entry: entry.kind == "http" and entry.fault)
    assert await discord.messages() == []
    (request,) = discord_requests(await discord.ledger())
    assert request.status is None
    assert await post(discord, bytes(10)) == 200
