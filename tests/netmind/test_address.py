import asyncio
import socket
from typing import Any

import pytest

from bot.netmind.address import (
    ForbiddenAddress,
    GuardedResolver,
    check_url,
    guarded_session,
    is_public,
    parse_url,
)

NOTHING: frozenset[tuple[str, int]] = frozenset()


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - to be refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
    ],
)
def test_no_other_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "data:audio/wav;base64,AA",
        "//example.org/x",
        "/x",
        "",
        "https:///x",
        "https://user@example.org/x",
        "https://user:word@example.org/x",
        "https://@example.org/x",
        "https://example.org:99999/x",
        "https://127.0.0.1/x",
        "https://127.0.0.1./x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0X7F.1/x",
        "https://0177.0.0.1/x",
        "https://017700000001/x",
        "https://127.0.0.0x1/x",
        "https://１２７.0.0.1/x",  # noqa: RUF001 - full-width digits are the point
        "https://①②⑦.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[fe80::1%25eth0]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/x",
    ],
)
def test_a_link_that_leads_elsewhere_is_refused_before_anything_is_asked(link: str) -> None:
    with pytest.raises(ForbiddenAddress):
        check_url(parse_url(link), NOTHING)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/x",
        "https://8.8.8.8/x",
        "https://[2606:4700:4700::1111]:8443/x",
        "https://1.example.org./x",
        "https://bücher.example/x",
    ],
)
def test_a_public_https_link_is_accepted(link: str) -> None:
    check_url(parse_url(link), NOTHING)


def test_a_signed_link_is_not_quoted_anew() -> None:
    link = "https://example.org/a%7Eb%2Fc?sig=a%2Bb+c%7E"
    assert str(parse_url(link)) == link


def test_an_allowed_pair_of_host_and_port_may_be_plain_and_private() -> None:
    allow = frozenset({("127.0.0.1", 9000), ("minio", 9000)})
    check_url(parse_url("http://127.0.0.1:9000/x"), allow)
    check_url(parse_url("http://MINIO:9000/x"), allow)
    for link in ("http://127.0.0.1:9001/x", "http://minio/x", "ftp://minio:9000/x"):
        with pytest.raises(ForbiddenAddress):
            check_url(parse_url(link), allow)


class Names:
    """A resolver's answers, one list a question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def getaddrinfo(self, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in self.answers.pop(0)
        ]


def use(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names.getaddrinfo)


async def test_one_private_address_among_public_ones_spoils_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(Names(["8.8.8.8", "10.0.0.1"]), monkeypatch)
    with pytest.raises(ForbiddenAddress):
        await GuardedResolver(NOTHING).resolve("example.org", 443)


async def test_what_was_checked_is_what_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Names(["8.8.8.8", "8.8.4.4", "8.8.8.8"]), monkeypatch)
    found = await GuardedResolver(NOTHING).resolve("example.org", 443)
    assert [one["host"] for one in found] == ["8.8.8.8", "8.8.4.4"]


async def test_a_name_that_cannot_be_written_is_a_failed_lookup() -> None:
    with pytest.raises(OSError, match="not a name"):
        await GuardedResolver(NOTHING).resolve("x" * 64 + ".example", 443)


async def test_the_guarded_session_takes_nothing_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    async with guarded_session() as session:
        assert not session.trust_env
