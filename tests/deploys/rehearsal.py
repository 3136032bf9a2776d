"""Deploys under load: a new process is started, the old one is told to end, people go on."""

import asyncio
import random
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tests.rig.bots import Bot, Services
from tests.rig.checker import violations
from tests.rig.collect import GivenCommand, collect
from tests.rig.evidence import Answer, Evidence
from tests.rig.records import at_rest, read_records

_STARTS_WITHIN = 60.0
# Seconds for which old and new run together.
_TOGETHER = 3.0
_SETTLES_WITHIN = 90.0


@dataclass
class Crowd:
    """People who ask all the time, whatever is deployed."""

    services: Services
    rng: random.Random
    every: float
    commands: list[GivenCommand] = field(default_factory=list)

    async def ask(self) -> None:
        """Ask for one sound after the other until cancelled."""
        home = self.services.discord.home
        while True:
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
    settings: dict[str, str]
    folder: Path
    bots: list[Bot] = field(default_factory=list)
    drains: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def start(self) -> Bot:
        """Start a process and wait until Discord knows it."""
        discord = self.services.discord
        mark = max((entry.seq for entry in await discord.ledger()), default=0)
        log = self.folder / f"bot-{len(self.bots) + 1}.log"
        bot = await self.services.start_bot(log, self.settings)
        self.bots.append(bot)
        await discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=_STARTS_WITHIN, after=mark
        )
        return bot

    async def end(self, bot: Bot) -> None:
        """Tell a process to end, as a platform does, and see how it takes it."""
        begun = monotonic()
        bot.signal(signal.SIGTERM)
        code = await bot.ended()
        self.drains.append(monotonic() - begun)
        if code != 0:
            self.complaints.append(f"{bot.log.name} ended with {code}")

    async def roll(self, rounds: int, *, overlap: float) -> None:
        """Deploy so many times; old and new run together for `overlap` seconds."""
        old = await self.start()
        for _ in range(rounds):
            new = await self.start()
            await asyncio.sleep(overlap)
            await self.end(old)
            old = new

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
    """What became of it: how many commands, the seconds of each drain, what went wrong."""

    commands: int
    drains: list[float]
    wrong: list[str]


async def rehearse(
    services: Services, database: str, folder: Path, *, rounds: int, every: float, seed: int
) -> Outcome:
    """Deploy so many times while a command comes every so many seconds."""
    settings = {"DATABASE_URL": database, "DATA_DIR": str(folder)}
    rehearsal = Rehearsal(services, settings, folder)
    crowd = Crowd(services, random.Random(seed), every)
    try:
        rolling = asyncio.create_task(rehearsal.roll(rounds, overlap=_TOGETHER))
        await services.discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=_STARTS_WITHIN
        )
        asking = asyncio.create_task(crowd.ask())
        await rolling
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await rehearsal.until_settled(database)
        await rehearsal.end(rehearsal.bots[-1])
    finally:
        for bot in rehearsal.bots:
            await bot.kill()
    evidence = await _collect(services, database, crowd, rehearsal)
    wrong = [*violations(evidence), *shown_errors(evidence), *rehearsal.complaints]
    return Outcome(len(crowd.commands), rehearsal.drains, wrong)


async def _collect(
    services: Services, database: str, crowd: Crowd, rehearsal: Rehearsal
) -> Evidence:
    return await collect(
        services.discord,
        services.netmind,
        database,
        commands=crowd.commands,
        logs=[bot.log.read_text(errors="replace") for bot in rehearsal.bots],
        faults_stopped_at=datetime.now(UTC),
    )


def shown_errors(evidence: Evidence) -> list[str]:
    """Return what people saw that was no card and no result; here nobody did anything wrong."""
    private = [message for message in evidence.messages if message.private]
    said = [f"somebody was told {message.content!r}" for message in private]
    unanswered = [
        f"{command.prompt!r} was answered as {command.answer}"
        for command in evidence.commands
        if command.answer is not Answer.ACCEPTED
    ]
    return said + unanswered
