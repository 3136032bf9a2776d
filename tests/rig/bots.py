"""The program as a process among stand-ins, to be killed, stopped and begun anew."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.crash import VARIABLE
from tests.rig.nursery import Life, Nursery
from tests.standins.discord.process import OPENAPI, DiscordStandIn
from tests.standins.netmind.process import NetmindStandIn

KILLED = -signal.SIGKILL
TERMINATED = -signal.SIGTERM
"""What a program ends with that was told before it listened."""
PATIENCE = 30.0


@dataclass(frozen=True)
class Bot:
    """One life of `python -m bot run`; `log` is the file of what it writes."""

    process: Life
    log: Path

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives."""
        if self.alive:
            self.process.send_signal(number)

    async def ended(self, timeout: float = PATIENCE) -> int:
        """Wait for its end and return the exit code. Raises TimeoutError."""
        return await asyncio.wait_for(self.process.wait(), timeout)

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.signal(signal.SIGKILL)
        await self.ended()


@dataclass(frozen=True)
class Services:
    """A Discord and a NetMind of one's own; use it as `async with await Services.start()`."""

    discord: DiscordStandIn
    netmind: NetmindStandIn
    nursery: Nursery
    _stack: AsyncExitStack

    @classmethod
    async def start(cls, nursery: Nursery | None = None) -> Self:
        """Start them all. `nursery`: one that is there already, for the lives of several."""
        async with AsyncExitStack() as stack:
            openapi = OPENAPI if OPENAPI.exists() else None
            discord = await stack.enter_async_context(await DiscordStandIn.start(openapi=openapi))
            netmind = await stack.enter_async_context(await NetmindStandIn.start())
            if nursery is None:
                nursery = await stack.enter_async_context(await Nursery.start())
            return cls(discord, netmind, nursery, stack.pop_all())
        raise AssertionError("unreachable")  # an exit stack swallows nothing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def start_bot(
        self,
        log: Path,
        settings: dict[str, str],
        *,
        armed: str = "",
        nursery: Nursery | None = None,
    ) -> Bot:
        """Start the program among them, to be killed where `armed` says (see bot.crash).

        `nursery`: of another version's program.
        """
        environment = {
            "PATH": os.environ["PATH"],
            "LOG_LEVEL": "debug",
            **self.environment,
            **settings,
            VARIABLE: armed,
        }
        return Bot(await (nursery or self.nursery).begin(log, environment), log)

    async def reset(self) -> None:
        """Begin anew; no bot may be left."""
        await self.discord.reset()
        await self.netmind.reset()

    async def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        await self.discord.clear_faults()
        await self.netmind.clear_faults()

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which a bot finds both."""
        return {**self.discord.environment, **self.netmind.environment}
