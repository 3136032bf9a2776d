"""Fetch a result from a host nobody vouches for, into a file, and see what it is.

DownloadError
|-- ForbiddenAddress  not https, or not a public address (bot.netmind.address)
|-- LinkExpired       403, 404, 410: ask the API for a fresh link
|-- Unreachable       no connection, no time left, a server's trouble, too many redirects
|-- CutShort          ended before its declared length
|-- TooLarge          more bytes than wanted
`-- NotMedia          empty, or no sound, video or image
"""

# ruff: noqa: N818 - errors are named after the condition they report

import asyncio
import dataclasses
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
    "NotMedia",
    "TooLarge",
    "Unreachable",
]

CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({403, 404, 410})
_BROKEN = (aiohttp.ClientError, TimeoutError, ConnectionError)


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


class Downloader:
    """Fetches files over guarded connections; use it as an async context manager.

    Only public https addresses are talked to, except the `allow`ed pairs of host and port. Times
    are in seconds: `connect` for a connection, `stall` between two pieces of a file, `total` for
    a whole download with all its redirects.
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
        self._timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_read=stall)
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
        try:
            async with asyncio.timeout(self._total):
                downloaded = await self._follow(link, into, max_bytes)
        except _BROKEN as error:
            # Some of these repeat the link in their text; a traceback must not show it.
            raise Unreachable(type(error).__name__) from None
        await asyncio.to_thread(into.seek, 0)
        return downloaded

    async def _follow(self, link: str, into: BinaryIO, max_bytes: int) -> Downloaded:
        """Walk the redirects by hand, each checked like the first link."""
        if self._session is None:
            raise RuntimeError("Downloader is used outside `async with`")
        url = check_url(parse_url(link), self._allow)
        seen: set[yarl.URL] = set()
        while url not in seen and len(seen) <= MAX_REDIRECTS:
            seen.add(url)
            async with self._session.get(
                url,
                headers={"Accept-Encoding": "identity"},
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                if response.status not in _REDIRECTS:
                    return await _receive(response, into, max_bytes)
                url = check_url(_next_hop(response), self._allow)
        raise Unreachable("it is redirected in a loop, or too often")


def _next_hop(response: aiohttp.ClientResponse) -> yarl.URL:
    return response.url.join(parse_url(response.headers.get("Location", "")))


async def _receive(response: aiohttp.ClientResponse, into: BinaryIO, max_bytes: int) -> Downloaded:
    """Stream one answer into the file, counting what is written, after any decoding."""
    _check_status(response.status)
    declared = None if "Content-Encoding" in response.headers else response.content_length
    if declared is not None and declared > max_bytes:
        raise TooLarge(max_bytes, declared)
    crash_point("download.open")
    head = bytearray()
    size = 0
    try:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge(max_bytes)
            if len(head) < HEAD_BYTES:
                head += chunk[:HEAD_BYTES]
                _check_head(head)
            # A disk may make a writer wait, and with it everything else on the loop.
            await asyncio.to_thread(into.write, chunk)
            crash_point("download.half")
    except (aiohttp.ClientPayloadError, aiohttp.ClientOSError):
        raise CutShort(size, declared) from None
    if declared is not None and size != declared:
        raise CutShort(size, declared)
    media = sniff(bytes(head))
    if media is None:
        raise NotMedia(empty=size == 0)
    return Downloaded(size, media)


def _check_status(status: int) -> None:
    if status in _EXPIRED:
        raise LinkExpired(status)
    if status != 200:  # noqa: PLR2004 - the whole file; nothing else was asked for
        raise Unreachable(f"its host answered {status}", status)


def _check_head(head: bytearray) -> None:
    """Give up early on what can no longer turn out to be media."""
    if len(head) >= HEAD_BYTES and sniff(bytes(head)) is None:
        raise NotMedia
