"""The operator's pages, served on this machine over a database of their own."""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.counts import Counts, hour_of
from bot.jobs.loop import Loop
from bot.jobs.outage import Outage
from bot.post import NoAnswerError, NotAllowedError
from bot.pulse import Pulse
from bot.tally import Tally
from bot.web.access import Access
from bot.web.health import Health
from bot.web.metrics import Metrics
from bot.web.server import build, serving
from bot.web.status import StatusPage
from storage.database import Database
from storage.errors import UnavailableError
from storage.schema import deliveries, guilds, job_events, jobs, people
from storage.states import JobState
from tests.world import MovedClock, settings_for, spare_migrations

TOKEN = "the-operators-own-token"
NOW = datetime(2026, 1, 2, 15, 40, 12, tzinfo=UTC)
PERSON, GUILD, PROMPT = 80_351_110_224_678_912, 41_771_983_423_143_937, "wind over willow"


@dataclass
class Site:
    """What is served, and all that it looks at."""

    base: str
    session: aiohttp.ClientSession
    database: Database
    counts: Counts
    health: Health
    pulse: Pulse
    outage: Outage
    access: Access
    clock: MovedClock
    loops: list[Loop]
    notices: list[str]
    gateway: bool = True
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {TOKEN}"})

    @property
    def now(self) -> datetime:
        """The time of everything here."""
        return self.clock.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.clock.now = now

    async def get(self, path: str, **more: Any) -> tuple[int, str, aiohttp.ClientResponse]:
        """Return status, text and the rest of an answer."""
        async with self.session.get(self.base + path, allow_redirects=False, **more) as answer:
            return answer.status, await answer.text(), answer

    async def give(self, token: str, **more: Any) -> tuple[int, str, aiohttp.ClientResponse]:
        """Give a token in the form."""
        form = {"token": token}
        async with self.session.post(
            f"{self.base}/status", data=form, allow_redirects=False, **more
        ) as answer:
            return answer.status, await answer.text(), answer

    async def metrics(self, **headers: str) -> str:
        """Return what Prometheus reads."""
        status, text, _ = await self.get("/metrics", headers=self.headers | headers)
        assert status == 200
        return text


class Gone:
    """What a database gives that does not answer."""

    async def __aenter__(self) -> None:
        raise UnavailableError("gone")

    async def __aexit__(self, *_: object) -> None:
        pass


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    """Serve everything; the workers have just taken a step, and the gateway is connected."""
    settings = settings_for("http://127.0.0.1:9", folder)
    spare_migrations(settings)
    database = Database.open(settings.database)

    async def step() -> None:
        pass

    clock = MovedClock()
    clock.now = NOW
    loops = [Loop("submitter", step), Loop("courier", step)]
    for loop in loops:
        loop.stepped_at = asyncio.get_running_loop().time()
    counts, pulse, outage, access = Counts(clock), Pulse(), Outage(clock), Access(TOKEN, clock)
    health = Health(database, lambda: site.gateway, loops)
    tally = Tally(database, clock, ["stable-audio"])
    shared = (access, health, database, counts)
    notices: list[str] = []
    pages = (
        Metrics(*shared, tally, pulse, [outage], clock),
        StatusPage(*shared, pulse, [outage], clock, 8, notices),
    )
    async with (
        serving(build(None, health, *pages), 0, "127.0.0.1") as port,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        site = Site(
            base=f"http://127.0.0.1:{port}",
            session=session,
            database=database,
            counts=counts,
            health=health,
            pulse=pulse,
            outage=outage,
            access=access,
            clock=clock,
            loops=loops,
            notices=notices,
        )
        try:
            yield site
        finally:
            await database.close()


async def live_a_day(site: Site) -> None:
    """Let a busy day go by, with an hour in which NetMind had trouble."""
    chance = random.Random(4)
    now, rows = site.now, _Rows()
    site.counts.started_at = now - timedelta(hours=25, minutes=12)
    for ago in range(23, -1, -1):
        hour = hour_of(now) - timedelta(hours=ago)
        busy = 4 + int(15 * (1 + math.cos((hour.hour - 20) / 12 * math.pi)))
        trouble = ago == 18
        for _ in range(busy):
            at = hour + timedelta(seconds=chance.randrange(2300))
            (state,) = chance.choices(_ENDS, _ODDS[trouble])
            rows.add(at, state, int(chance.expovariate(0.25 if trouble else 0.9)))
        _live_an_hour(site, hour, busy, trouble=trouble)
    for state in (*[JobState.QUEUED] * 5, *[JobState.GENERATING] * 8, JobState.HELD):
        rows.add(now - timedelta(seconds=chance.randrange(20, 190)), state, 0)
    site.now = now
    async with site.database.write() as connection:
        seen = {"first_seen_at": now, "last_seen_at": now}
        await connection.execute(sa.insert(people).values(id=PERSON, **seen))
        await connection.execute(sa.insert(guilds).values(id=GUILD, **seen))
        await connection.execute(sa.insert(jobs), rows.jobs)
        await connection.execute(sa.insert(deliveries), rows.deliveries)
        await connection.execute(sa.insert(job_events), rows.events)


_ENDS = (JobState.FINISHED, JobState.FAILED, JobState.CANCELLED)
# Of a hundred, in an ordinary hour and in one with trouble.
_ODDS = {False: (94, 2, 4), True: (50, 40, 10)}


def _live_an_hour(site: Site, hour: datetime, busy: int, *, trouble: bool) -> None:
    site.now = hour
    for number in range(9 * busy):
        failed = number % (2 if trouble else 97) == 1
        status = None if failed and number % 4 == 1 else 503 if failed else 200
        site.counts.called("list", 404 if number % 23 == 4 else status)
    for number in range(busy):
        refused = NotAllowedError() if number % 19 == 5 else None
        site.counts.sent(NoAnswerError() if trouble and number % 3 == 0 else refused)


class _Rows:
    """Rows of the tables, in the order of their times as far as it matters."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def add(self, at: datetime, state: JobState, lag: int) -> None:
        number, over = len(self.jobs) + 1, state in _ENDS
        end = at + timedelta(seconds=41)
        self.jobs.append(
            {
                "id": number,
                "interaction_id": number,
                "requester_id": PERSON,
                "guild_id": GUILD,
                "channel_id": 1,
                "model": "stable-audio",
                "kind": "audio",
                "prompt": PROMPT,
                "options": {},
                "state": state,
                "created_at": at,
                "changed_at": at,
                "generating_at": at + timedelta(seconds=1) if over else None,
                "ended_at": end if over else None,
                "generation_id": f"g{number}",
            }
        )
        if over:
            self.events.append(
                {"job_id": number, "at": end, "from_state": "generating", "to_state": state}
            )
        if over and state is not JobState.CANCELLED:
            self.deliveries.append(
                {
                    "job_id": number,
                    "kind": "result" if state is JobState.FINISHED else "failure",
                    "channel_id": 1,
                    "nonce": f"n{number}",
                    "state": "sent",
                    "created_at": end,
                    "lease_until": end,
                    "sent_at": end + timedelta(seconds=lag),
                    "message_id": number,
                }
            )
