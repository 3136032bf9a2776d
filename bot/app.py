"""Open every resource outermost, hand it in, close in reverse."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
import discord
import stamina
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import disk
from bot.client import Foley
from bot.clock import Clock, utc_now
from bot.config import Settings, SettingsError
from bot.counts import Counts
from bot.crash import crash_point
from bot.errors import FoleyError
from bot.jobs.cases import Cases
from bot.jobs.choices import Choices
from bot.jobs.desk import Desk
from bot.jobs.estimate import Estimates
from bot.jobs.fetch import Fetcher
from bot.jobs.gate import Gate
from bot.jobs.limits import Allowed
from bot.jobs.moderators import Moderators
from bot.jobs.notices import Notices
from bot.jobs.outage import Outage
from bot.jobs.privacy import Privacy
from bot.jobs.results import Results
from bot.jobs.reviews import Reviews
from bot.jobs.rules import Rules
from bot.jobs.shelf import Shelf
from bot.jobs.standing import Standings
from bot.jobs.stats import Stats
from bot.jobs.vocabulary import Vocabulary
from bot.jobs.workers import Bell, Workers, build_workers
from bot.look.looker import Looker
from bot.look.service import ModerationService
from bot.media.workshop import Workshop
from bot.netmind.catalog import Catalog
from bot.netmind.client import NetmindClient, open_session
from bot.netmind.download import Downloader
from bot.post import Post
from bot.pulse import Pulse
from bot.rest import Rest
from bot.services import Services
from bot.tally import Tally
from bot.web.access import Access
from bot.web.health import Health, connected
from bot.web.links import MediaLinks
from bot.web.media import MediaHandler
from bot.web.metrics import Metrics
from bot.web.server import Part, build, serving
from bot.web.status import StatusPage
from storage import migrate
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger(__name__)

# Seconds that saying good-bye to Discord may take at least.
_LEAVING = 1.0
# Gateway close codes that no second try will mend: authentication failed, invalid intents.
_REFUSED_CODES = frozenset({4004, 4013, 4014})
# Likewise: a shard that there is none of, and too few shards for so many guilds.
_SHARD_CODES = frozenset({4010, 4011})

_NO_CONNECTION = (aiohttp.ClientError, OSError, TimeoutError)


class TokenRefusedError(FoleyError):
    """Discord refused the bot's token."""


@dataclass(frozen=True)
class App:
    """Everything that is open, for those who start it and look at it."""

    settings: Settings
    database: Database
    catalog: Catalog
    netmind: NetmindClient
    client: Foley
    workers: Workers
    media: MediaHandler | None
    counts: Counts
    health: Health


@asynccontextmanager
async def open_app(
    settings: Settings, catalog: Catalog, clock: Clock = utc_now
) -> AsyncIterator[App]:
    """Open what the bot needs; nothing runs yet and nobody is logged in. Raises StorageError."""
    async with AsyncExitStack() as stack:
        database = Database.open(settings.database)
        stack.push_async_callback(database.close)
        crash_point("start.migrating")
        await migrate.upgrade(database)
        crash_point("start.migrated")
        counts = Counts(clock)
        session = await stack.enter_async_context(open_session())
        netmind = NetmindClient(
            session,
            settings.netmind_base_url,
            settings.netmind_api_token.get_secret_value(),
            on_call=counts.called,
        )
        downloader = await stack.enter_async_context(Downloader(settings.download_allow))
        estimates = Estimates(database, catalog, clock)
        limit = settings.netmind_max_in_flight
        standings = Standings(database, catalog, estimates, clock, limit, Outage(clock))
        bell = Bell()
        links = _links(settings, clock)
        fetcher = Fetcher(netmind, downloader, Results())
        everybody = Allowed(settings.person_at_once, settings.person_per_day)
        gate = Gate(catalog, estimates, everybody)
        vocabulary = Vocabulary(database, catalog, clock)
        desk = Desk(database, catalog, standings, fetcher, gate, vocabulary, clock, bell.ring)
        client = Foley(
            database,
            catalog,
            _services(database, desk, vocabulary, clock, bell),
            shard_count=settings.shard_count,
            shard_ids=settings.shard_ids,
        )
        stack.push_async_callback(client.close)
        workshop = Workshop()
        looker = Looker(workshop, await _service(settings, stack))
        workers = build_workers(
            bell=bell,
            database=database,
            netmind=netmind,
            fetcher=fetcher,
            post=Post(client, Rest(clock), counts.sent),
            standings=standings,
            clock=clock,
            max_in_flight=limit,
            exclusive=settings.netmind_account == "exclusive",
            shared_database=settings.database.postgres is not None,
            workshop=workshop,
            looker=looker,
            links=links,
            retention_days=settings.retention_days,
            on_sent=counts.delivered,
        )
        # Nothing may be at work on what is closed next.
        stack.push_async_callback(workers.stop)
        media = None if links is None else MediaHandler(database, fetcher, links)
        health = _health(settings, database, client, bell)
        yield App(settings, database, catalog, netmind, client, workers, media, counts, health)


def _services(
    database: Database, desk: Desk, vocabulary: Vocabulary, clock: Clock, bell: Bell
) -> Services:
    """Return what people's commands and buttons lead to."""
    return Services(
        desk=desk,
        shelf=Shelf(database, clock, bell.ring),
        choices=Choices(database, clock),
        cases=Cases(database, clock, bell.ring),
        rules=Rules(database, clock),
        moderators=Moderators(database, clock, bell.ring),
        notices=Notices(database, clock),
        reviews=Reviews(database, clock, bell.ring),
        vocabulary=vocabulary,
        privacy=Privacy(database, clock, bell.ring),
        stats=Stats(database, clock),
    )


def _health(settings: Settings, database: Database, client: Foley, bell: Bell) -> Health:
    """Return what looks at all that this process is for."""
    return Health(
        database,
        None if settings.role == "worker" else partial(connected, client),
        [] if settings.role == "gateway" else bell.loops,
    )


async def _service(settings: Settings, stack: AsyncExitStack) -> ModerationService | None:
    """Return the operator's own moderation service, if there is one."""
    if settings.output_moderation_url is None:
        return None
    session = await stack.enter_async_context(aiohttp.ClientSession())
    secret = settings.output_moderation_token
    token = None if secret is None else secret.get_secret_value()
    return ModerationService(session, settings.output_moderation_url, token)


def _links(settings: Settings, clock: Clock) -> MediaLinks | None:
    """Return what makes links to large files, if people can reach this process from outside."""
    if settings.public_url is None:
        return None
    token = settings.discord_token.get_secret_value()
    return MediaLinks.of_token(token, settings.public_url, clock)


async def run(app: App, stopping: asyncio.Event) -> None:
    """Log in, work, talk to Discord and serve HTTP until it is time to stop; then drain.

    Raises TokenRefusedError, and SettingsError if the port is taken or the shards are wrong.
    """
    lost = disk.trouble(app.settings.database)
    if lost is not None:
        log.warning("disk_does_not_last", advice=lost)
    async with AsyncExitStack() as stack:
        if app.settings.port is not None:
            pulse = Pulse()
            notices = [lost] if lost is not None else []
            site = build(app.media, app.health, *_for_operators(app, pulse, notices))
            await stack.enter_async_context(serving(site, app.settings.port))
            if app.settings.metrics_token is not None:
                await stack.enter_async_context(pulse.beating())
        await _run(app, stopping)


def _for_operators(app: App, pulse: Pulse, notices: Sequence[str] = ()) -> list[Part]:
    """Return what only who has the token may read; nothing if there is none."""
    if app.settings.metrics_token is None:
        return []
    clock, settings, workers = app.counts.clock, app.settings, app.workers
    access = Access(app.settings.metrics_token.get_secret_value(), clock)
    tally = Tally(app.database, clock, [model.key for model in app.catalog.models])
    works = settings.role != "gateway"
    outages = [workers.submitter.outage, workers.watcher.refusals] if works else []
    shared = (access, app.health, app.database, app.counts)
    return [
        Metrics(*shared, tally, pulse, outages, clock),
        StatusPage(*shared, pulse, outages, clock, settings.netmind_max_in_flight, notices),
    ]


async def _run(app: App, stopping: asyncio.Event) -> None:
    elsewhere = app.settings.discord_api_base != Route.BASE
    if not await _unless(stopping, log_in(app)):
        return
    if elsewhere:
        await _find_gateway(app.client)
    gateway, workers = _parts(app)
    tasks = {*gateway, *workers}
    asked = asyncio.create_task(stopping.wait(), name="stopping")
    try:
        done, _ = await asyncio.wait({*tasks, asked}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        await _drain(app, gateway)
    finally:
        for task in (*tasks, asked):
            task.cancel()
        await asyncio.gather(*tasks, asked, return_exceptions=True)


def _parts(app: App) -> tuple[list[asyncio.Task[None]], list[asyncio.Task[None]]]:
    """Start what this process is for: talking to people, doing the jobs, or both."""
    role = app.settings.role
    gateway = [] if role == "worker" else [_stay_connected(app.client)]
    workers = [] if role == "gateway" else [app.workers.run()]
    return (
        [asyncio.create_task(part, name="gateway") for part in gateway],
        [asyncio.create_task(part, name="workers") for part in workers],
    )


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work, or break it off when it is time to stop. False: it was broken off."""
    task, asked = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return True
        return False
    finally:
        task.cancel()
        asked.cancel()
        await asyncio.gather(task, asked, return_exceptions=True)


async def _drain(app: App, gateway: Collection[asyncio.Task[None]]) -> None:
    """Take no more commands, end what is under way or give it back."""
    ends_at = asyncio.get_running_loop().time() + app.settings.drain_seconds
    app.health.draining = True
    log.info("draining", seconds=app.settings.drain_seconds)
    for task in gateway:
        task.cancel()  # or it would connect again
    await asyncio.gather(*gateway, return_exceptions=True)
    seconds = ends_at - asyncio.get_running_loop().time()
    await asyncio.gather(
        app.client.leave(max(_LEAVING, seconds)), _drain_workers(app.workers, seconds)
    )


async def _drain_workers(workers: Workers, seconds: float) -> None:
    try:
        await workers.drain(seconds)
    except StorageError as error:
        log.warning("not_given_back", error=str(error))


async def _stay_connected(client: Foley) -> None:
    try:
        await client.connect()
    except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
        # The library has an error of its own for one of the codes.
        code = error.code if isinstance(error, discord.ConnectionClosed) else 4014
        if code in _REFUSED_CODES:
            raise TokenRefusedError(
                f"Discord closed the connection for good ({code}). "
                "Look at DISCORD_TOKEN: is it the newest, and of this bot?"
            ) from error
        if code in _SHARD_CODES:
            says = f"Discord does not take these shards ({code}). Look at SHARD_COUNT."
            raise SettingsError([says]) from error
        raise


async def log_in(app: App) -> None:
    """Log in, and give Discord the commands; while it cannot be reached, try ever more rarely."""
    # The library keeps this address, and the gateway's, on its classes; there is no other way.
    Route.BASE = app.settings.discord_api_base
    token = app.settings.discord_token.get_secret_value()
    async for attempt in stamina.retry_context(
        on=_may_pass, attempts=None, timeout=None, wait_initial=2.0, wait_max=300.0
    ):
        with attempt:
            try:
                await app.client.login(token)
            except (*_NO_CONNECTION, discord.HTTPException):
                # The library opens a new session at each try and forgets the last; closing that
                # closes the connector too, so it has to make a new one.
                await app.client.http.close()
                app.client.http.connector = discord.utils.MISSING
                raise
            except discord.LoginFailure as error:
                raise TokenRefusedError(
                    "Discord refused the token. Copy DISCORD_TOKEN anew from the developer portal."
                ) from error


def _may_pass(error: Exception) -> bool:
    if isinstance(error, discord.HTTPException):
        return error.status == 429 or error.status >= 500  # noqa: PLR2004 - HTTP's numbers
    return isinstance(error, _NO_CONNECTION)


async def _find_gateway(client: Foley) -> None:
    """Have another Discord's gateway used for every connection, not for the first alone."""
    _, address, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
