"""The demo's narrator: says what happens, as it happens, from what the bot and Discord show."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from simcord.actors import MemberActor

from bot import messages, text
from bot.app import App
from bot.kinds import words_for
from bot.sandbox.discord import SandboxDiscord
from storage import events
from storage.deliveries import Delivery
from storage.events import JobEvent
from storage.history import Wanted
from storage.jobs import Job
from storage.states import DeliveryState, JobState

# Seconds between two looks at what has happened.
_LOOK = 0.1


@dataclass(frozen=True)
class Command:
    """A slash command that somebody types."""

    person: MemberActor
    name: str
    options: dict[str, Any]

    def __str__(self) -> str:
        options = (f"{key}: {value}" for key, value in self.options.items())
        return " ".join([f"/{self.name}", *options])


@dataclass
class Story:
    """Types commands and tells what becomes of them."""

    app: App
    sandbox: SandboxDiscord
    console: Console
    _begun: float = field(default_factory=time.monotonic)
    _edges_told: dict[int, int] = field(default_factory=dict)
    _posts_told: set[int] = field(default_factory=set)
    _bars: dict[int, TaskID] = field(default_factory=dict)

    async def tell(self, commands: Sequence[Command]) -> list[tuple[Job, Delivery]]:
        """Type the commands, wait for all their messages, and return how the jobs ended."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            for command in commands:
                self._say("command", f"{command.person.name} types [bold]{escape(str(command))}[/]")
                await self.sandbox.type(command.person, command.name, command.options)
                self._say_card(self.sandbox.channel.history()[-1])
            people = {command.person.id for command in commands}
            # The narrator only looks on: nothing in the bot knows of it or wakes it.
            while len(ended := await self._look(progress, people)) < len(commands):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK)
        return ended

    async def _look(self, progress: Progress, people: set[int]) -> list[tuple[Job, Delivery]]:
        """Tell what is new; return the jobs whose message is posted."""
        desk = self.app.client.services.desk
        everything = Wanted()
        found = [
            pair for person in people for pair in (await desk.jobs_of(person, everything, 0, 25))[0]
        ]
        ended = []
        for job, delivery in sorted(found, key=lambda pair: pair[0].id):
            async with self.app.database.read() as connection:
                self._say_edges(job, await events.of_job(connection, job.id))
            posted = delivery is not None and delivery.state is DeliveryState.SENT
            await self._draw(progress, job, posted=posted)
            if delivery is not None and posted:
                ended.append((job, delivery))
                self._say_post(job, delivery)
        return ended

    def _say(self, what: str, words: str) -> None:
        at = time.monotonic() - self._begun
        self.console.print(f"[dim]{at:6.1f} s[/]  [cyan]{what:<9}[/] {words}", soft_wrap=True)

    def _say_card(self, card: discord.Message) -> None:
        embed = card.embeds[0]
        self._say("card", f"{embed.title}  [dim]{escape(embed.footer.text or '')}[/]")

    def _say_edges(self, job: Job, happened: list[JobEvent]) -> None:
        for event in happened[self._edges_told.get(job.id, 0) :]:
            words = f"#{job.id} {event.from_state or 'asked'} → {event.to_state}"
            if event.to_state is JobState.GENERATING:
                words += f"  generation [bold]{job.generation_id}[/]"
            self._say("state", words)
        self._edges_told[job.id] = len(happened)

    def _say_post(self, job: Job, delivery: Delivery) -> None:
        if job.id in self._posts_told:
            return
        self._posts_told.add(job.id)
        message = self.sandbox.message(delivery.message_id or 0)
        files = message.attachments if message else []
        names = ", ".join(
            f"[bold]{escape(each.filename)}[/] ({text.size(each.size)})" for each in files
        )
        self._say("delivery", f"#{job.id} posted for its requester: {names or 'a notice'}")

    async def _draw(self, progress: Progress, job: Job, *, posted: bool) -> None:
        if job.id not in self._bars:
            name = f"#{job.id} {words_for(job.kind).name}"
            self._bars[job.id] = progress.add_task(name, total=1.0, state="")
        standing = await self.app.client.services.desk.standings.of(job)
        share = 1.0 if posted else messages.share(job, standing)
        progress.update(
            self._bars[job.id], completed=share, state="posted" if posted else str(job.state)
        )
