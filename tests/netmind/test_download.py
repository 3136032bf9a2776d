import asyncio
import gzip
import io
import socket
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.netmind.download import (
    CutShort,
    Downloader,
    DownloadError,
    ForbiddenAddress,
    LinkExpired,
    NotMedia,
    Part,
    Stream,
    TooLarge,
    Unreachable,
)
from bot.netmind.magic import FLAC
from tests.netmind.wire import (
    Act,
    Wire,
    drips,
    hangs,
    raw,
    resets,
    resets_after,
    says,
    stalls_after,
)

SOUND = b"fLaC" + bytes(range(256)) * 1000
MEGABYTE = 1024 * 1024


async def fetch(wire: Wire, link: str = "/x", max_bytes: int = MEGABYTE) -> tuple[Any, bytes]:
    file = io.BytesIO()
    async with Downloader(wire.allow, stall=0.3, total=2.0) as downloader:
        link = wire.url + link if link.startswith("/") else link
        downloaded = await downloader.fetch(link, file, max_bytes=max_bytes)
    return downloaded, file.read()


async def refused(*acts: Act, max_bytes: int = MEGABYTE) -> DownloadError:
    """Return how fetching from a host with these acts ends."""
    async with Wire(*acts) as wire:
        with pytest.raises(DownloadError) as caught:
            await fetch(wire, "/account-5d41402a/x", max_bytes)
    assert "account" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with Wire(says(200, SOUND)) as server:
        yield server


async def test_a_file_arrives_whole_rewound_and_known_by_its_bytes(wire: Wire) -> None:
    downloaded, content = await fetch(wire)
    assert (downloaded.size, downloaded.media) == (len(SOUND), FLAC)
    assert content == SOUND


async def test_a_file_without_a_name_is_written_too(wire: Wire) -> None:
    with tempfile.TemporaryFile() as file:
        async with Downloader(wire.allow) as downloader:
            await downloader.fetch(wire.url, file, max_bytes=MEGABYTE)
        assert file.read() == SOUND


async def test_no_key_and_no_cookie_is_sent_and_no_packing_asked_for(wire: Wire) -> None:
    await fetch(wire)
    headers = wire.seen[0].headers
    assert headers["accept-encoding"] == "identity"
    assert not {"authorization", "cookie"} & headers.keys()


async def test_a_chunked_file_arrives_whole() -> None:
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SOUND), SOUND)
    async with Wire(says(200, chunks, transfer_encoding="chunked")) as wire:
        assert (await fetch(wire))[1] == SOUND


async def test_redirects_are_followed_and_cookies_forgotten() -> None:
    hop = says(302, location="/b/../c?d=%2F", set_cookie="a=b; Path=/")
    async with Wire(hop, says(307, location="e"), says(200, SOUND)) as wire:
        assert (await fetch(wire, "/a/x"))[1] == SOUND
    assert [seen.path for seen in wire.seen] == ["/a/x", "/c?d=%2F", "/e"]
    assert "cookie" not in wire.seen[1].headers


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_an_expired_link_is_told_from_a_dead_host(status: int) -> None:
    error = await refused(says(status, b"<Error>AccessDenied</Error>"))
    assert isinstance(error, LinkExpired)
    assert error.status == status


@pytest.mark.parametrize("status", [206, 204, 400, 429, 500, 503])
async def test_any_other_status_is_no_file(status: int) -> None:
    error = await refused(says(status, SOUND if status != 204 else b""))
    assert isinstance(error, Unreachable)
    assert error.status == status


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/x",
        "http://169.254.169.254/",
        "https://[::1]/",
        "file:///etc/passwd",
        "//h/",
    ],
)
async def test_a_redirect_to_a_private_place_is_refused(location: str) -> None:
    assert isinstance(await refused(says(302, location=location)), ForbiddenAddress)


async def test_redirects_in_a_loop_or_without_end_are_given_up() -> None:
    assert isinstance(await refused(says(302, location="/account-5d41402a/x")), Unreachable)
    endless = [says(302, location=f"/{number}") for number in range(20)]
    async with Wire(*endless) as wire:
        with pytest.raises(Unreachable, match="redirected"):
            await fetch(wire)
    assert len(wire.seen) == 6


@pytest.mark.parametrize("body", [b"", b"<html>sorry</html>", b"MZ" + bytes(99_999)])
async def test_what_is_not_media_is_refused_whatever_it_is_called(body: bytes) -> None:
    assert isinstance(await refused(says(200, body, content_type="audio/flac")), NotMedia)


async def test_a_file_declared_too_large_is_not_begun() -> None:
    error = await refused(says(200, SOUND), max_bytes=1000)
    assert isinstance(error, TooLarge)
    assert (error.max_bytes, error.declared) == (1000, len(SOUND))


async def test_an_endless_file_is_stopped() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    error = await refused(drips(head, b"fLaC" + bytes(60_000), 0), max_bytes=200_000)
    assert isinstance(error, TooLarge)


async def test_a_packed_bomb_is_counted_as_it_unfolds() -> None:
    bomb = gzip.compress(b"fLaC" + bytes(20 * MEGABYTE))
    error = await refused(says(200, bomb, content_encoding="gzip"))
    assert isinstance(error, TooLarge)


@pytest.mark.parametrize(
    "act",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + SOUND),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\nfLaC" % 9000),
        resets_after(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + SOUND),
    ],
    ids=["short of its length", "within a chunk", "reset"],
)
async def test_a_cut_file_is_not_taken_for_a_whole_one(act: Act) -> None:
    assert isinstance(await refused(act), CutShort)


async def test_an_answer_longer_than_it_says_is_not_trusted() -> None:
    longer = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfLaCjunk")
    assert isinstance(await refused(longer), Unreachable)


@pytest.mark.parametrize(
    "act",
    [
        resets,
        hangs,
        raw(b""),
        raw(b"no http at all\r\n\r\n"),
        stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\nfLaC"),
    ],
    ids=["reset", "hang", "closed", "garbage", "stall"],
)
async def test_a_host_that_does_not_deliver_is_unreachable(act: Act) -> None:
    assert isinstance(await refused(act), Unreachable)


async def test_a_trickle_ends_with_the_total_time() -> None:
    trickle = drips(b"HTTP/1.1 200 OK\r\n\r\nfLaC", b"\0", 0.01)
    async with Wire(trickle) as wire, Downloader(wire.allow, stall=5, total=0.2) as downloader:
        with pytest.raises(Unreachable):
            await downloader.fetch(wire.url, io.BytesIO(), max_bytes=MEGABYTE)


async def test_a_private_host_is_not_even_connected_to(wire: Wire) -> None:
    async with Downloader() as downloader:
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(ForbiddenAddress):
                await downloader.fetch(
                    f"https://{host}:{wire.port}/", io.BytesIO(), max_bytes=MEGABYTE
                )
    assert wire.seen == []


async def test_a_name_is_asked_once_and_what_it_said_is_connected(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["127.0.0.1"]

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        assert host == "media.test"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with Downloader(frozenset({("Media.test", wire.port)})) as downloader:
        link = f"http://media.test:{wire.port}/x"
        await downloader.fetch(link, io.BytesIO(), max_bytes=MEGABYTE)
    assert answers == []


async def test_a_name_that_turns_private_the_second_time_is_refused_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Wire(says(302, location="https://turns.test/x")) as wire:
        answers = ["127.0.0.1"]

        async def getaddrinfo(_: str, port: int, **__: Any) -> list[tuple[Any, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        with pytest.raises(ForbiddenAddress):
            await fetch(wire)
    assert answers == []


async def test_a_name_nobody_knows_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with Downloader() as downloader:
        with pytest.raises(Unreachable):
            await downloader.fetch("https://gone.test/x", io.BytesIO(), max_bytes=MEGABYTE)


async def test_a_host_without_proper_encryption_is_unreachable(wire: Wire) -> None:
    with pytest.raises(Unreachable):
        await fetch(wire, f"https://127.0.0.1:{wire.port}/x")


async def test_a_full_disk_is_not_the_hosts_fault(wire: Wire) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    async with Downloader(wire.allow) as downloader:
        with pytest.raises(OSError, match="No space"):
            await downloader.fetch(wire.url, Full(), max_bytes=MEGABYTE)


def partial(first: int, last: int, body: bytes = SOUND) -> Act:
    """Answer as a host that gives parts."""
    told = f"bytes {first}-{last}/{len(body)}"
    return says(206, body[first : last + 1], content_range=told)


async def opened(wire: Wire, wanted: slice | None = None) -> tuple[Stream, bytes]:
    async with Downloader(wire.allow) as downloader, downloader.open(wire.url, wanted) as stream:
        return stream, b"".join([chunk async for chunk in stream.chunks])


async def test_an_open_file_tells_what_it_is_and_comes_whole(wire: Wire) -> None:
    stream, content = await opened(wire)
    assert (stream.media, stream.size, stream.part, stream.parts) == (FLAC, len(SOUND), None, False)
    assert content == SOUND


async def test_a_part_is_known_by_the_beginning_of_its_file() -> None:
    async with Wire(partial(0, 4095), partial(5000, 5009)) as wire:
        stream, content = await opened(wire, slice(5000, 5010))
    assert (stream.media, stream.part) == (FLAC, Part(5000, 5009, len(SOUND)))
    assert content == SOUND[5000:5010]
    assert [seen.headers["range"] for seen in wire.seen] == ["bytes=0-4095", "bytes=5000-5009"]


async def test_what_is_not_the_beginning_does_not_tell_what_a_file_is() -> None:
    """Else a page with a sound's first letters somewhere inside would pass for a sound."""
    elsewhere = says(206, SOUND[:4096], content_range=f"bytes 1-4096/{len(SOUND)}")
    async with Wire(elsewhere, partial(5000, 5009)) as wire:
        with pytest.raises(Unreachable, match="another part"):
            await opened(wire, slice(5000, 5010))
    assert len(wire.seen) == 1


async def test_a_link_that_expires_before_the_part_comes_is_told_as_such() -> None:
    async with Wire(partial(0, 4095), says(403)) as wire:
        with pytest.raises(LinkExpired):
            await opened(wire, slice(5000, 5010))


async def test_a_part_that_is_cut_is_not_taken_for_a_whole_one() -> None:
    cut = raw(
        b"HTTP/1.1 206 X\r\nContent-Range: bytes 5000-5009/%d\r\nConnection: close\r\n\r\nshort"
        % len(SOUND)
    )
    async with Wire(partial(0, 4095), cut) as wire:
        with pytest.raises(CutShort):
            await opened(wire, slice(5000, 5010))


async def test_a_redirect_of_a_part_to_a_private_place_is_refused() -> None:
    async with Wire(partial(0, 4095), says(302, location="https://127.0.0.1/x")) as wire:
        with pytest.raises(ForbiddenAddress):
            await opened(wire, slice(5000, 5010))


async def test_what_goes_wrong_in_the_callers_hands_is_not_the_hosts_fault(wire: Wire) -> None:
    async with Downloader(wire.allow) as downloader:
        with pytest.raises(aiohttp.ClientConnectionResetError):
            async with downloader.open(wire.url):
                raise aiohttp.ClientConnectionResetError
