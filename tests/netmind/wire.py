"""A host on loopback that says exactly the bytes it is told to, or misbehaves in a named way."""

import asyncio
import dataclasses
import hashlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Self

LARGE = 64 * 1024
"""Bytes; what a body has beyond about so many is not kept."""
TLS_HELLO = b"\x16"

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclasses.dataclass(frozen=True)
class Seen:
    """One request as it came over the wire; of a large body only the sum is kept."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    sha256: str


class Wire:
    """Plays its acts one a request, the last one for ever, and remembers what it was asked."""

    def __init__(self, *acts: Act) -> None:
        self.acts = list(acts)
        self.seen: list[Seen] = []
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def allow(self) -> frozenset[tuple[str, int]]:
        return frozenset({("127.0.0.1", self.port)})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first == TLS_HELLO:
            writer.write(b"in clear, please\r\n")
            return
        rest = await reader.readuntil(b"\r\n\r\n")
        head = (first + rest).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
        }
        body, sha256 = await _body(reader, int(headers.get("content-length", "0")))
        self.seen.append(Seen(method, path, headers, body, sha256))
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        await act(reader, writer)


async def _body(reader: asyncio.StreamReader, size: int) -> tuple[bytes, str]:
    kept, digest = bytearray(), hashlib.sha256()
    while size > 0:
        piece = await reader.readexactly(min(size, LARGE))
        size -= len(piece)
        digest.update(piece)
        if len(kept) < LARGE:
            kept += piece
    return bytes(kept), digest.hexdigest()


def raw(data: bytes) -> Act:
    """Say these bytes and close."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return act


def says(status: int, body: Any = b"", **headers: str) -> Act:
    """Answer properly: JSON, or bytes as they are; header names take _ for -."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "Connection: close"]
    given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    if "transfer-encoding" not in given:
        given.setdefault("content-length", str(len(payload)))
    lines += [f"{name}: {value}" for name, value in given.items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + payload)


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await reader.read()


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and reset the connection."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def resets_after(data: bytes) -> Act:
    """Say these bytes, let them arrive, and reset the connection."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0)
        await resets(reader, writer)

    return act


def stalls_after(data: bytes) -> Act:
    """Say these bytes and then nothing more, keeping the connection open."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await reader.read()

    return act


def drips(head: bytes, letter: bytes, pause: float) -> Act:
    """Say the head, then one byte at a time for ever."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(letter)
            await writer.drain()
            await asyncio.sleep(pause)

    return act
