"""Fetch a result from a host nobody vouches for, into a file or bit by bit, and see what it is.

DownloadError
|-- ForbiddenAddress  not https, or not a public address (bot.netmind.address)
|-- LinkExpired       403, 404, 410: ask the API for a fresh link
|-- Unreachable       no connection, no time left, a server's trouble, too many redirects
|-- CutShort          ended before its declared length
|-- TooLarge          more bytes than wanted
|-- NoSuchPart        the part that was asked for lies beyond the end
`-- NotMedia          empty, or no sound, video or image
"""

# ruff: noqa: N818 - errors are named after the condition they report

import asyncio
import dataclasses
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from types import TracebackType
from typing import BinaryIO, Self

import aiohttp
import yarl

from bot.crash import crash_point
from bot.netmind.address import (
    Allowed,
    DownloadError,
    ForbiddenAddress,
    check_url,
    guarded_session,
    parse_url,
)
from bot.netmind.magic import HEAD_BYTES, MediaType, sniff

__all__ = [
    "CutShort",
    "DownloadError",
    "Downloaded",
    "Downloader",
    "ForbiddenAddress",
    "LinkExpired",
    "NoSuchPart",
    "NotMedia",
    "Part",
    "Stream",
    "TooLarge",
    "Unreachable",
]

CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 5

_WHOLE, _PARTIAL = 200, 206
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({403, 404, 410})
_BROKEN = (aiohttp.ClientError, TimeoutError, ConnectionError)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)


class LinkExpired(DownloadError):
    """The link opens nothing any more; `status` is 403, 404 or 410."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the link has expired ({status})")


class Unreachable(DownloadError):
    """The host did not give the file; later it may. `status` is its HTTP status, if any."""

    def __init__(self, why: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(f"the file cannot be reached: {why}")


class CutShort(DownloadError):
    """The file ended early; `size` bytes came, `declared` were promised (None if not told)."""

    def __init__(self, size: int, declared: int | None) -> None:
        self.size = size
        self.declared = declared
        super().__init__(f"the file was cut after {size} bytes")


class TooLarge(DownloadError):
    """The file has more than `max_bytes`; `declared` is its size if it was told beforehand."""

    def __init__(self, max_bytes: int, declared: int | None = None) -> None:
        self.max_bytes = max_bytes
        self.declared = declared
        super().__init__(f"the file has more than {max_bytes} bytes")


class NoSuchPart(DownloadError):
    """The file has `total` bytes, and none where a part was asked for."""

    def __init__(self, total: int) -> None:
        self.total = total
        super().__init__(f"the file has only {total} bytes")


class NotMedia(DownloadError):
    """The file is by its first bytes neither sound nor video nor image; `empty`: it has none."""

    def __init__(self, *, empty: bool = False) -> None:
        self.empty = empty
        super().__init__("the file is empty" if empty else "neither sound nor video nor image")


@dataclasses.dataclass(frozen=True, slots=True)
class Downloaded:
    """A fetched file: its size in bytes and what it is by its first bytes."""

    size: int
    media: MediaType


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `first` to `last`, both included, of a file that has `total`."""

    first: int
    last: int
    total: int

    @classmethod
    def told_by(cls, response: aiohttp.ClientResponse) -> Self | None:
        """Return what part an answer says it is; None: it is none, or does not say it properly."""
        told = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status != _PARTIAL or "Content-Encoding" in response.headers:
            return None
        return None if told is None else cls(*map(int, told.groups()))

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.last - self.first + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """A file that is on its way: what it is, and its bytes as they come.

    `size`: bytes to come, if told. `part`: None if the whole file comes. `parts`: its host gives
    parts. `chunks` raises CutShort or Unreachable if the file does not come to its end.
    """

    media: MediaType
    size: int | None
    part: Part | None
    parts: bool
    chunks: AsyncGenerator[bytes, None]


class Downloader:
    """Fetches files over guarded connections; use it as an async context manager.

    Only public https addresses are talked to, except the `allow`ed pairs of host and port. Times
    are in seconds: `connect` for a connection, `stall` between two pieces of a file, `total` for
    a whole download into a file with all its redirects.
    """

    def __init__(
        self,
        allow: Allowed = frozenset(),
        *,
        connect: float = 10.0,
        stall: float = 30.0,
        total: float = 600.0,
    ) -> None:
        self._allow = frozenset((host.lower(), port) for host, port in allow)
        self._total = total
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_read=stall)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = guarded_session(self._allow)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, link: str, into: BinaryIO, *, max_bytes: int) -> Downloaded:
        """Write the file behind `link` into an empty file, rewind that, and say what it is.

        Raises a DownloadError; what was written by then is of no use. An OSError of the disk is
        let through. Nothing is tried twice: the caller knows whether a fresh link is needed.
        """
        # The text of some errors repeats the link; a traceback must not show it.
        with _unreachable():
            async with asyncio.timeout(self._total), self.open(link) as stream:
                downloaded = await _write(stream, into, max_bytes)
        await asyncio.to_thread(into.seek, 0)
        return downloaded

    @asynccontextmanager
    async def open(self, link: str, wanted: slice | None = None) -> AsyncIterator[Stream]:
        """Open the file behind `link`; it is read no faster than its chunks are asked for.

        Only what begins as media is opened. `wanted` are the bytes of a part; the whole file comes
        all the same if its host gives no parts. Raises a DownloadError.
        """
        async with AsyncExitStack() as stack:
            with _unreachable():
                if wanted is None:
                    stream = await _whole(stack, await self._ask(stack, link))
                else:
                    stream = await self._part(stack, link, wanted)
            await stack.enter_async_context(aclosing(stream.chunks))
            # What goes wrong in the caller's hands is not this host's fault.
            yield stream

    async def _part(self, stack: AsyncExitStack, link: str, wanted: slice) -> Stream:
        """Open a part; only the file's beginning tells what it is a part of."""
        look = await self._ask(stack, link, f"bytes=0-{HEAD_BYTES - 1}")
        told = Part.told_by(look)
        if told is None:
            return await _whole(stack, look)
        if told.first:
            raise Unreachable("its host gave another part")
        media, _ = await _sniffed(stack, look, told.size)
        first, stop, _ = wanted.indices(told.total)
        if first >= stop:
            raise NoSuchPart(told.total)
        part = Part(first, stop - 1, told.total)
        response = await self._ask(stack, link, f"bytes={part.first}-{part.last}")
        _check_status(response.status, partial=True)
        if Part.told_by(response) != part:
            raise Unreachable("its host gave another part")
        return Stream(media, part.size, part, parts=True, chunks=_pieces(response, part.size))

    async def _ask(
        self, stack: AsyncExitStack, link: str, part: str | None = None
    ) -> aiohttp.ClientResponse:
        """Walk the redirects by hand, each checked like the first link; the stack closes all."""
        if self._session is None:
            raise RuntimeError("Downloader is used outside `async with`")
        headers = {"Accept-Encoding": "identity"} | ({} if part is None else {"Range": part})
        url = check_url(parse_url(link), self._allow)
        seen: set[yarl.URL] = set()
        while url not in seen and len(seen) <= MAX_REDIRECTS:
            seen.add(url)
            asked = self._session.get(
                url, headers=headers, allow_redirects=False, timeout=self._timeout
            )
            response = await stack.enter_async_context(asked)
            if response.status not in _REDIRECTS:
                return response
            url = check_url(_next_hop(response), self._allow)
            response.close()
        raise Unreachable("it is redirected in a loop, or too often")


@contextmanager
def _unreachable() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Unreachable(type(error).__name__) from None


def _next_hop(response: aiohttp.ClientResponse) -> yarl.URL:
    return response.url.join(parse_url(response.headers.get("Location", "")))


async def _whole(stack: AsyncExitStack, response: aiohttp.ClientResponse) -> Stream:
    """Open one answer that has the whole file; sizes are counted after any decoding."""
    _check_status(response.status)
    declared = None if "Content-Encoding" in response.headers else response.content_length
    media, chunks = await _sniffed(stack, response, declared)
    parts = response.headers.get("Accept-Ranges") == "bytes"
    return Stream(media, declared, None, parts=parts, chunks=chunks)


async def _sniffed(
    stack: AsyncExitStack, response: aiohttp.ClientResponse, size: int | None
) -> tuple[MediaType, AsyncGenerator[bytes, None]]:
    """Read as much as tells what it is; return that, and everything from the first byte on."""
    pieces = await stack.enter_async_context(aclosing(_pieces(response, size)))
    head = bytearray()
    async for piece in pieces:
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    media = sniff(bytes(head))
    if media is None:
        raise NotMedia(empty=not head)
    return media, _joined(bytes(head), pieces)


async def _joined(head: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield head
    async for piece in pieces:
        yield piece


async def _pieces(
    response: aiohttp.ClientResponse, size: int | None
) -> AsyncGenerator[bytes, None]:
    """Give what comes, piece by piece. Raises CutShort if it is not of this size in the end."""
    come = 0
    with _unreachable():
        try:
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                come += len(chunk)
                yield chunk
        except (aiohttp.ClientPayloadError, aiohttp.ClientOSError):
            raise CutShort(come, size) from None
    if size is not None and come != size:
        raise CutShort(come, size)


async def _write(stream: Stream, into: BinaryIO, max_bytes: int) -> Downloaded:
    """Write the file, counting what comes."""
    if stream.size is not None and stream.size > max_bytes:
        raise TooLarge(max_bytes, stream.size)
    crash_point("download.open")
    size = 0
    async for chunk in stream.chunks:
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge(max_bytes)
        # A disk may make a writer wait, and with it everything else on the loop.
        await asyncio.to_thread(into.write, chunk)
        crash_point("download.half")
    return Downloaded(size, stream.media)


def _check_status(status: int, *, partial: bool = False) -> None:
    if status in _EXPIRED:
        raise LinkExpired(status)
    if status != _WHOLE and not (partial and status == _PARTIAL):
        raise Unreachable(f"its host answered {status}", status)
