"""Making the plan's actions happen."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.rig.collect import GivenCancel, GivenCommand
from tests.rig.evidence import Request
from tests.simulation.discord import DiscordWorld
from tests.simulation.machine import Machine
from tests.simulation.plan import Plan
from tests.simulation.platform import Lock, Platform
from tests.standins.discord.people import ImpossibleError
from tests.standins.netmind import faults as netmind_faults
from tests.standins.netmind.faults import Fault
from tests.standins.netmind.world import NetmindWorld

ALWAYS = 1_000_000
_OUTAGES: dict[str, Fault] = {
    "silent": netmind_faults.lost_request("hang"),
    "error": netmind_faults.server_error(503),
    "money": netmind_faults.no_balance(402).on("create"),
    "key": netmind_faults.refusal(401),
}


@dataclass
class Actions:
    """Plays a plan, and remembers what people did."""

    machine: Machine
    discord: DiscordWorld
    netmind: NetmindWorld
    platform: Platform
    database: Path
    commands: list[GivenCommand] = field(default_factory=list)
    cancels: list[GivenCancel] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    _given: dict[int, GivenCommand] = field(default_factory=dict)
    _locks: list[Lock] = field(default_factory=list)
    _lasting: set[asyncio.Task[None]] = field(default_factory=set)
    _changing: asyncio.Task[None] | None = None

    async def play(self, plan: Plan) -> None:
        """Let everything happen in its time; at the end nothing goes wrong any more."""
        begun = self.machine.loop.time()
        for action in plan.actions:
            if action.at < plan.calm:
                await self._until(begun + action.at)
                await getattr(self, f"_{action.what}")(**action.facts)
        await self._until(begun + plan.calm)
        await self._calm()

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self.machine.loop.time()))

    async def _calm(self) -> None:
        for lock in self._locks:
            lock.release()
        await self.netmind.clear_faults()
        await self.netmind.accept_connections()
        await self.discord.clear_faults()
        await self.discord.settings(heartbeat_acks=True)
        await self.discord.release_gateway()
        for process in self.platform.processes:
            process.deadly.clear()
        if self._lasting:
            # Deploys and pauses come to their end by themselves.
            await asyncio.wait(self._lasting)

    def _meanwhile(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._lasting.add(task)
        task.add_done_callback(self._lasting.discard)
        return task

    def judged(self, request: Request) -> Request:
        """Call a refusal planned where a link has expired or a channel was closed by plan."""
        expected = request.route == "download" or (request.to == "discord" and self.closed)
        return replace(request, planned=True) if expected and request.status == 403 else request

    # People.

    async def _command(
        self, number: int, name: str, user: int, channel: int, options: dict[str, Any]
    ) -> None:
        at = self.machine.now()
        try:
            made = await self.discord.invoke(name, options, user=user, channel=channel)
        except ImpossibleError:
            return  # the channel is gone, or the bot has not come up yet
        given = GivenCommand(made, user, channel, options["prompt"].strip(), at)
        self._given[number] = given
        self.commands.append(given)

    async def _cancel(self, number: int, user: int) -> None:
        given = self._given.get(number)
        if given is None or given.channel not in self.discord.world.channels:
            return
        for message in self.discord.world.messages_in(given.channel):
            button = _cancel_button(message.components)
            if message.interaction_id == given.interaction_id and button:
                made = await self.discord.click(message.id, button, user=user)
                self.cancels.append(
                    GivenCancel(made, given.interaction_id, user, self.machine.now())
                )
                return

    async def _replay(self, number: int) -> None:
        given = self._given.get(number)
        if given is not None and given.channel in self.discord.world.channels:
            await self.discord.replay(given.interaction_id)

    # The bot's life.

    async def _crash(self, point: str | None, times: int, downtime: float) -> None:
        process = self.platform.newest
        process.downtime = downtime
        if point is None:
            process.kill()
        else:
            process.deadly[point] = times

    async def _restart(self, downtime: float) -> None:
        self._change(self.platform.restart(downtime))

    async def _deploy(self, together: float) -> None:
        self._change(self.platform.deploy(together))

    async def _pause(self, seconds: float) -> None:
        self._change(self.platform.pause(seconds))

    def _change(self, work: Coroutine[Any, Any, None]) -> None:
        """Let one change of processes happen at a time: nobody runs nine of them."""
        if self._changing is None or self._changing.done():
            self._changing = self._meanwhile(work)
        else:
            work.close()

    # Trouble.

    async def _netmind_fault(self, fault: Fault) -> None:
        await self.netmind.plan(fault)

    async def _netmind_outage(self, how: str, seconds: float) -> None:
        if how == "refuse":
            await self.netmind.refuse_connections(seconds)
        else:
            self._meanwhile(self._outage(_OUTAGES[how], seconds))

    async def _outage(self, fault: Fault, seconds: float) -> None:
        faults = self.netmind._edge.plan.faults
        faults.append(fault.on(fault.operation, times=ALWAYS))
        await asyncio.sleep(seconds)
        plan = self.netmind._edge.plan
        plan.faults = [each for each in plan.faults if each.times < ALWAYS / 2]

    async def _discord_fault(self, fault: Any) -> None:
        await self.discord.plan(fault)

    async def _gateway(
        self, *, how: str, code: int | None, resumable: bool, seconds: float
    ) -> None:
        if how == "drop":
            await self.discord.drop(code)
        elif how == "reconnect":
            await self.discord.reconnect()
        elif how == "invalidate":
            await self.discord.invalidate(resumable=resumable)
        elif how == "hold":
            await self.discord.hold_gateway()
            await self.discord.drop(None)
            self.machine.loop.call_later(seconds, self.discord.world_gate.set)
        else:
            await self.discord.settings(heartbeat_acks=False)

    async def _place(self, how: str, channel: int, missing: list[str]) -> None:
        if channel not in self.discord.world.channels:
            return
        if how == "shrink":
            await self.discord.change_guild(upload_limit=500)
            return
        self.closed.add(channel)
        if how == "delete":
            await self.discord.delete_channel(channel)
        else:
            await self.discord.change_channel(channel, missing=missing)

    async def _busy_database(self, seconds: float) -> None:
        lock = Lock(self.database)
        if lock.take():
            self._locks.append(lock)
            self.machine.loop.call_later(seconds, lock.release)
        else:
            lock.release()

    async def _expire_links(self) -> None:
        await self.netmind.expire_links()


def _cancel_button(components: list[dict[str, Any]]) -> str | None:
    for row in components:
        for button in row.get("components", []):
            if str(button.get("custom_id", "")).startswith("foley:cancel:"):
                return str(button["custom_id"])
    return None
