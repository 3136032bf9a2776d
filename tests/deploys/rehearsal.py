"""Deploys under load: new processes take the place of old ones, people go on."""

import asyncio
import contextlib
import os
import random
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tests.crash.stores import POSTGRESQL
from tests.deploys.platforms import ROLLING, Platform
from tests.deploys.presence import gaps, heard, leavings
from tests.program import Program
from tests.rig.bots import KILLED, Bot, Services
from tests.rig.checker import violations
from tests.rig.collect import GivenCommand, collect
from tests.rig.evidence import Answer, Evidence
from tests.rig.nursery import Nursery
from tests.rig.records import at_rest, read_records
from tests.rig.story import stories

_STARTS_WITHIN = 60.0
# Seconds for which old and new run together, or one alone.
_RUNS = 3.0
# Seconds that a start takes elsewhere and not here: a container, and the imports.
_AWAY = 2.0
_SETTLES_WITHIN = 90.0


@dataclass
class Crowd:
    """People who ask all the time, whatever is deployed."""

    services: Services
    rng: random.Random
    every: float
    commands: list[GivenCommand] = field(default_factory=list)
    content: bool = False

    async def ask(self) -> None:
        """Ask for one sound after the other until they are content."""
        home = self.services.discord.home
        while not self.content:
            person = self.rng.choice([home.alice, home.bob])
            channel = self.rng.choice([home.channel, home.other_channel])
            prompt = f"rain on slates number {len(self.commands) + 1}"
            options = {"prompt": prompt, "duration": 1}
            at = datetime.now(UTC)
            interaction = await self.services.discord.invoke(
                "audio", options, user=person, channel=channel
            )
            self.commands.append(GivenCommand(interaction, person, channel, prompt, at))
            await asyncio.sleep(self.rng.uniform(0.5, 1.5) * self.every)


@dataclass
class Rehearsal:
    """Deploys one version after the other over one database."""

    services: Services
    platform: Platform
    settings: dict[str, str]
    folder: Path
    bots: list[Bot] = field(default_factory=list)
    drains: list[float] = field(default_factory=list)
    kills: int = 0
    children: int = 0
    complaints: list[str] = field(default_factory=list)

    async def start(self, nursery: Nursery | None = None) -> Bot:
        """Start a process, of another program or of ours, and wait until Discord knows it."""
        discord = self.services.discord
        mark = max((entry.seq for entry in await discord.ledger()), default=0)
        log = self.folder / f"bot-{len(self.bots) + 1}.log"
        bot = await self.services.start_bot(log, self.settings, nursery=nursery)
        self.bots.append(bot)
        await discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=_STARTS_WITHIN, after=mark
        )
        return bot

    async def release(self) -> None:
        """Bring the schema up to date, where that is a step of its own."""
        if not self.platform.releases:
            return
        environment = {**self.services.environment, **self.settings}
        program = await Program.start("migrate", folder=self.folder, **environment)
        ended = await program.ended()
        if ended.code != 0:
            self.complaints.append(f"migrate ended with {ended.code}: {ended.stderr}")

    async def end(self, bot: Bot) -> None:
        """Have a process end as the platform does, and see how it takes it."""
        begun = monotonic()
        for wait in self.platform.waits:
            self._tell(bot)
            try:
                await bot.ended(wait)
                break
            except TimeoutError:
                continue
        await bot.kill()
        code = await bot.ended()
        self.drains.append(monotonic() - begun)
        self.kills += code == KILLED
        if code != 0:
            self.complaints.append(f"{bot.log.name} ended with {code}")

    def _tell(self, bot: Bot) -> None:
        """Send SIGTERM to a process, and on some platforms to its children."""
        children = Path(f"/proc/{bot.process.pid}/task/{bot.process.pid}/children")
        if self.platform.to_all and children.exists():
            for child in children.read_text().split():
                with contextlib.suppress(ProcessLookupError):  # it has just ended
                    os.kill(int(child), signal.SIGTERM)
                    self.children += 1
        bot.signal(signal.SIGTERM)

    async def deploy(self, rounds: int, first: Nursery | None) -> None:
        """Deploy so many times.

        The first process is of the program `first`, and has people's work before the next begins.
        """
        old = await self.start(first)
        await asyncio.sleep(_RUNS if first or not self.platform.together else 0)
        for _ in range(rounds):
            await self.release()
            old = await (self._roll(old) if self.platform.together else self._stop_start(old))

    async def _roll(self, old: Bot) -> Bot:
        new = await self.start()
        await asyncio.sleep(_RUNS)
        await self.end(old)
        return new

    async def _stop_start(self, old: Bot) -> Bot:
        await self.end(old)
        await asyncio.sleep(_AWAY)
        new = await self.start()
        await asyncio.sleep(_RUNS)
        return new

    async def until_settled(self, database: str) -> None:
        """Wait until nothing is left to do."""
        until = monotonic() + _SETTLES_WITHIN
        while not at_rest(await read_records(database), datetime.now(UTC)):
            if monotonic() > until:
                self.complaints.append("it was not settled in time")
                return
            await asyncio.sleep(0.3)


@dataclass(frozen=True)
class Outcome:
    """What became of it.

    `unheard` is how often people asked while nobody was there; Discord tells them so itself.
    `under_way` counts the commands whose end was still to come when a process left Discord.
    `drains` are the seconds from the first SIGTERM to the exit, `gaps` those for which nobody was
    on Discord. `children` of a process were told to end too. `wrong` has a sentence for each thing
    that went wrong; what the checker or people say begins with its kind, such as `lost:`.
    """

    commands: int
    unheard: int
    under_way: int
    drains: list[float]
    gaps: list[float]
    kills: int
    children: int
    wrong: list[str]


async def rehearse(
    services: Services,
    database: str,
    folder: Path,
    *,
    rounds: int,
    every: float,
    seed: int,
    first: Nursery | None = None,
    platform: Platform = ROLLING,
) -> Outcome:
    """Deploy so many times while a command comes every so many seconds.

    `first`: of the program that the first process runs, if it is another one.
    """
    settings = {"DATA_DIR": str(folder), **platform.variables}
    if platform.store == POSTGRESQL:
        settings["DATABASE_URL"] = database
    rehearsal = Rehearsal(services, platform, settings, folder)
    crowd = Crowd(services, random.Random(seed), every)
    try:
        deploying = asyncio.create_task(rehearsal.deploy(rounds, first))
        await services.discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=_STARTS_WITHIN
        )
        asking = asyncio.create_task(crowd.ask())
        await deploying
        crowd.content = True
        await asking
        await rehearsal.until_settled(database)
        await rehearsal.end(rehearsal.bots[-1])
    finally:
        for bot in rehearsal.bots:
            await bot.kill()
    return await _outcome(services, database, crowd, rehearsal)


async def _outcome(
    services: Services, database: str, crowd: Crowd, rehearsal: Rehearsal
) -> Outcome:
    seen = await services.discord.ledger()
    alone = [] if rehearsal.platform.together else _unheard(crowd, heard(seen))
    given = [command for command in crowd.commands if command not in alone]
    evidence = await _collect(services, database, given, rehearsal)
    return Outcome(
        commands=len(given),
        unheard=len(alone),
        under_way=_under_way(evidence, leavings(seen)),
        drains=rehearsal.drains,
        gaps=gaps(seen),
        kills=rehearsal.kills,
        children=rehearsal.children,
        wrong=[*violations(evidence), *shown_errors(evidence), *rehearsal.complaints],
    )


def _unheard(crowd: Crowd, heard: set[int]) -> list[GivenCommand]:
    return [command for command in crowd.commands if command.interaction_id not in heard]


def _under_way(evidence: Evidence, moments: list[datetime]) -> int:
    return sum(
        any(story.command.at < moment < (story.ended_at or moment) for moment in moments)
        for story in stories(evidence)
    )


async def _collect(
    services: Services, database: str, given: list[GivenCommand], rehearsal: Rehearsal
) -> Evidence:
    return await collect(
        services.discord,
        services.netmind,
        database,
        commands=given,
        logs=[bot.log.read_text(errors="replace") for bot in rehearsal.bots],
        faults_stopped_at=datetime.now(UTC),
    )


def shown_errors(evidence: Evidence) -> list[str]:
    """Return what people saw that was no card and no result; here nobody did anything wrong."""
    private = [message for message in evidence.messages if message.private]
    said = [f"shown: somebody was told {message.content!r}" for message in private]
    unanswered = [
        f"shown: {command.prompt!r} was answered as {command.answer}"
        for command in evidence.commands
        if command.answer is not Answer.ACCEPTED
    ]
    failed = [
        f"shown: {story} ended as {story.job.state}"
        for story in stories(evidence)
        if story.job is not None and story.job.state != "finished"
    ]
    return said + unanswered + failed
