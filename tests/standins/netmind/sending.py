"""Putting an answer on the wire, whole or spoiled."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from tests.standins.netmind.faults import Fault
from tests.standins.netmind.pages import Page

SURPLUS = b"more than was declared" * 8


@dataclass
class Sender:
    """Answers one request. `silence` waits until the stand-in stops or begins anew."""

    request: web.Request
    silence: Callable[[], Awaitable[object]]

    async def send(self, page: Page, fault: Fault | None) -> bool:
        """Send the page as the fault wants it; whether it went out whole."""
        self.response = web.StreamResponse(status=page.status, headers=page.headers)
        self.response.content_type = page.content_type
        self.response.force_close()
        try:
            match fault and fault.spoil:
                case None:
                    return await self._whole(page)
                case "long":
                    return await self._too_long(page)
                case "trickle":
                    return await self._trickle(page, fault.pause if fault else 0.0)
                case how:
                    await self._half(page, chunked=how == "unended")
        except ConnectionError:
            return False
        if how == "stall":
            await self.silence()
        self.cut(reset=how == "reset")
        return False

    async def hang_up(self, fault: Fault) -> None:
        """End the connection without a word, perhaps after a silence."""
        if fault.drop == "hang":
            await self.silence()
        self.cut(reset=fault.drop == "reset")

    def cut(self, *, reset: bool) -> None:
        """Close the connection: politely, once all is sent, or by a reset."""
        transport = self.request.transport
        if transport is None:
            return
        if not reset:
            transport.close()
            return
        connection = transport.get_extra_info("socket")
        if connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()

    async def _whole(self, page: Page) -> bool:
        await self._begin(page)
        for piece in page.body.pieces():
            await self.response.write(piece)
        await self.response.write_eof()
        return not self._gone()

    async def _half(self, page: Page, *, chunked: bool) -> None:
        """Send the headers and half of the body, so that both arrive."""
        if chunked:
            self.response.enable_chunked_encoding()
            await self.response.prepare(self.request)
        else:
            await self._begin(page)
        for piece in page.body.pieces(max(1, page.body.size // 2)):
            await self.response.write(piece)
        await asyncio.sleep(0)

    async def _too_long(self, page: Page) -> bool:
        whole = await self._whole(page)
        if self.request.transport is not None:
            self.request.transport.write(SURPLUS)
        return whole

    async def _trickle(self, page: Page, pause: float) -> bool:
        await self._begin(page)
        for piece in page.body.pieces():
            for letter in piece:
                await self.response.write(bytes([letter]))
                await asyncio.sleep(pause)
        await self.response.write_eof()
        return not self._gone()

    async def _begin(self, page: Page) -> None:
        self.response.content_length = page.body.size
        await self.response.prepare(self.request)

    def _gone(self) -> bool:
        return self.request.transport is None or self.request.transport.is_closing()
