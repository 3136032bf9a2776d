"""PUBLIC_URL: whether this bot answers there, as seen from this machine."""

import asyncio
import socket

import aiohttp
import yarl

from bot.check.finding import Finding, ok, warning, wrong
from bot.netmind.address import is_public

_NAME = "public_url"
# What a platform's own proxy says of a process that is not there.
_NOBODY = frozenset({502, 503, 504})
_ENOUGH = 100
_HERE = "is the bot running?"


async def look(address: str, *, patience: float = 10.0) -> list[Finding]:
    """Ask for /health/live, for so many seconds.

    It is the operator's own address, so it may be a private one.
    """
    timeout = aiohttp.ClientTimeout(total=patience)
    url = f"{address}/health/live"
    notes = [*await _private(address), *_plain(address)]
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return [answered(answer.status, await answer.content.read(_ENOUGH)), *notes]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [unanswered(error), *notes]


def answered(status: int, body: bytes) -> Finding:
    """Judge the answer."""
    if (status, body) == (200, b"ok"):
        return ok(_NAME, "The bot answers there.")
    if status in _NOBODY:
        return warning(_NAME, f"Only a proxy answers there ({status}); {_HERE}")
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's redirects
        return wrong(
            _NAME, f"It leads elsewhere ({status}). Set PUBLIC_URL to where it leads in the end."
        )
    return wrong(_NAME, f"Something else than this bot answers there ({status}).")


def unanswered(error: Exception) -> Finding:
    """Judge what kept it from being asked."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return wrong(_NAME, "Its certificate is not good, so browsers will refuse it.")
    if isinstance(error, aiohttp.ClientSSLError):
        return wrong(_NAME, "What answers there does not speak https.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return wrong(_NAME, "Its name is not known. See whether PUBLIC_URL is right.")
    return warning(_NAME, f"Nobody answers there ({type(error).__name__}); {_HERE}")


async def _private(address: str) -> list[Finding]:
    url = yarl.URL(address)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.host, url.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return []
    if all(is_public(str(sockaddr[0])) for *_, sockaddr in found):
        return []
    return [warning(_NAME, "Its address is private: only people in that network can open it.")]


def _plain(address: str) -> list[Finding]:
    if address.startswith("https://"):
        return []
    return [warning(_NAME, "It is plain http: files and their links can be read on the way.")]
