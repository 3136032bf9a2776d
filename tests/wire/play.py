"""Playing a plan: a platform that keeps the program up, people, and trouble on time."""

import asyncio
import contextlib
import signal
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tests.crash.people import cancel_button
from tests.rig.bots import KILLED, TERMINATED, Bot, Services
from tests.rig.checker import paid_doubles, violations
from tests.rig.collect import GivenCancel, GivenCommand, collect
from tests.rig.records import at_rest, read_records
from tests.standins.discord.process import ControlError
from tests.wire.plan import Action, Plan

_SETTLES_WITHIN = 120.0
_CALM = 1.5
_ENDS_WITHIN = 30.0


@dataclass
class Platform:
    """Starts the program again whenever it has ended."""

    services: Services
    settings: dict[str, str]
    folder: Path
    points: list[str]
    bots: list[Bot] = field(default_factory=list)
    downtime: float = 0.0
    closing: bool = False
    complaints: list[str] = field(default_factory=list)

    async def start(self) -> Bot:
        """Start one more, armed with the next crash point if there is one."""
        armed = self.points.pop(0) if self.points else ""
        log = self.folder / f"life-{len(self.bots) + 1}.log"
        bot = await self.services.start_bot(log, self.settings, armed=armed)
        self.bots.append(bot)
        return bot

    async def keep_up(self) -> None:
        """Keep one program up until `closing`."""
        while not self.closing:
            bot = await self.start()
            await bot.process.wait()
            # A deploy may have started another one meanwhile.
            while living := [each for each in self.bots if each.alive]:
                await living[0].process.wait()
            await asyncio.sleep(self.downtime)

    async def deploy(self) -> None:
        """Start a new one, then tell the old one to end."""
        old = [each for each in self.bots if each.alive]
        await self.start()
        await asyncio.sleep(2.0)
        self.tell(old)

    def tell(self, bots: Iterable[Bot]) -> None:
        """Tell what lives of them to end."""
        for bot in bots:
            bot.signal(signal.SIGTERM)

    async def end(self) -> None:
        """Tell what lives to end, and see how everything took its end."""
        self.closing = True
        self.tell(self.bots)
        for bot in self.bots:
            code = await bot.ended(_ENDS_WITHIN)
            hasty = code == TERMINATED and not bot.said
            if code not in {0, KILLED} and not hasty:
                self.complaints.append(f"{bot.log.name} ended with {code}")


@dataclass
class Run:
    """A plan under way."""

    plan: Plan
    services: Services
    platform: Platform
    database: str
    commands: dict[int, GivenCommand] = field(default_factory=dict)
    cancels: list[GivenCancel] = field(default_factory=list)

    async def play(self) -> None:
        """Let everything happen at its time, then wait until it is settled."""
        await self.services.discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=60
        )
        begun = monotonic()
        async with asyncio.TaskGroup() as group:
            for action in self.plan.actions:
                await asyncio.sleep(max(0.0, begun + action.at - monotonic()))
                group.create_task(self._do(action))
            await asyncio.sleep(max(0.0, begun + self.plan.calm - monotonic()))

    async def _do(self, action: Action) -> None:
        # It may be impossible just now: no bot is online, or the card has no button.
        with contextlib.suppress(ControlError):
            await getattr(self, f"_{action.what}")(**action.facts)

    async def until_settled(self) -> None:
        """Wait until the database has been at rest for a while."""
        begun = restless = monotonic()
        while monotonic() - restless < _CALM:
            if not at_rest(await read_records(self.database), datetime.now(UTC)):
                restless = monotonic()
            if monotonic() - begun > _SETTLES_WITHIN:
                self.platform.complaints.append("it was not settled in time")
                return
            await asyncio.sleep(0.2)

    # People.

    async def _command(self, number: int, *, of_bob: bool) -> None:
        home, at = self.services.discord.home, datetime.now(UTC)
        person, channel = home.alice, home.channel
        if of_bob:
            person, channel = home.bob, home.other_channel
        prompt = f"rain on slates number {number}"
        made = await self.services.discord.invoke(
            "audio", {"prompt": prompt, "duration": 1}, user=person, channel=channel
        )
        self.commands[number] = GivenCommand(made, person, channel, prompt, at)

    async def _cancel(self, number: int) -> None:
        given = self.commands.get(number)
        if given is None:
            return
        discord = self.services.discord
        card = (await discord.interaction(given.interaction_id))["original_id"]
        button = cancel_button(await discord.message(card)) if card else None
        if button is not None:
            at = datetime.now(UTC)
            pressed = await discord.click(card, button, user=given.person)
            self.cancels.append(GivenCancel(pressed, given.interaction_id, given.person, at))

    async def _replay(self, number: int) -> None:
        if number in self.commands:
            await self.services.discord.replay(self.commands[number].interaction_id)

    # The platform.

    async def _kill(self, downtime: float) -> None:
        self.platform.downtime = downtime
        for bot in self.platform.bots:
            bot.signal(signal.SIGKILL)

    async def _term(self, downtime: float) -> None:
        self.platform.downtime = downtime
        self.platform.tell(self.platform.bots)

    async def _crash(self, point: str, downtime: float) -> None:
        """Have the next life end at this point; this one ends now."""
        self.platform.points.append(point)
        await self._kill(downtime)

    async def _deploy(self, downtime: float) -> None:
        self.platform.downtime = downtime
        await self.platform.deploy()

    # Trouble.

    async def _netmind_fault(self, fault: object) -> None:
        await self.services.netmind.plan(fault)  # type: ignore[arg-type] # the plan drew it

    async def _discord_fault(self, fault: object) -> None:
        await self.services.discord.plan(fault)  # type: ignore[arg-type] # likewise

    async def _netmind_away(self, seconds: float) -> None:
        await self.services.netmind.refuse_connections(seconds)

    async def _gateway(self, how: str, code: int | None, *, resumable: bool) -> None:
        discord = self.services.discord
        if how == "drop":
            await discord.drop(code)
        elif how == "reconnect":
            await discord.reconnect()
        else:
            await discord.invalidate(resumable=resumable)


@dataclass(frozen=True)
class Outcome:
    """What a run showed."""

    plan: Plan
    commands: int
    paid_twice: int
    broken: list[str]


async def play(plan: Plan, services: Services, database: str, folder: Path) -> Outcome:
    """Play a plan over an empty database in an empty folder."""
    await services.reset()
    await services.netmind.settings(**plan.netmind)
    for outcome in plan.outcomes:
        await services.netmind.plan_outcome(outcome)
    settings = {"DATABASE_URL": database, "DATA_DIR": str(folder), **plan.settings}
    platform = Platform(services, settings, folder, [])
    run = Run(plan, services, platform, database)
    keeping = asyncio.create_task(platform.keep_up())
    try:
        await run.play()
        await services.clear_faults()
        await services.netmind.accept_connections()
        platform.points.clear()
        stopped_at = datetime.now(UTC)
        await run.until_settled()
        await platform.end()
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        for bot in platform.bots:
            await bot.kill()
    evidence = await collect(
        services.discord,
        services.netmind,
        database,
        commands=run.commands.values(),
        cancels=run.cancels,
        logs=[bot.said for bot in platform.bots],
        faults_stopped_at=stopped_at,
    )
    broken = [*violations(evidence), *platform.complaints]
    return Outcome(plan, len(run.commands), len(paid_doubles(evidence)), broken)
