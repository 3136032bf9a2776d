"""One run: what its plan says happens, then nothing goes wrong any more, then it is judged."""

import asyncio
import contextlib
import gc
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from bot.config import Settings
from bot.netmind.catalog import Catalog
from tests.blank import put_blank
from tests.rig.checker import violations
from tests.rig.collect import GivenCancel, GivenCommand, collect
from tests.rig.evidence import Evidence
from tests.rig.records import at_rest, read_records
from tests.simulation.actions import Actions
from tests.simulation.discord import DiscordWorld
from tests.simulation.log import Log
from tests.simulation.machine import Machine
from tests.simulation.plan import Plan
from tests.simulation.platform import Platform
from tests.standins.netmind.process import NetmindStandIn
from tests.standins.netmind.world import NetmindWorld

DATABASE = "foley.db"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk would only slow this down
LONGEST = 1200.0
# A fault that waited for its request may hold an answer back for so long after the last trouble.
_HELD = 45.0
"""Seconds after the end of all trouble within which everything must be at rest."""

DEADLINE = 120.0


@dataclass
class Verdict:
    """What a run showed. `ledger` is what the outside world saw, to compare two runs."""

    plan: Plan
    broken: list[str]
    ledger: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    virtual_seconds: float = 0.0
    evidence: Evidence | None = None


def run(plan: Plan) -> Verdict:
    """Let the plan happen, from beginning to end, in a world of its own."""
    # Garbage is collected at the end alone, and only among what the run has made.
    gc.disable()
    gc.freeze()
    with warnings.catch_warnings():
        # The killed have closed nothing; of the others tests.simulation.process tells it.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return _run(plan)
        finally:
            gc.collect()
            gc.unfreeze()
            gc.enable()


def _run(plan: Plan) -> Verdict:
    machine = Machine(plan.seed)
    asyncio.set_event_loop(machine.loop)
    log = Log(machine)
    try:
        with _folder() as folder, machine.at_work(), log.kept():
            verdict = machine.loop.run_until_complete(_Run(plan, machine, log, folder).happen())
            machine.loop.run_until_complete(machine.loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        machine.loop.close()
    return verdict


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    where = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="foley-", dir=where) as name:
        put_blank(Path(name) / DATABASE)
        yield Path(name)


@cache
def _catalog() -> Catalog:
    """Return the usual models, but nobody waits for hours."""
    models = Catalog.load().models
    times = {"typical_seconds": 10.0, "deadline_seconds": DEADLINE}
    return Catalog(tuple(model.model_copy(update=times) for model in models))


@dataclass
class _Run:
    plan: Plan
    machine: Machine
    log: Log
    folder: Path
    given: list[GivenCommand] = field(default_factory=list)
    cancels: list[GivenCancel] = field(default_factory=list)

    async def happen(self) -> Verdict:
        async with self._world() as (discord, netmind, platform):
            actions = Actions(self.machine, discord, netmind, platform, self._database)
            await self._begin(discord, netmind, platform)
            await actions.play(self.plan)
            calm_at = await self._calm(platform)
            rested = await self._until_at_rest()
            left = await platform.close()
            gc.collect()  # some complain only now
            evidence = await self._evidence(discord, netmind, actions, calm_at)
            broken = [*rested, *left, *self.log.complaints, *self._broken(evidence)]
            return Verdict(
                plan=self.plan,
                broken=broken,
                ledger=[str(e) for e in (*await discord.ledger(), *await netmind.ledger())],
                log=self.log.lines,
                virtual_seconds=self.machine.loop.time(),
                evidence=evidence,
            )

    def _broken(self, evidence: Evidence) -> list[str]:
        # A card whose answer was slow may be noted only after the message it should carry.
        found = [each for each in violations(evidence) if "replies to None" not in each]
        if self.plan.may_take_long:
            found = [sentence for sentence in found if not sentence.startswith("late: ")]
        return found

    @asynccontextmanager
    async def _world(self) -> AsyncIterator[tuple[DiscordWorld, NetmindWorld, Platform]]:
        async with (
            NetmindWorld(now=self.machine.now, seed=self.plan.seed) as netmind,
            DiscordWorld(self.machine) as discord,
        ):
            settings = self._settings(discord, netmind)
            yield discord, netmind, Platform(self.machine, settings, _catalog())

    def _settings(self, discord: DiscordWorld, netmind: NetmindWorld) -> Settings:
        values: dict[str, Any] = {
            "discord_token": discord.token,
            "discord_api_base": discord.api_base,
            "netmind_api_token": netmind.token,
            "netmind_base_url": netmind.base_url,
            "download_allow": netmind.host_port,
            "data_dir": self.folder,
        }
        return Settings.load(_env_file=None, **(values | self.plan.settings))

    @property
    def _database(self) -> Path:
        return self.folder / DATABASE

    async def _begin(
        self, discord: DiscordWorld, netmind: NetmindWorld, platform: Platform
    ) -> None:
        await netmind.settings(**self.plan.netmind)
        await discord.settings(**self.plan.discord)
        for outcome in self.plan.outcomes:
            await netmind.plan_outcome(outcome)
        first = platform.start()
        try:
            await discord.wait_for(lambda entry: entry.kind == "gateway.identify", timeout=60)
        except TimeoutError as error:
            raise RuntimeError(f"the bot does not come up: {first.complaints()}") from error
        await asyncio.sleep(3)

    async def _calm(self, platform: Platform) -> datetime:
        """Let nothing die any more; return when a process is up, which is when trouble is over."""
        for process in platform.processes:
            process.deadly.clear()
        while not platform.newest.alive:  # noqa: ASYNC110 - the platform starts it, in its time
            await asyncio.sleep(1)
        return self.machine.now()

    async def _until_at_rest(self) -> list[str]:
        """Wait until no worker has anything left to do, and no answer is held back any more."""
        until = self.machine.loop.time() + LONGEST
        rested = False
        while self.machine.loop.time() < until:
            await asyncio.sleep(5)
            records = await read_records(f"sqlite:///{self._database}")
            still = at_rest(records, self.machine.now())
            if still and rested:
                return []
            rested = still
            if still:
                await asyncio.sleep(_HELD)
        return ["late: long after the last trouble there is still something to do"]

    async def _evidence(
        self, discord: DiscordWorld, netmind: NetmindWorld, actions: Actions, calm_at: datetime
    ) -> Evidence:
        discord.unearth()
        evidence = await collect(
            discord,
            cast("NetmindStandIn", netmind),  # it answers the same questions
            f"sqlite:///{self._database}",
            commands=actions.commands,
            cancels=actions.cancels,
            logs=self.log.lines,
            faults_stopped_at=calm_at,
            closed_channels=frozenset(actions.closed),
            allowed_errors=self.log.allowed,
        )
        return replace(evidence, requests=tuple(map(actions.judged, evidence.requests)))
