"""The stand-in in the caller's own event loop, by the caller's own clock."""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.standins.netmind import media
from tests.standins.netmind.account import Account
from tests.standins.netmind.clock import Clock
from tests.standins.netmind.control import Control
from tests.standins.netmind.door import HOST, Door
from tests.standins.netmind.edge import Edge
from tests.standins.netmind.handle import Handle
from tests.standins.netmind.ledger import Entry, Ledger
from tests.standins.netmind.settings import Settings

DEFAULT_TOKEN = "standin-netmind-token"


class NetmindWorld(Handle):
    """A NetMind that serves within `async with`.

    `now` tells the present, aware and in UTC; by it generations end and links die. `seed` decides
    ids and latencies. `first` are the settings that it begins with.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None = None,
        token: str = DEFAULT_TOKEN,
        port: int = 0,
        seed: int = 0,
        first: Settings | None = None,
    ) -> None:
        self.token = token
        self._port = port
        self._clock = Clock(now) if now else Clock()
        self._ledger = Ledger(token)
        self._account = Account(self._clock, self._ledger, first or Settings(), seed)
        self.user_id = self._account.user_id
        self._edge = Edge(self._account, self._ledger, token, seed)

    @property
    def entries(self) -> list[Entry]:
        """The ledger itself, with what has ended by now; not to be changed."""
        self._account.settle()
        return self._ledger.entries

    async def __aenter__(self) -> Self:
        # Rendered before anybody waits for an answer.
        media.sound()
        media.film()
        application = self._edge.application()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        self._door = Door(self._runner, self._port)
        await self._door.open()
        self.host_port = f"{HOST}:{self._door.port}"
        self.base_url = self._account.base_url = f"http://{self.host_port}"
        self.control = Control(self._account, self._edge, self._door)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._door.close()
        await self._edge.end()
        await self._runner.cleanup()

    async def call(self, name: str, /, **facts: Any) -> Any:
        """Make any control call by its name. Raises ControlError."""
        return await self.control.run(name, facts)
