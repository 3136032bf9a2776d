"""Playing a case: people give commands, the bot dies and is started anew, until all is settled."""

import asyncio
import random
import signal
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tests.crash.case import Case, Outcome
from tests.crash.people import People
from tests.crash.points import ZOMBIES, Life, lives
from tests.crash.traps import TRAPS
from tests.rig.bots import KILLED, Bot, Services
from tests.rig.collect import collect
from tests.rig.records import at_rest, read_records

_LONGEST_LIFE = 120.0
_LOOK = 0.2
# At rest for so many seconds on end: it is not only between two steps.
_CALM = 1.5
# Time for a zombie to hear what it missed, and to renew what it believes to hold.
_WAKES_UP = 7.0
# Stopped within a transaction, a process would keep everybody out of SQLite for good.
_TAKES_ROOT = 1.0


@dataclass
class Stage:
    """One case under way. `complaints` is what the rig itself has to say against the bot."""

    services: Services
    database: str
    folder: Path
    account: str
    people: People
    bots: list[Bot] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def live(self, life: Life) -> bool:
        """Play one life that ends at a point; tell whether it got there."""
        mark = await self.people.now()
        if life.ends_at in TRAPS:
            await TRAPS[life.ends_at].lay(self.services)
        bot = await self._start(life)
        trapped = asyncio.create_task(self._trapped(life, bot))
        try:
            if await self.people.see(bot, mark):
                await self.people.ask(bot, life.commands)
                if life.is_cancelling:
                    await self.people.cancel(bot)
            else:
                self.people.postpone(life.commands)
            await self._until_over(bot, trapped)
        finally:
            trapped.cancel()
            await asyncio.gather(trapped, return_exceptions=True)
            await self.services.clear_faults()
        return await self._leave(life, bot, reached=_came_about(trapped))

    async def _start(self, life: Life) -> Bot:
        log = self.folder / f"life-{len(self.bots) + 1}.log"
        settings = {
            "DATABASE_URL": self.database,
            "DATA_DIR": str(self.folder),
            "NETMIND_ACCOUNT": self.account,
        }
        bot = await self.services.start_bot(log, settings, armed=life.armed)
        self.bots.append(bot)
        return bot

    async def _trapped(self, life: Life, bot: Bot) -> None:
        """Wait until the services have seen what the life ends at, and end it."""
        if life.ends_at not in TRAPS:
            await bot.process.wait()
            return
        await TRAPS[life.ends_at].sprung(self.services)
        if life.ends_at in ZOMBIES:
            await asyncio.sleep(_TAKES_ROOT)
            bot.signal(signal.SIGSTOP)
        else:
            bot.signal(signal.SIGKILL)

    async def _until_over(self, bot: Bot, trapped: "asyncio.Task[None]") -> None:
        """Wait until the bot is dead or stopped, or has nothing left to do."""
        calm = asyncio.create_task(self.until_calm(bot))
        await asyncio.wait({calm, trapped}, return_when=asyncio.FIRST_COMPLETED)
        calm.cancel()
        await asyncio.gather(calm, return_exceptions=True)

    async def until_calm(self, bot: Bot) -> None:
        """Wait until the database has been at rest for a while, or the longest time is over."""
        begun = monotonic()
        restless = begun
        while bot.alive and monotonic() < begun + _LONGEST_LIFE:
            if not at_rest(await read_records(self.database), datetime.now(UTC)):
                restless = monotonic()
            if monotonic() - restless > _CALM:
                return
            await asyncio.sleep(_LOOK)

    async def _leave(self, life: Life, bot: Bot, *, reached: bool) -> bool:
        """See how the life ended; what outlived it is killed, but for a zombie."""
        if reached and life.ends_at in ZOMBIES:
            return True
        await bot.kill()
        if bot.process.returncode != KILLED:
            self.complaints.append(f"a life ended by itself with {bot.process.returncode}")
        return reached

    async def live_on(self, life: Life) -> None:
        """Play the last life: nothing goes wrong any more, and it is stopped politely."""
        mark = await self.people.now()
        bot = await self._start(life)
        if await self.people.see(bot, mark):
            await self.people.ask(bot, life.commands)
        await self.until_calm(bot)
        await self._wake(bot)
        for each in self.bots:
            await self._part(each)

    async def _wake(self, bot: Bot) -> None:
        """Let a stopped predecessor go on, beside its successor."""
        asleep = [each for each in self.bots if each.alive and each is not bot]
        for each in asleep:
            each.signal(signal.SIGCONT)
        if asleep:
            await asyncio.sleep(_WAKES_UP)
            await self.until_calm(bot)

    async def _part(self, bot: Bot) -> None:
        if bot.process.returncode == KILLED:
            return
        bot.signal(signal.SIGTERM)
        try:
            code = await bot.ended(10)
        except TimeoutError:
            self.complaints.append("it did not end within 10 s of SIGTERM")
            bot.signal(signal.SIGABRT)  # its stacks are in the log now
            await bot.ended()
            return
        if code != 0:
            self.complaints.append(f"it ended with {code}")


def _came_about(task: "asyncio.Task[None]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


async def play(case: Case, services: Services, database: str, folder: Path) -> Outcome:
    """Play a case over an empty database in an empty folder."""
    begun = monotonic()
    rng = random.Random(str(case))
    plan = lives(case.points, rng)
    await services.reset()
    # Several pieces on the way down, more than one buffer on the way up.
    await services.netmind.settings(file_size=rng.choice([200_000, 2_000_000]))
    account = rng.choice(["shared", "exclusive"])
    people = People(services.discord, rng)
    stage = Stage(services, database, folder, account, people)
    try:
        reached = [await stage.live(life) for life in plan[:-1]]
        stopped_at = datetime.now(UTC)
        await stage.live_on(plan[-1])
    finally:
        for bot in stage.bots:
            await bot.kill()
    evidence = await collect(
        services.discord,
        services.netmind,
        database,
        commands=people.commands,
        cancels=people.cancels,
        logs=[bot.log.read_text(errors="replace") for bot in stage.bots],
        faults_stopped_at=stopped_at,
    )
    complaints = (*evidence.broken_rules, *stage.complaints)
    evidence = replace(evidence, broken_rules=complaints)
    return Outcome(case, all(reached), evidence, monotonic() - begun, folder)
