"""Large files for whoever holds a link: whole, in parts, and never the provider's own link."""

import asyncio
import logging
import os
import re
import shutil
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from discord.http import Route
from playwright.async_api import ConsoleMessage, async_playwright

from bot.app import open_app, run
from bot.config import SettingsError
from bot.jobs.fetch import Fetcher
from bot.jobs.results import Results
from bot.netmind.catalog import Catalog
from bot.netmind.download import Downloader
from bot.netmind.errors import NotFound
from bot.netmind.protocol import Generation, Phase, ResultFile
from bot.web import media as media_module
from bot.web.links import MediaLinks
from bot.web.media import MediaHandler
from bot.web.server import build, serving
from storage import jobs
from storage.jobs import Job
from storage.states import JobState
from tests.jobs.makers import NOON, a_job
from tests.netmind.wire import Wire, raw, says, stalls_after
from tests.test_page import FLAGS
from tests.world import eventually, open_world, settings_for, sketch

MIB = 1024 * 1024
SOUND = b"fLaC" + bytes(range(256)) * 400
WEEK = timedelta(days=7)
LARGE = 30 * MIB


class Host(Wire):
    """The provider's host: it gives one sound, or the part of it that is asked for."""

    def __init__(self) -> None:
        super().__init__(self._give)
        self.given = 0
        self.left = asyncio.Event()

    async def _give(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.seen[-1].headers.get("range", ""))
        if asked is None:
            await says(200, SOUND, accept_ranges="bytes")(_, writer)
            return
        first, last = int(asked[1]), min(int(asked[2]), len(SOUND) - 1)
        told = f"bytes {first}-{last}/{len(SOUND)}"
        await says(206, SOUND[first : last + 1], content_range=told)(_, writer)

    async def large(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give a sound of 30 MiB as fast as it is read, and notice whoever leaves."""
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nfLaC" % (LARGE + 4))
            for _ in range(LARGE // (64 * 1024)):
                writer.write(bytes(64 * 1024))
                await writer.drain()
                self.given += 64 * 1024
        finally:
            self.left.set()

    async def half(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give a beginning and nothing more, and notice whoever leaves."""
        try:
            await stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + SOUND)(
                reader, writer
            )
        finally:
            self.left.set()


@dataclass
class Netmind:
    """Gives links to the host; `gone`: the generation was deleted."""

    host: Host
    links: list[str] = field(default_factory=list)
    asked: int = 0
    gone: bool = False

    async def get(self, _: str) -> Generation:
        self.asked += 1
        if self.gone:
            raise NotFound("gone")
        link = self.links.pop(0) if self.links else f"{self.host.url}/account-5d41/a"
        return Generation("g", "completed", Phase.SUCCEEDED, results=(ResultFile(link),))


@dataclass
class Bench:
    """A served file and somebody with its link."""

    host: Host
    netmind: Netmind
    handler: MediaHandler
    base: str
    session: aiohttp.ClientSession
    job: Job | None

    @property
    def link(self) -> str:
        return self.link_until(WEEK)

    def link_until(self, age: timedelta) -> str:
        return self.handler.links.make(7, NOON + age).replace("https://foley.example", self.base)

    async def get(
        self, link: str | None = None, method: str = "GET", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        async with self.session.request(method, link or self.link, headers=headers) as answer:
            return answer.status, await answer.read(), dict(answer.headers)


class Rows:
    """A database that is never asked for anything but a connection."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        yield


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    # A host that says nothing may do so for longer than any test waits.
    async with Host() as host, Downloader(host.allow, stall=600.0) as downloader:
        netmind = Netmind(host)
        links = MediaLinks.of_token("token", "https://foley.example", lambda: NOON)
        rows: Any = Rows()
        fake: Any = netmind
        handler = MediaHandler(rows, Fetcher(fake, downloader, Results()), links)
        job = a_job(state=JobState.FINISHED, generation_id="g", prompt="rain on slates")
        async with (
            serving(build(handler), 0, "127.0.0.1") as port,
            aiohttp.ClientSession() as session,
        ):
            opened = Bench(host, netmind, handler, f"http://127.0.0.1:{port}", session, job)

            async def get(_: None, job_id: int) -> Job | None:
                return opened.job if job_id == 7 else None

            monkeypatch.setattr(jobs, "get", get)
            yield opened


async def test_the_whole_file_comes_with_its_name_and_kind(bench: Bench) -> None:
    status, body, headers = await bench.get()
    assert (status, body) == (200, SOUND)
    assert headers["Content-Type"] == "audio/flac"
    assert headers["Content-Length"] == str(len(SOUND))
    assert headers["Content-Disposition"] == 'inline; filename="rain-on-slates-7.flac"'


@pytest.mark.parametrize("path", ["media", "elsewhere"])
async def test_every_answer_asks_browsers_to_be_careful(bench: Bench, path: str) -> None:
    link = bench.link if path == "media" else f"{bench.base}/elsewhere"
    _, _, headers = await bench.get(link)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Cache-Control"] == ("private" if path == "media" else "no-store")


async def test_a_look_at_the_head_brings_no_body(bench: Bench) -> None:
    status, body, headers = await bench.get(method="HEAD", Range="bytes=1-2")
    assert (status, body) == (200, b"")
    assert (headers["Content-Length"], headers["Accept-Ranges"]) == (str(len(SOUND)), "bytes")


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=4-259", 4, 256),
        ("bytes=5000-", 5000, len(SOUND) - 5000),
        ("bytes=-3", len(SOUND) - 3, 3),
        ("bytes=9-999999999", 9, len(SOUND) - 9),
    ],
)
async def test_a_part_is_the_part_that_was_asked_for(
    bench: Bench, asked: str, first: int, count: int
) -> None:
    status, body, headers = await bench.get(Range=asked)
    assert (status, body) == (206, SOUND[first : first + count])
    assert headers["Content-Range"] == f"bytes {first}-{first + count - 1}/{len(SOUND)}"
    assert headers["Content-Type"] == "audio/flac"


async def test_a_part_past_the_end_is_refused(bench: Bench) -> None:
    status, _, headers = await bench.get(Range="bytes=99999999-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(SOUND)}")


@pytest.mark.parametrize("asked", ["bytes=1-2,4-5", "lines=1-2", "bytes=5-2", "bytes=-"])
async def test_what_cannot_be_read_is_no_range(bench: Bench, asked: str) -> None:
    assert (await bench.get(Range=asked))[:2] == (200, SOUND)


async def test_a_part_that_depends_on_a_mark_comes_as_the_whole(bench: Bench) -> None:
    headers = {"Range": "bytes=1-2", "If-Range": '"mark"'}
    assert (await bench.get(**headers))[:2] == (200, SOUND)


async def test_a_host_without_parts_gives_the_whole(bench: Bench) -> None:
    bench.host.acts = [says(200, SOUND)]
    assert (await bench.get(Range="bytes=1-2"))[:2] == (200, SOUND)
    assert len(bench.host.seen) == 1


@pytest.mark.parametrize("told", ["bytes 0-1/102404", "bytes 1-9/99", "nonsense", ""])
async def test_a_host_that_gives_another_part_is_not_believed(bench: Bench, told: str) -> None:
    look = bench.host.acts[0]
    bench.host.acts = [look, says(206, SOUND[1:10], content_range=told)]
    assert (await bench.get(Range="bytes=1-9"))[0] == 503


async def test_a_link_that_is_none_expired_or_of_no_job_opens_nothing(bench: Bench) -> None:
    assert (await bench.get(f"{bench.base}/media/{'A' * 44}"))[0] == 404
    assert (await bench.get(f"{bench.base}/media/..%2f..%2fetc"))[0] == 404
    assert (await bench.get(bench.link_until(timedelta(0))))[0] == 410
    assert (await bench.get(f"{bench.base}/elsewhere"))[0] == 404
    bench.job = None
    assert (await bench.get())[0] == 410
    assert bench.netmind.asked == 0


@pytest.mark.parametrize(
    "facts", [{"removed_at": NOON}, {"state": JobState.FAILED}, {"state": JobState.GENERATING}]
)
async def test_a_deleted_or_unfinished_result_opens_for_nobody(
    bench: Bench, facts: dict[str, Any]
) -> None:
    known: dict[str, Any] = {"state": JobState.FINISHED, "generation_id": "g"}
    bench.job = a_job(**(known | facts))
    status, body, _ = await bench.get()
    assert status == 410
    assert b"gone" in body
    assert bench.netmind.asked == 0


async def test_a_file_that_netmind_has_no_more_is_said_to_be_gone(bench: Bench) -> None:
    bench.netmind.gone = True
    assert (await bench.get())[0] == 410


async def test_an_expired_link_of_the_provider_is_asked_for_once_more(bench: Bench) -> None:
    bench.host.acts = [says(403), bench.host.acts[0]]
    assert (await bench.get())[:2] == (200, SOUND)
    assert bench.netmind.asked == 2
    bench.host.acts = [says(403)]
    assert (await bench.get())[0] == 503
    assert bench.netmind.asked == 4


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=9-"}])
async def test_what_is_no_media_is_never_passed_on(bench: Bench, headers: dict[str, str]) -> None:
    """Not even in part, where its first bytes do not come along."""
    page = b"<html>the account of 5d41402a</html>"
    told = f"bytes 0-{len(page) - 1}/{len(page)}"
    acts = [says(206, page, content_range=told)] if headers else [says(200, page)]
    bench.host.acts = [*acts]
    status, body, _ = await bench.get(**headers)
    assert status == 410
    assert b"5d41402a" not in body


@pytest.mark.parametrize("redirected", [False, True])
async def test_a_private_address_is_not_even_connected_to(bench: Bench, redirected: bool) -> None:  # noqa: FBT001 - a table
    async with Host() as private:
        link = f"{private.url}/secret"
        if redirected:
            bench.host.acts = [says(302, location=link)]
        else:
            bench.netmind.links = [link]
        status, _, headers = await bench.get()
        assert status == 410
        assert "Location" not in headers
        assert private.seen == []


async def test_neither_link_nor_token_nor_account_is_told_or_logged(bench: Bench) -> None:
    with structlog.testing.capture_logs() as logs:
        told = [str(await bench.get())]
        bench.host.acts = [says(500, b"account-5d41")]
        told.append(str(await bench.get()))
        bench.host.acts = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + SOUND[:9000])]
        with pytest.raises(aiohttp.ClientError):
            await bench.get()
        await eventually(lambda: any(line.get("outcome") == "CutShort" for line in logs))
    text = f"{told} {logs}"
    assert "account" not in text
    assert str(bench.host.port) not in text
    assert bench.link.rpartition("/")[2] not in str(logs)
    assert {"job": 7, "outcome": "given"}.items() <= logs[0].items()


@pytest.mark.parametrize(
    "act",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + SOUND[:9000]),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + SOUND[:9000]),
    ],
    ids=["short of its length", "within a chunk"],
)
async def test_a_file_that_breaks_off_does_not_end_as_if_it_were_whole(
    bench: Bench, act: Callable[..., Awaitable[None]]
) -> None:
    bench.host.acts = [act]
    with pytest.raises(
        (aiohttp.ClientPayloadError, aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)
    ):
        await bench.get()


async def test_a_reader_that_leaves_ends_the_download(bench: Bench) -> None:
    """Also while nothing comes from the host, so that nothing can be written."""
    bench.host.acts = [bench.host.half]
    async with bench.session.get(bench.link) as answer:
        await answer.content.readexactly(1000)
        assert not bench.host.left.is_set()
        answer.close()
        async with asyncio.timeout(20):
            await bench.host.left.wait()
    await eventually(lambda: not bench.handler.places.locked())


async def test_a_reader_that_stops_reading_is_cut_off(bench: Bench) -> None:
    bench.handler.slowest = 0.2
    bench.host.acts = [bench.host.large]
    with structlog.testing.capture_logs() as logs:
        async with bench.session.get(bench.link) as answer:
            await answer.content.readexactly(1000)
            await asyncio.wait_for(bench.host.left.wait(), 10)
            with pytest.raises(aiohttp.ClientError):
                await answer.read()
    assert bench.host.given < LARGE
    assert logs[-1]["outcome"] == "reader_too_slow"


async def test_nobody_keeps_a_place_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "LONGEST", 0.2)
    bench.host.acts = [bench.host.half]
    async with bench.session.get(bench.link) as answer:
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(answer.read(), 20)
    await asyncio.wait_for(bench.host.left.wait(), 20)


async def test_a_reader_that_stops_at_the_very_end_is_cut_off_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the size is not told the end is written too, and waits for the reader like the rest."""

    async def unread(_: web.StreamResponse) -> None:
        await asyncio.Event().wait()

    bench.handler.slowest = 0.2
    bench.host.acts = [raw(b"HTTP/1.1 200 OK\r\n\r\n" + SOUND)]
    monkeypatch.setattr(web.StreamResponse, "write_eof", unread)
    with structlog.testing.capture_logs() as logs:
        async with bench.session.get(bench.link) as answer:
            with pytest.raises(aiohttp.ClientError):
                await asyncio.wait_for(answer.read(), 10)
    assert logs[-1]["outcome"] == "reader_too_slow"


async def test_more_readers_than_there_are_places_are_asked_to_come_again(bench: Bench) -> None:
    bench.host.acts = [bench.host.half]
    answers = [await bench.session.get(bench.link) for _ in range(media_module.AT_ONCE)]
    assert {answer.status for answer in answers} == {200}
    status, body, headers = await bench.get()
    assert (status, headers["Retry-After"]) == (503, "60")
    assert b"Too many" in body
    for answer in answers:
        answer.close()
    await eventually(lambda: not bench.handler.places.locked())
    bench.host.acts = [says(200, SOUND)]
    assert (await bench.get())[0] == 200


async def test_thirty_megabytes_add_little_memory(bench: Bench) -> None:
    bench.host.acts = [bench.host.large]
    tracemalloc.start()
    try:
        size = 0
        async with bench.session.get(bench.link) as answer:
            await answer.content.readexactly(1000)
            # Nobody reads for a while: what comes on must wait in front of us.
            for _ in range(50):
                await asyncio.sleep(0.002)
            async for chunk in answer.content.iter_chunked(64 * 1024):
                size += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == LARGE + 4 - 1000
    assert peak < 4 * MIB


async def test_streams_are_cut_when_the_process_ends(bench: Bench) -> None:
    bench.host.acts = [bench.host.half]
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        async with serving(build(bench.handler), 0, "127.0.0.1") as port:
            link = bench.link.replace(bench.base, f"http://127.0.0.1:{port}")
            answer = await session.get(link)
            await answer.content.readexactly(1000)
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
        answer.close()
        await eventually(bench.host.left.is_set)


async def test_trouble_of_our_own_is_a_page_and_a_log_line_without_the_path(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> int:
        raise ValueError("unforeseen")

    monkeypatch.setattr(MediaLinks, "read", lambda _, token: broken(token))
    with structlog.testing.capture_logs() as logs:
        assert (await bench.get())[0] == 503
    assert [line["event"] for line in logs] == ["web_failed"]


async def test_a_request_that_cannot_be_read_is_not_repeated_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(bench.base.rpartition(":")[2]))
    writer.write(b"GET /media/a-token HTTP/oops\r\n\r\n")
    assert b"400" in await reader.read()
    writer.close()
    await writer.wait_closed()
    assert "a-token" not in caplog.text + "".join(capfd.readouterr())


async def test_no_library_logs_what_was_asked_for(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with serving(build(bench.handler), 0, "127.0.0.1") as port:
            link = bench.link.replace(bench.base, f"http://127.0.0.1:{port}")
            assert (await bench.get(link))[0] == 200
    assert "/media/" not in caplog.text


async def test_the_process_is_alive(bench: Bench) -> None:
    status, body, _ = await bench.get(f"{bench.base}/health/live")
    assert (status, body) == (200, b"ok")


async def test_without_an_address_of_its_own_there_are_no_links(bench: Bench) -> None:
    async with serving(build(None), 0, "127.0.0.1") as port:
        base = f"http://127.0.0.1:{port}"
        assert (await bench.get(bench.link.replace(bench.base, base)))[0] == 404
        assert (await bench.get(f"{base}/health/live"))[0] == 200


async def test_a_result_too_large_for_its_channel_comes_through_the_posted_link(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    served: dict[str, Any] = {"public_url": "https://foley.example", "port": 8080}
    async with open_world(tmp_path, {"render": sketch}, **served) as world:
        world.netmind.next_outcome(body=b"fLaC", size=LARGE)
        await world.ask("rain", duration=1)
        await world.until_ended(step=30)
        (message,) = [each for each in world.posts() if "foley.example" in each.content]
        assert not message.attachments
        path = message.content.partition("https://foley.example")[2].partition(")")[0]
        size = 0
        async with (
            serving(build(world.app.media), 0, "127.0.0.1") as port,
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            assert (answer.status, answer.content_type) == (200, "audio/flac")
            async for chunk in answer.content.iter_chunked(64 * 1024):
                size += len(chunk)
        assert size == LARGE


@pytest.mark.skipif(
    shutil.which("chromium") is None and "CI" not in os.environ, reason="there is no browser here"
)
async def test_a_person_reads_why_there_is_nothing_on_any_screen(bench: Bench) -> None:
    grounds = set()
    said: list[ConsoleMessage] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        for scheme, width in (("light", 390), ("dark", 1200)):
            tab = await browser.new_page(viewport={"width": width, "height": 700})
            tab.on("console", lambda line: said.append(line))  # noqa: PLW0108 - it marks what it is given
            await tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of its words
            await tab.goto(bench.link_until(timedelta(0)))
            assert await tab.get_by_role("heading").inner_text() == "This link has expired"
            assert await tab.evaluate("document.documentElement.scrollWidth") == width
            grounds.add(await tab.evaluate("getComputedStyle(document.body).backgroundColor"))
        await browser.close()
    assert [line.text for line in said if "Security" in line.text] == []
    assert len(grounds) == 2
    assert "rgba(0, 0, 0, 0)" not in grounds


async def test_a_port_that_is_taken_is_told_in_one_sentence(bench: Bench) -> None:
    with pytest.raises(SettingsError, match="PORT is wrong"):
        async with serving(build(None), int(bench.base.rpartition(":")[2]), "127.0.0.1"):
            pass


async def test_the_running_bot_serves_also_while_discord_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    nowhere = "http://127.0.0.1:9"
    settings = settings_for(nowhere, tmp_path, discord_api_base=nowhere, port=port)
    stopping = asyncio.Event()
    async with open_app(settings, Catalog.load()) as app, aiohttp.ClientSession() as session:
        running = asyncio.create_task(run(app, stopping))
        async with asyncio.timeout(20):
            while await _status(session, port) != 200:  # noqa: ASYNC110 - another task answers
                await asyncio.sleep(0.02)
        stopping.set()
        await asyncio.wait_for(running, 20)
        assert await _status(session, port) is None


async def _status(session: aiohttp.ClientSession, port: int) -> int | None:
    try:
        async with session.get(f"http://127.0.0.1:{port}/health/live") as answer:
            return answer.status
    except aiohttp.ClientConnectionError:
        return None
