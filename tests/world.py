"""The whole bot in one process: the real client in simcord, the real workers, the sandbox NetMind.

Time is moved: `World.later()` moves the clock that the bot, the sandbox and Discord share,
`World.work()` lets every worker do what there is to do at that moment. `World.restart()` starts the
bot anew over the same database, the same NetMind and the same Discord, as a deploy does.
"""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import discord
import simcord
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.backend.models import Overwrite
from simcord.builders import ChannelHandle, GuildHandle, UserHandle
from simcord.enums import AppCommandType, InteractionType, OverwriteType
from simcord.results import InteractionResult, ResponseMessage

from bot.app import App, open_app
from bot.config import Settings
from bot.errors import Refusal
from bot.jobs.turn import Step
from bot.look.looker import Looker
from bot.media.errors import NotReadableError
from bot.media.measures import Measures
from bot.media.workshop import Workshop
from bot.netmind.catalog import Catalog
from bot.sandbox.discord import started
from bot.sandbox.netmind import SandboxNetmind
from bot.sandbox.orders import Order
from storage import deliveries, events, jobs
from storage.deliveries import Delivery
from storage.errors import StorageError
from storage.events import JobEvent
from storage.jobs import Job
from tests.blank import put_blank

TOKEN = "a-token-for-tests"
# simcord's Discord begins at this moment; snowflakes and our clock must tell the same time.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)

_OPTION_TYPES: tuple[tuple[type, int], ...] = ((str, 3), (bool, 5), (int, 4), (float, 10))


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now


async def sketch(order: Order) -> bytes:
    """Make a small file that begins like the real one, another for each prompt and seed."""
    head = b"fLaC" if order.kind == "audio" else b"\x00\x00\x00\x18ftypisom"
    return head + hashlib.sha256(f"{order.prompt}/{order.seed}".encode()).digest()


@dataclass(frozen=True)
class Sent:
    """One request of the bot's to Discord."""

    method: str
    path: str
    body: Mapping[str, Any]
    at: datetime


@dataclass
class World:
    """Everything a test of behaviour needs."""

    app: App
    netmind: SandboxNetmind
    env: simcord.Env
    guild: GuildHandle
    channel: ChannelHandle
    mira: MemberActor
    jonas: MemberActor
    clock: MovedClock
    settings: Settings
    catalog: Catalog
    # What a cog may raise in this test; refusals are answers, everything else fails the test.
    tolerated: set[type[BaseException]]
    undrawn: bool
    _apps: AsyncExitStack
    _request_times: list[datetime] = field(default_factory=list)

    # Time

    async def work(self, rounds: int = 3) -> None:
        """Let every worker do what there is to do now, and again those that are rung by it."""
        workers = self.app.workers
        workers.bell.ring()
        for _ in range(rounds):
            if await self._step("submitter", workers.submitter.step):
                await workers.submitter.tasks.join()
                await self.netmind.rendered()
            await self._step("watcher", workers.watcher.step)
            if await self._step("courier", workers.courier.step):
                await workers.courier.tasks.join()
            await self._step("cards", workers.cards.step)
            await self._step("janitor", workers.janitor.step)
            await self._step("reviews", workers.reviews.step)
            self._note_times()
            if not any(loop.is_woken for loop in workers.bell.loops):
                break

    async def _step(self, name: str, step: Step) -> bool:
        """Run a worker's step if it was rung, as its loop does; tell whether it was."""
        (loop,) = [loop for loop in self.app.workers.bell.loops if loop.name == name]
        if not loop.is_woken:
            return False
        loop._woken.clear()
        if await step() == 0:
            loop.wake()
        return True

    async def later(self, seconds: float) -> None:
        """Move the time, then let every worker do what there is to do."""
        self.move(seconds)
        await self.work()

    def move(self, seconds: float) -> None:
        """Move the time, and nothing else."""
        self._note_times()
        self.clock.now += timedelta(seconds=seconds)
        self.env.backend.advance_clock(seconds)

    async def finish(self, seconds: float = 60) -> None:
        """Move the time in small steps, as watchers live it, until `seconds` have gone by."""
        await self.work()
        for _ in range(5):
            await self.later(seconds / 5)

    async def until_ended(self, *job_ids: int, step: float = 15, most: int = 400) -> None:
        """Move the time until these jobs have ended and their messages are no longer on the way."""
        for _ in range(most):
            await self.later(step)
            found = [await self.job(job_id) for job_id in job_ids or (1,)]
            if all(job.ended and job.card_closed for job in found):
                return
        raise AssertionError(f"still open: {[(job.id, job.state) for job in found]}")

    # The bot's life

    async def restart(self, **more: Any) -> None:
        """Start the bot anew: what was only in its memory is gone. `more`: changed settings."""
        settings = self.settings.model_copy(update=more)
        await self._apps.aclose()
        self._apps = AsyncExitStack()
        self.app = await self._apps.enter_async_context(
            open_app(settings, self.catalog, self.clock)
        )
        self.set_up()
        await self.env.restart_bot(self.app.client)

    def set_up(self) -> None:
        """Spare a bot that was just started the work on sounds that are none."""
        if self.undrawn:
            sender = self.app.workers.courier.sender
            sender.packer.workshop = Undrawn()
            sender.inspector.looker = Looker(sender.packer.workshop)

    def hurry(self, seconds: float = 0.3) -> None:
        """Have the bot wait for an answer of NetMind's no longer than this, in real seconds."""
        wait = aiohttp.ClientTimeout(total=seconds, connect=seconds / 2)
        self.app.netmind._timeout = wait
        self.app.workers.courier.sender.packer.fetcher.downloader._timeout = wait

    # What people do

    async def ask(self, prompt: str, command: str = "audio", **options: Any) -> Any:
        """Have Mira type the command."""
        return await self.type(self.mira, command, prompt=prompt, **options)

    async def type(self, person: MemberActor, command: str, **options: Any) -> Any:
        """Have somebody type a command in the channel."""
        return await person.slash(self.channel, command, **options)

    async def forge(
        self,
        person: MemberActor,
        command: str,
        channel: ChannelHandle | None = None,
        **options: Any,
    ) -> InteractionResult:
        """Send a command as a changed Discord client would: no choice, length or range holds."""
        root = self.env.backend.find_command(command, self.guild.id, type=AppCommandType.CHAT_INPUT)
        assert root is not None
        data = {
            "id": root["id"],
            "name": command,
            "type": int(AppCommandType.CHAT_INPUT),
            "options": [
                {"name": name, "type": _option_type(value), "value": value}
                for name, value in options.items()
            ],
        }
        return await person._dispatch_interaction(
            InteractionType.APPLICATION_COMMAND, channel or self.channel, data
        )

    async def replay(self, result: InteractionResult) -> None:
        """Let Discord send the event of this interaction once more."""
        events_sent = [
            payload
            for kind, name, payload in self.env.backend.transcript
            if name == "INTERACTION_CREATE" and payload["id"] == str(result._interaction.id)
        ]
        self.env.backend.emit("INTERACTION_CREATE", events_sent[0])
        await self.env.settle()

    async def press_cancel(
        self, person: MemberActor, job_id: int = 1, message: discord.Message | None = None
    ) -> InteractionResult:
        """Press the job's Cancel button, also where it is not shown any more."""
        if message is None:
            message = await self.card(job_id)
        stored = self.env.backend.get_message(message.channel.id, message.id)
        button = {"type": 2, "style": 2, "label": "Cancel", "custom_id": f"foley:cancel:{job_id}"}
        # The button was there when the press began, whatever has become of the message since.
        shown = serializers.message_payload(self.env.backend, stored) | {
            "components": [{"type": 1, "components": [button]}]
        }
        return await person._dispatch_interaction(
            InteractionType.MESSAGE_COMPONENT,
            self.channel,
            {"custom_id": button["custom_id"], "component_type": 2},
            extra={"message": shown},
            source_message_id=stored.id,
        )

    def forbid(self, *names: str, channel: ChannelHandle | None = None) -> None:
        """Take permissions from the bot in a channel."""
        denied = discord.Permissions(**dict.fromkeys(names, True)).value
        bot = self.env.backend.bot_user.id
        self.env.backend.set_overwrite(
            (channel or self.channel).id, Overwrite(bot, OverwriteType.MEMBER, 0, denied)
        )

    # Trouble with the database

    @asynccontextmanager
    async def busy_database(self) -> AsyncIterator["Lock"]:
        """Let somebody else hold the database's writer lock until `release()`."""
        lock = Lock(self._file(), self.env)
        try:
            yield lock
        finally:
            lock.release()

    @contextmanager
    def no_table(self, name: str) -> Iterator[None]:
        """Let the database answer every question about a table with an error."""
        with closing(sqlite3.connect(self._file())) as connection:
            connection.execute("PRAGMA legacy_alter_table=ON")
            connection.execute(f"ALTER TABLE {name} RENAME TO hidden")
            yield
            connection.execute(f"ALTER TABLE hidden RENAME TO {name}")

    def tolerate_storage_errors(self) -> None:
        """Let commands raise StorageError in this test; the border has words for it."""
        self.tolerated.add(StorageError)

    def _file(self) -> Path:
        path = self.settings.database.path
        assert path is not None
        return path

    # What there is to see

    async def job(self, job_id: int = 1) -> Job:
        """Return the job as the database has it."""
        async with self.app.database.read() as connection:
            found = await jobs.get(connection, job_id)
        assert found is not None
        return found

    async def jobs_made(self) -> int:
        """Count the jobs in the database."""
        count = 0
        async with self.app.database.read() as connection:
            while await jobs.get(connection, count + 1) is not None:
                count += 1
        return count

    async def delivery(self, job_id: int = 1) -> Delivery | None:
        """Return the job's delivery as the database has it."""
        async with self.app.database.read() as connection:
            return (await deliveries.of_jobs(connection, [job_id])).get(job_id)

    async def edges(self, job_id: int = 1) -> list[JobEvent]:
        """Return the edges that the job took."""
        async with self.app.database.read() as connection:
            return await events.of_job(connection, job_id)

    async def card(self, job_id: int = 1) -> discord.Message:
        """Return the job's card as the channel shows it."""
        card_id = (await self.job(job_id)).card_id
        return next(message for message in self.posts() if message.id == card_id)

    def posts(self, channel: ChannelHandle | None = None) -> list[discord.Message]:
        """Return what the channel shows to everybody, oldest first."""
        everything = (channel or self.channel).history()
        return [message for message in everything if not message.flags.ephemeral]

    def results(self) -> list[discord.Message]:
        """Return the messages that brought a file."""
        return [message for message in self.posts() if message.attachments]

    def notices(self) -> list[discord.Message]:
        """Return the messages that say why there is no file."""
        own = self.env.backend.bot_user.id
        return [
            message
            for message in self.posts()
            if message.author.id == own and message.content and not message.attachments
        ]

    def file(self, attachment: discord.Attachment) -> bytes:
        """Return an uploaded file, as anybody in the channel can fetch it."""
        return self.env.backend.cdn.get(attachment.url) or b""

    def sent(self, method: str, ending: str = "") -> list[Sent]:
        """Return the bot's requests to Discord whose path ends so."""
        self._note_times()
        return [
            Sent(entry.method, entry.path, entry.json or {}, at)
            for entry, at in zip(self.env.http_requests, self._request_times, strict=True)
            if entry.method == method and entry.path.endswith(ending)
        ]

    def card_edits(self, card: discord.Message) -> list[Sent]:
        """Return the edits of a card by the bot's own token."""
        return self.sent("PATCH", f"/messages/{card.id}")

    def _note_times(self) -> None:
        """Remember that the requests since the last look were made now."""
        fresh = len(self.env.http_requests) - len(self._request_times)
        self._request_times += [self.clock.now] * fresh


class Undrawn(Workshop):
    """The workshop, but for sounds and videos that tests make up: there is nothing to see."""

    async def waveform_picture(self, source: Path, target: Path) -> None:  # noqa: ARG002 - as the other
        """Save the time for a process that would find nothing."""
        raise NotReadableError("made up for a test")

    async def look(self, source: Path) -> Measures:  # noqa: ARG002 - as the other
        """Save that time, too."""
        return Measures()


class Lock:
    """Somebody else's hold on the database: reads go on, writes wait."""

    def __init__(self, path: Path, env: simcord.Env) -> None:
        self._env = env
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        """Let go; again and again if you like."""
        self._connection.close()

    async def until(self, seen: Callable[[], object]) -> None:
        """Let time go by until the bot has done something meanwhile."""

        def seen_later() -> object:
            # simcord moves no clock by itself while somebody's work is not settled.
            self._env.backend.advance_clock(0.02)
            return seen()

        await eventually(seen_later)


def _option_type(value: object) -> int:
    return next(number for kind, number in _OPTION_TYPES if isinstance(value, kind))


async def eventually(seen: Callable[[], object]) -> None:
    """Wait for something that happens by itself, and not for ever."""
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110 - what is waited for knows nothing of tests
            await asyncio.sleep(0.005)


def shortest(world: World) -> dict[str, str]:
    """Return the options of the smallest and shortest video; their labels are the catalogue's."""
    (model,) = world.catalog.of_kind("video")
    return {name: next(iter(model.options[name].choices)) for name in ("shape", "length")}


def said(result: Any) -> str:
    """Return what the person reads in answer to an interaction, privately or not."""
    messages: list[ResponseMessage] = [*filter(None, [result.response]), *result.followups]
    return "\n".join(message.content for message in messages if message.content)


def settings_for(netmind_url: str, tmp_path: Path, **more: Any) -> Settings:
    """Return settings that know nothing of this machine's environment."""
    host, port = netmind_url.removeprefix("http://").split(":")
    values: dict[str, Any] = {
        "discord_token": TOKEN,
        "netmind_api_token": "sandbox-token",
        "netmind_base_url": netmind_url,
        "download_allow": f"{host}:{port}",
        "data_dir": tmp_path,
    }
    return Settings.load(_env_file=None, **(values | more))


@asynccontextmanager
async def open_world(
    tmp_path: Path,
    sandbox: dict[str, Any] | None = None,
    catalog: Catalog | None = None,
    **more: Any,
) -> AsyncIterator[World]:
    """Open everything; two people stand in a channel. `more` are settings."""
    clock = MovedClock()
    catalog = catalog or Catalog.load()
    async with SandboxNetmind(clock=clock, **(sandbox or {})) as netmind:
        settings = settings_for(netmind.base_url, tmp_path, **more)
        spare_migrations(settings)
        apps = AsyncExitStack()
        app = await apps.enter_async_context(open_app(settings, catalog, clock))
        tolerated: set[type[BaseException]] = {Refusal}
        world: World | None = None
        try:
            async with _started(app, tolerated) as env:
                guild = env.create_guild("The Sound Shop")
                channel = guild.create_text_channel("studio")
                mira, jonas = (_member(env, guild, name) for name in ("mira", "jonas"))
                world = World(
                    app=app,
                    netmind=netmind,
                    env=env,
                    guild=guild,
                    channel=channel,
                    mira=mira,
                    jonas=jonas,
                    clock=clock,
                    settings=settings,
                    catalog=catalog,
                    tolerated=tolerated,
                    undrawn=sandbox is not None and sandbox.get("render") is sketch,
                    _apps=apps,
                )
                world.set_up()
                yield world
        finally:
            await (apps if world is None else world._apps).aclose()


def spare_migrations(settings: Settings) -> None:
    """Put a database without rows where this world will look for its own, if it has none yet."""
    if settings.database.path is not None:
        put_blank(settings.database.path)


def _member(env: simcord.Env, guild: GuildHandle, name: str) -> MemberActor:
    person: UserHandle = env.create_user(name)
    return guild.add_member(person)


@asynccontextmanager
async def _started(app: App, tolerated: set[type[BaseException]]) -> AsyncIterator[simcord.Env]:
    """Start simcord; at the end, anything that a cog raised and nobody foresaw fails the test."""
    async with started(app.client) as env:
        yield env
    causes = [getattr(error, "original", error) for error in env.errors]
    surprises = [cause for cause in causes if not isinstance(cause, tuple(tolerated))]
    if surprises:
        raise BaseExceptionGroup("the bot raised", surprises)
