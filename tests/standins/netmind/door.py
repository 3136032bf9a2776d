"""Where the stand-in listens, and a door that can be shut for a while."""

import asyncio
import socket

from aiohttp import web

HOST = "127.0.0.1"


class Door:
    """A port of loopback. While it is shut, connections are refused; the port stays ours."""

    def __init__(self, runner: web.AppRunner, port: int = 0) -> None:
        self._runner = runner
        # Bound but never listening: it keeps everybody else from taking the port meanwhile.
        self._keeper = _bound(port)
        self._site: web.SockSite | None = None
        self._opener: asyncio.TimerHandle | None = None
        self._opening: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        return int(self._keeper.getsockname()[1])

    async def open(self) -> None:
        """Listen; nothing changes if it does already."""
        self._forget_opener()
        if self._site is None:
            self._site = web.SockSite(self._runner, _bound(self.port))
            await self._site.start()

    async def shut(self, seconds: float | None = None) -> None:
        """Refuse connections for so long, or until it is opened; those that stand are kept."""
        self._forget_opener()
        if self._site is not None:
            await self._site.stop()
            self._site = None
        if seconds is not None:
            self._opener = asyncio.get_running_loop().call_later(seconds, self._open_soon)

    async def close(self) -> None:
        """Shut it for good and give the port back."""
        await self.shut()
        if self._opening is not None:
            await self._opening
        await self.shut()
        self._keeper.close()

    def _open_soon(self) -> None:
        self._opening = asyncio.get_running_loop().create_task(self.open())

    def _forget_opener(self) -> None:
        if self._opener is not None:
            self._opener.cancel()
            self._opener = None


def _bound(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.bind((HOST, port))
    return connection
