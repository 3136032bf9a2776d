"""Which addresses may be talked to when a stranger's link says so."""

# ruff: noqa: N818 - errors are named after the condition they report

import asyncio
import ipaddress
import re
import socket

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import FoleyError

Allowed = frozenset[tuple[str, int]]
"""Pairs of lower-case host and port that may be plain http and private."""

_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
# These are global by their registry, but lead to IPv4 addresses of the sender's choice, or nowhere.
_TUNNELS = tuple(
    ipaddress.ip_network(network)
    for network in ("192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
# A host whose last label looks like a number is an IPv4 address to some resolvers: 0x7f.1, 127.1.
_NUMBER_LIKE = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$", re.IGNORECASE)


class DownloadError(FoleyError):
    """A result could not be fetched, or is not what was asked.

    Neither str() nor the cause ever tells the link: it may name the account.
    """


class ForbiddenAddress(DownloadError):
    """The link leads where nothing may be fetched from: not https, or not a public address."""


def is_public(address: str) -> bool:
    """Whether a literal IP address belongs to the public internet, and to nothing else."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _PUBLIC_V6:
        # NAT64, IPv4-mapped and IPv4-compatible addresses lie outside, beside the private ones.
        return False
    if any(ip in network for network in _TUNNELS if network.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def parse_url(link: str) -> yarl.URL:
    """Return the link parsed; raises ForbiddenAddress if that cannot be done.

    A link that is fit to be sent is sent as it stands: quoting it anew could spoil its signature.
    """
    fit = link.isascii() and link.isprintable() and " " not in link
    try:
        return yarl.URL(link, encoded=fit)
    except ValueError:
        # The parser's complaint repeats the link.
        raise ForbiddenAddress("the link cannot be read") from None


def check_url(url: yarl.URL, allow: Allowed) -> yarl.URL:
    """Return the link if it may be followed; what its name resolves to is checked later.

    Raises ForbiddenAddress: not https, no host, a user name in it, or a literal address that is
    not public. aiohttp does not ask the resolver about literal addresses, so this is their check.
    """
    try:
        host, port = (url.raw_host or "").rstrip(".").lower(), url.port
    except ValueError:
        raise ForbiddenAddress("the link's port cannot be read") from None
    if not host or port is None or "@" in url.raw_authority:
        raise ForbiddenAddress("the link has no host, or a user name in it")
    if url.scheme in {"http", "https"} and (host, port) in allow:
        return url
    if url.scheme != "https":
        raise ForbiddenAddress("the link is not https")
    if (":" in host or _NUMBER_LIKE.search(host)) and not is_public(host):
        raise ForbiddenAddress("the link leads to an address that is not public")
    return url


class GuardedResolver(AbstractResolver):
    """Resolves names once, and only to public addresses; aiohttp connects to what it returns."""

    def __init__(self, allow: Allowed) -> None:
        self._allow = allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`.

        Raises ForbiddenAddress if any of them is not public, OSError if there is none.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM, family=family
            )
        except UnicodeError:
            raise OSError(None, "not a name") from None
        addresses = {str(sockaddr[0]): kind for kind, _, _, _, sockaddr in found}
        trusted = (host.rstrip(".").lower(), port) in self._allow
        if not trusted and not all(map(is_public, addresses)):
            raise ForbiddenAddress("the link's host has an address that is not public")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address, kind in addresses.items()
        ]

    async def close(self) -> None:
        """Nothing is held open."""


def guarded_session(allow: Allowed = frozenset()) -> aiohttp.ClientSession:
    """Open a session that connects to public addresses only, whatever a name resolves to.

    It keeps no cookies, no connections and no names, and takes no proxy or password from the
    environment. Links must pass check_url() too.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=GuardedResolver(allow), use_dns_cache=False, force_close=True
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
