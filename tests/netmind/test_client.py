import asyncio
import contextlib
import hashlib
import io
import json
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import stamina
import structlog

from bot.netmind import client, errors
from bot.netmind.client import NetmindClient, open_session
from bot.netmind.errors import NetmindError, OutcomeUnknown
from bot.netmind.protocol import MAX_BODY_BYTES, Phase
from tests.netmind.wire import Act, Wire, drips, hangs, raw, resets, says, stalls_after

TOKEN = "key-0123456789abcdef"
JOB = {"id": "a1", "status": "pending", "created_at": "2025-01-16 05:51:03"}
NOT_HTTP = raw(b"no http at all\r\n\r\n")
LONGER = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{"id": "a1"}')
STALLS = stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
DRIPS = drips(b"HTTP/1.1 200 OK\r\n\r\n", b" ", 0.05)
SILENT = frozenset({hangs, STALLS, DRIPS})
CUT = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id": "a1"')


@pytest.fixture(autouse=True)
def waits() -> Iterator[list[float]]:
    """Retry without waiting, and tell how long it would have been."""
    waited: list[float] = []

    def remember(details: stamina.instrumentation.RetryDetails) -> None:
        waited.append(details.wait_for)

    stamina.instrumentation.set_on_retry_hooks([remember])
    with stamina.set_testing(True, attempts=9, cap=True):
        yield waited
    stamina.instrumentation.set_on_retry_hooks(None)


@contextlib.asynccontextmanager
async def talking_to(
    *acts: Act, timeout: float | None = None
) -> AsyncIterator[tuple[NetmindClient, Wire]]:
    """Wait long for whoever answers, and briefly where somebody never will."""
    timeout = timeout or (20 if SILENT.isdisjoint(acts) else 0.4)
    async with Wire(*acts) as wire, open_session() as session:
        yield NetmindClient(session, wire.url + "/", TOKEN, timeout=timeout), wire


async def failure(call: str, *acts: Act, arguments: tuple[Any, ...] = ()) -> tuple[Any, int]:
    """Return the error a call ends with, and how many requests were made for it."""
    arguments = arguments or {"create": ("m", {"prompt": "p"}), "list": ()}.get(call, ("a1",))
    async with talking_to(*acts) as (netmind, wire):
        with pytest.raises(NetmindError) as caught:
            await getattr(netmind, call)(*arguments)
        assert netmind.calls == {call: len(wire.seen)}
    return caught.value, len(wire.seen)


async def test_create_sends_model_config_and_key() -> None:
    async with talking_to(says(200, JOB)) as (netmind, wire):
        made = await netmind.create("hkchengrex/MMAudio", {"prompt": "wind", "duration": 8})
    assert (made.id, made.phase) == ("a1", Phase.RUNNING)
    (seen,) = wire.seen
    assert (seen.method, seen.path) == ("POST", "/v1/generation")
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["content-type"] == "application/json"
    assert json.loads(seen.body) == {
        "model": "hkchengrex/MMAudio",
        "config": {"prompt": "wind", "duration": 8},
    }


async def test_each_call_goes_where_the_document_says() -> None:
    acts = [
        says(200, JOB),
        says(200, {"generation_list": [JOB]}),
        says(200, {"message": "Generation deleted"}),
        says(200, {"presigned_url": "https://x/y"}),
    ]
    async with talking_to(*acts) as (netmind, wire):
        assert (await netmind.get("a/../1")).id == "a1"
        assert [one.id for one in await netmind.list()] == ["a1"]
        await netmind.delete("a1")
        assert await netmind.presigned_url("file-1") == "https://x/y"
        assert netmind.calls == {"get": 1, "list": 1, "delete": 1, "file_link": 1}
    assert [(seen.method, seen.path) for seen in wire.seen] == [
        ("GET", "/v1/generation/a%2F..%2F1"),
        ("GET", "/v1/generation"),
        ("DELETE", "/v1/generation/a1"),
        ("GET", "/v1/files/file-1/presigned_url"),
    ]


@pytest.mark.parametrize(
    "passing",
    [
        says(408),
        says(429),
        says(500),
        says(502, b"<html>"),
        says(503),
        says(504),
        hangs,
        resets,
        NOT_HTTP,
        CUT,
    ],
)
async def test_reading_is_tried_again_after_what_passes(passing: Act) -> None:
    async with talking_to(passing, passing, says(200, JOB)) as (netmind, wire):
        assert (await netmind.get("a1")).id == "a1"
    assert len(wire.seen) == 3


async def test_reading_is_given_up_after_three_tries() -> None:
    error, requests = await failure("list", says(503, {"detail": "busy"}))
    assert type(error) is errors.ServerTrouble
    assert (error.status, error.message, requests) == (503, "busy", 3)


@pytest.mark.parametrize(
    ("act", "condition"),
    [
        (says(400), errors.BadRequest),
        (says(401), errors.KeyRefused),
        (says(402), errors.OutOfBalance),
        (says(404), errors.NotFound),
        (says(422), errors.BadRequest),
        (says(200, b"<html>"), errors.Unreadable),
        (says(200), errors.Unreadable),
        (says(302, location="http://127.0.0.1:1/"), errors.Unreadable),
    ],
)
async def test_reading_is_not_tried_again_after_what_stays(
    act: Act, condition: type[NetmindError]
) -> None:
    error, requests = await failure("get", act)
    assert (type(error), requests) == (condition, 1)


@pytest.mark.parametrize(
    "act",
    [
        says(500, {"detail": "Service is unavailable"}),
        says(408),
        says(502, b"<html>"),
        says(200, b"<html>"),
        says(200),
        says(200, {"message": "ok"}),
        says(307, location="/v1/elsewhere"),
        raw(b""),
        hangs,
        resets,
        NOT_HTTP,
        CUT,
        LONGER,
        STALLS,
        DRIPS,
    ],
)
async def test_a_create_that_may_have_been_accepted_is_never_sent_twice(act: Act) -> None:
    error, requests = await failure("create", act)
    assert (type(error), requests) == (OutcomeUnknown, 1)


async def test_an_unknown_outcome_carries_what_was_seen() -> None:
    error, _ = await failure("create", says(500, {"detail": "Service is unavailable"}))
    assert (error.status, error.message) == (500, "Service is unavailable")


@pytest.mark.parametrize(
    ("act", "condition"),
    [
        (says(400, {"detail": "Model name: x not exists"}), errors.UnknownModel),
        (says(400, {"message": "balance not enough"}), errors.OutOfBalance),
        (says(401), errors.KeyRefused),
        (says(404), errors.NotFound),
        (says(409), errors.BadRequest),
        (raw(b"HTTP/1.1 422 X\r\nContent-Length: 99\r\n\r\n{"), errors.BadRequest),
    ],
)
async def test_a_refused_create_is_a_plain_refusal(act: Act, condition: type[NetmindError]) -> None:
    error, requests = await failure("create", act)
    assert (type(error), requests) == (condition, 1)


async def test_create_is_sent_again_after_429() -> None:
    async with talking_to(says(429), says(429, retry_after="1"), says(200, JOB)) as (netmind, wire):
        assert (await netmind.create("m", {})).id == "a1"
    assert len(wire.seen) == 3


async def test_create_is_tried_again_when_nobody_was_there() -> None:
    async with Wire(says(200, JOB)) as wire:
        url = wire.url
    async with open_session() as session:
        netmind = NetmindClient(session, url, TOKEN)
        with pytest.raises(errors.NotSent):
            await netmind.create("m", {})
    assert netmind.calls == {"create": 3}


async def test_an_answer_in_clear_where_encryption_was_asked_means_not_sent() -> None:
    async with Wire(says(200, JOB)) as wire, open_session() as session:
        netmind = NetmindClient(session, f"https://127.0.0.1:{wire.port}", TOKEN)
        with pytest.raises(errors.NotSent):
            await netmind.create("m", {})
    assert wire.seen == []


@pytest.mark.parametrize(("asked", "requests"), [("15", 3), ("16", 1), ("1e9", 1)])
async def test_a_long_wait_is_left_to_the_caller(asked: str, requests: int) -> None:
    for call in ("get", "create"):
        error, made = await failure(call, says(429, retry_after=asked))
        assert type(error) is errors.TooManyRequests
        assert error.retry_after == min(float(asked), 300)
        assert made == requests


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (errors.TooManyRequests(retry_after=5.0), 5.1, 6.0),
        (errors.ServerTrouble(retry_after=0.0), 0.1, 1.0),
    ],
)
def test_a_short_wait_is_kept_with_jitter(error: NetmindError, least: float, most: float) -> None:
    wait = client._after(errors.TooManyRequests, errors.ServerTrouble)(error)
    assert not isinstance(wait, bool)
    assert least <= wait <= most


@pytest.mark.parametrize(
    ("act", "was_there"),
    [(says(200, b""), True), (says(200, {}), True), (says(204), True), (says(404), False)],
)
async def test_deleted_and_gone_are_both_done(act: Act, *, was_there: bool) -> None:
    async with talking_to(act) as (netmind, wire):
        assert await netmind.delete("a1") is was_there
    assert len(wire.seen) == 1


async def test_a_page_of_somebody_between_is_no_proof_of_a_deletion() -> None:
    error, requests = await failure("delete", says(200, b"<html>"))
    assert (type(error), requests) == (errors.Unreadable, 1)


async def test_deleting_is_tried_twice_and_no_more() -> None:
    error, requests = await failure("delete", says(500))
    assert (type(error), requests) == (errors.ServerTrouble, 2)


async def test_no_redirect_takes_the_key_elsewhere() -> None:
    async with Wire(says(200, JOB)) as elsewhere:
        for call in ("get", "create", "delete"):
            await failure(call, says(307, location=elsewhere.url + "/x"))
    assert elsewhere.seen == []


async def test_a_huge_answer_is_not_read_to_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    async with talking_to(drips(head, b" " * MAX_BODY_BYTES, 0), timeout=10) as (netmind, _):
        with pytest.raises(errors.Unreadable, match="more than"):
            await netmind.list()


async def test_a_long_list_is_read_all_the_same() -> None:
    jobs = [JOB | {"id": str(number), "logs": [{"text": "x" * 99}]} for number in range(3000)]
    async with talking_to(says(200, {"generation_list": jobs}), timeout=10) as (netmind, _):
        assert len(await netmind.list()) == 3000


async def test_a_key_that_is_echoed_comes_nowhere() -> None:
    echo = {"detail": f"{TOKEN} is bad", "status": "failed", "logs": [{"text": f"for {TOKEN}"}]}
    error, _ = await failure("get", says(401, echo))
    assert error.message == "*** is bad"
    async with talking_to(says(200, {"id": "a1", **echo})) as (netmind, _):
        assert TOKEN not in repr(await netmind.get("a1"))


@pytest.mark.parametrize("act", [NOT_HTTP, resets, CUT, says(401), says(500), says(200, b"<html>")])
async def test_no_error_and_no_log_line_holds_the_key_or_the_prompt(act: Act) -> None:
    with structlog.testing.capture_logs() as lines:
        error, _ = await failure("create", act, arguments=("m", {"prompt": "my secret wish"}))
    chain: BaseException | None = error
    while chain is not None:
        for secret in (TOKEN, "secret wish"):
            assert secret not in repr(chain) + str(chain) + str(lines)
        chain = chain.__cause__


async def test_a_file_is_announced_with_the_key_and_put_without_it() -> None:
    announced: dict[str, str] = {"id": "file-1"}
    async with talking_to(says(200, announced), says(200)) as (netmind, wire):
        announced["presigned_url"] = wire.url + "/put?sig=a%2Fb"
        wire.acts[0] = says(200, announced)
        assert await netmind.upload("x.mp4", "video/mp4", io.BytesIO(b"film")) == "file-1"
    announce, put = wire.seen
    assert (announce.method, announce.path) == ("POST", "/v1/files")
    assert json.loads(announce.body) == {"file_name": "x.mp4", "purpose": "inference"}
    assert announce.headers["file-content-type"] == "video/mp4"
    assert (put.method, put.path, put.body) == ("PUT", "/put?sig=a%2Fb", b"film")
    assert put.headers["content-type"] == "video/mp4"
    assert put.headers["content-length"] == "4"
    assert "transfer-encoding" not in put.headers
    assert "authorization" not in put.headers


@pytest.fixture
def film(tmp_path: Path) -> Iterator[BinaryIO]:
    """A file of 24 MB in which no two pieces are alike."""
    with (tmp_path / "film.mp4").open("w+b") as file:
        for number in range(24):
            file.write(number.to_bytes(4) * (256 * 1024))
        yield file


async def test_a_large_file_is_sent_whole_while_little_of_it_is_held(film: BinaryIO) -> None:
    """It is read from its beginning, wherever it stands, and stays open."""
    async with talking_to(says(200)) as (netmind, wire):
        wire.acts[:] = [says(200, {"id": "f", "presigned_url": wire.url + "/put"}), says(200)]
        tracemalloc.start()
        try:
            await netmind.upload("x.mp4", "video/mp4", film)
            held = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    put = wire.seen[1]
    film.seek(0)
    assert put.headers["content-length"] == str(24 * 2**20)
    assert put.sha256 == hashlib.sha256(film.read()).hexdigest()
    assert held < 8 * 2**20


@pytest.mark.parametrize("passing", [says(503), says(429), resets, CUT, NOT_HTTP])
async def test_an_upload_that_is_tried_again_begins_at_the_first_byte(
    film: BinaryIO, passing: Act
) -> None:
    """It is announced once: the same bytes go to the same place."""
    film.truncate(2**20 + 1)
    async with talking_to(says(200), timeout=10) as (netmind, wire):
        link = {"id": "f", "presigned_url": wire.url + "/put"}
        wire.acts[:] = [says(200, link), passing, passing, says(200)]
        assert await netmind.upload("x.mp4", "video/mp4", film) == "f"
        assert netmind.calls == {"announce_file": 1, "put_file": 3}
    film.seek(0)
    whole = hashlib.sha256(film.read()).hexdigest()
    assert [seen.sha256 for seen in wire.seen[1:]] == [whole] * 3


async def test_an_upload_is_given_up_after_three_tries(film: BinaryIO) -> None:
    film.truncate(1)
    async with talking_to(says(200)) as (netmind, wire):
        link = {"id": "f", "presigned_url": wire.url + "/put"}
        wire.acts[:] = [says(200, link), says(503)]
        with pytest.raises(errors.ServerTrouble):
            await netmind.upload("x.mp4", "video/mp4", film)
    assert len(wire.seen) == 4


async def test_no_read_of_a_broken_try_meets_one_of_the_next() -> None:
    """A slow disk may still be at the first try's piece when the second begins."""
    slow = SlowFile(bytes(range(256)) * 4096)
    source = client._Source(slow, 2**20)
    broken = asyncio.ensure_future(anext(source.pieces()))
    await asyncio.to_thread(slow.reading.wait)
    broken.cancel()
    second = asyncio.ensure_future(anext(source.pieces()))
    await asyncio.sleep(0.02)
    slow.go_on.set()
    assert await second == slow.getvalue()[: client._PIECE]
    assert slow.most == 1


class SlowFile(io.BytesIO):
    """Whoever reads waits until it may go on; `most` counts the readers at one time."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reading, self.go_on = threading.Event(), threading.Event()
        self.inside = self.most = 0

    def read(self, size: int | None = -1) -> bytes:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.reading.set()
        self.go_on.wait(20)
        self.inside -= 1
        return super().read(size)


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:1/x", "https://10.0.0.1/x", "https://localhost/"]
)
async def test_no_file_is_put_at_a_private_place(link: str) -> None:
    acts = says(200, {"id": "file-1", "presigned_url": link})
    async with talking_to(acts) as (netmind, wire):
        with pytest.raises(errors.Unreadable, match="upload"):
            await netmind.upload("x.mp4", "video/mp4", io.BytesIO(b"film"))
    assert len(wire.seen) == 1


async def test_a_refused_upload_does_not_speak_against_the_key() -> None:
    async with talking_to(says(200)) as (netmind, wire):
        link = {"id": "file-1", "presigned_url": wire.url + "/put"}
        wire.acts[:] = [says(200, link), says(403, b"<Error>")]
        with pytest.raises(errors.BadRequest, match="403"):
            await netmind.upload("x.mp4", "video/mp4", io.BytesIO(b"film"))


def test_waits_grow_and_are_bounded_in_tries_and_in_time() -> None:
    for policy, attempts in (
        (client._reading, 3),
        (client._creating, 3),
        (client._deleting, 2),
        (client._putting, 3),
    ):
        settings = policy._caller._context_kws
        assert settings["attempts"] == attempts
        assert settings["timeout"] in {30, 45, 600}
