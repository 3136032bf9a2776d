"""The Discord stand-in within the simulation's own loop, by its clock."""

import asyncio
from typing import Any, Self

from aiohttp import web

from tests.simulation.machine import Machine
from tests.standins.discord.clock import Clock
from tests.standins.discord.control import Control
from tests.standins.discord.gateway import Gateway
from tests.standins.discord.http import PREFIX, Api
from tests.standins.discord.identity import gateway_url
from tests.standins.discord.ledger import Ledger
from tests.standins.discord.process import DiscordStandIn
from tests.standins.discord.world import Channel, Home, home_world

TOKEN = "standin-bot-token"


class DiscordWorld(DiscordStandIn):
    """What a test asks of the stand-in, without a process between."""

    def __init__(self, machine: Machine) -> None:
        self.home = Home()
        self.token = TOKEN
        self.world = home_world(TOKEN)
        self.world.clock = Clock(source=machine.now)
        ledger = Ledger(TOKEN)
        api, self._gateway = Api(self.world, ledger, None), Gateway(self.world, ledger)
        self._control = Control(self.world, api, self._gateway)
        application = web.Application()
        api.add_to(application)
        application.router.add_get("/gateway", self._gateway.serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        self._gone: list[Channel] = []

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.world.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_base, self.gateway = self.world.base_url + PREFIX, gateway_url(self.world)
        return self

    async def stop(self) -> None:
        await self._gateway.reset()
        await self._runner.cleanup()

    async def call(self, name: str, /, **facts: Any) -> Any:
        return await getattr(self._control, name)(**facts)

    @property
    def world_gate(self) -> asyncio.Event:
        """Set: whoever connects to the gateway is let in."""
        return self._gateway.admitting

    async def delete_channel(self, channel: int) -> None:
        self._gone.append(self.world.channels[channel])
        await super().delete_channel(channel)

    def unearth(self) -> None:
        """Bring deleted channels back, so that one can read what stood there."""
        for channel in self._gone:
            self.world.add_channel(channel)
