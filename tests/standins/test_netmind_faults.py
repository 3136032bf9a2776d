"""Each fault of the stand-in is felt by the production client, or seen on the wire."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.netmind import download, errors
from bot.netmind.errors import NetmindError, OutcomeUnknown, Unreadable
from bot.netmind.protocol import MAX_BODY_BYTES, Phase
from tests.standins.netmind import faults, pages
from tests.standins.netmind.bench import LONG, Bench, bench_of_ones_own, in_jumping_time
from tests.standins.netmind.faults import Drop, Fault, Operation, PageName, Spoil
from tests.standins.netmind.handle import asked, created
from tests.standins.netmind.sending import SURPLUS

pytestmark = pytest.mark.usefixtures("quick_retries")

MEGABYTE = 1024 * 1024


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with bench_of_ones_own() as opened:
        yield opened


async def failure(bench: Bench, fault: Fault) -> NetmindError:
    """Return what the client makes of a look at the list that meets this fault."""
    await bench.netmind.plan(fault.on("list"))
    with pytest.raises(NetmindError) as caught:
        await bench.client.list()
    return caught.value


async def paid(bench: Bench) -> int:
    return len(await bench.netmind.generations())


async def raw(bench: Bench, path: str = "/v1/generation", seconds: float = 20.0) -> bytes:
    """Return every byte that answers a request; raises ConnectionResetError after a reset."""
    host, port = bench.netmind.host_port.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n"
    key = f"Authorization: Bearer {bench.netmind.token}\r\n" if path.startswith("/v1") else ""
    writer.write((head + key + "\r\n").encode())
    try:
        async with asyncio.timeout(seconds):
            return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def declared(answer: bytes) -> tuple[int, int]:
    """Return how long a body says that it is, and how long it was."""
    head, _, body = answer.partition(b"\r\n\r\n")
    [length] = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")]
    return int(length.split(b" ")[1]), len(body)


# Refusals.


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.BadRequest),
        (401, errors.KeyRefused),
        (402, errors.OutOfBalance),
        (403, errors.KeyRefused),
        (404, errors.NotFound),
        (409, errors.BadRequest),
        (422, errors.BadRequest),
        (500, errors.ServerTrouble),
        (502, errors.ServerTrouble),
        (503, errors.ServerTrouble),
        (504, errors.ServerTrouble),
    ],
)
async def test_a_status_is_answered_with_words(
    bench: Bench, status: int, error: type[NetmindError]
) -> None:
    met = await failure(bench, faults.refusal(status))
    assert (type(met), met.status) == (error, status)
    assert met.message


async def test_an_unknown_model_and_an_empty_balance_have_the_words_that_were_seen(
    bench: Bench,
) -> None:
    assert type(await failure(bench, faults.unknown_model("x"))) is errors.UnknownModel
    assert type(await failure(bench, faults.no_balance(400))) is errors.OutOfBalance


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (faults.too_many_requests(), None),
        (faults.too_many_requests(7), 7.0),
        (faults.too_many_requests(2.5), 2.5),
        (faults.too_many_requests(1e9), 300.0),
        (faults.too_many_until(30), 30.0),
    ],
)
async def test_429_asks_to_wait_in_every_manner(
    bench: Bench, fault: Fault, seconds: float | None
) -> None:
    met = await failure(bench, fault)
    assert (type(met), met.retry_after) == (errors.TooManyRequests, seconds)


async def test_an_absurd_wait_is_a_thousand_million_seconds_on_the_wire(bench: Bench) -> None:
    await bench.netmind.plan(faults.too_many_requests(1e9))
    assert b"Retry-After: 1000000000\r\n" in await raw(bench)


async def test_the_date_of_a_wait_goes_by_the_clock_of_the_api(bench: Bench) -> None:
    await bench.netmind.settings(clock_offset=3600)
    await bench.netmind.plan(faults.too_many_until(30))
    answer = await raw(bench)
    assert b"Retry-After: Fri, 02 Jan 2026 04:04:35 GMT" in answer
    assert b"Date: Fri, 02 Jan 2026 04:04:05 GMT" in answer


async def test_a_refused_create_costs_nothing_unless_it_was_accepted(bench: Bench) -> None:
    await bench.netmind.plan(faults.server_error(503).on("create"))
    await bench.netmind.plan(faults.server_error(503).accepted().on("create"))
    for cost in (0, 1):
        with pytest.raises(OutcomeUnknown):
            await bench.make()
        assert await paid(bench) == cost
    refused, accepted = [e for e in await bench.netmind.ledger() if e.kind == "http"]
    assert (refused.status, refused.answered) == (503, True)
    assert (accepted.status, accepted.answered) == (200, False)


# Connections.


@pytest.mark.parametrize("how", ["close", "reset", "hang"])
async def test_an_answer_is_lost_after_the_work_was_done(bench: Bench, how: Drop) -> None:
    bench.hurry()
    await bench.netmind.plan(faults.lost_answer(how).on("create"))
    with pytest.raises(OutcomeUnknown):
        await bench.make()
    entry = await bench.netmind.wait_for(asked("create"))
    assert await paid(bench) == 1
    assert (entry.status, entry.answered, entry.prompt) == (200, False, "wind")


@pytest.mark.parametrize("how", ["close", "reset", "hang"])
async def test_a_request_is_lost_before_anything_was_done(bench: Bench, how: Drop) -> None:
    bench.hurry()
    await bench.netmind.plan(faults.lost_request(how).on("create"))
    with pytest.raises(OutcomeUnknown):
        await bench.make()
    entry = await bench.netmind.wait_for(asked("create"))
    assert await paid(bench) == 0
    assert (entry.status, entry.answered) == (None, False)


async def test_a_reset_before_the_headers_is_a_reset_and_not_an_end(bench: Bench) -> None:
    await bench.netmind.plan(faults.lost_request("reset"))
    with pytest.raises(ConnectionResetError):
        await raw(bench)
    await bench.netmind.plan(faults.lost_request("close"))
    assert await raw(bench) == b""


async def test_a_reset_after_the_headers_comes_behind_them(bench: Bench) -> None:
    await bench.netmind.plan(faults.spoiled("reset"))
    host, port = bench.netmind.host_port.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    token = bench.netmind.token
    head = f"GET /v1/generation HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}"
    writer.write(f"{head}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize("how", ["reset", "stall", "short", "unended", "trickle"])
async def test_an_answer_that_is_spoiled_on_its_way_is_no_answer(bench: Bench, how: Spoil) -> None:
    bench.hurry()
    await bench.netmind.plan(faults.spoiled(how).on("create"))
    with pytest.raises(OutcomeUnknown):
        await bench.make()
    await bench.netmind.wait_for(created())


@pytest.mark.parametrize("how", ["reset", "stall", "short", "unended"])
async def test_the_ledger_knows_that_a_spoiled_answer_did_not_arrive(
    bench: Bench, how: Spoil
) -> None:
    bench.hurry()
    await bench.netmind.plan(faults.spoiled(how).on("create"))
    with pytest.raises(OutcomeUnknown):
        await bench.make()
    entry = await bench.netmind.wait_for(asked("create"))
    assert (entry.status, entry.answered, entry.fault) == (
        200,
        False,
        {"operation": "create", "spoil": how},
    )


async def test_a_short_body_has_half_of_what_it_declares(bench: Bench) -> None:
    await bench.netmind.plan(faults.spoiled("short"))
    said, came = declared(await raw(bench))
    assert came == said // 2


async def test_a_long_body_has_more_than_it_declares(bench: Bench) -> None:
    await bench.netmind.plan(faults.spoiled("long"))
    said, came = declared(await raw(bench))
    assert came == said + len(SURPLUS)


async def test_a_trickle_comes_byte_by_byte(bench: Bench) -> None:
    await bench.netmind.plan(faults.spoiled("trickle", pause=0.005))
    loop = asyncio.get_running_loop()
    start = loop.time()
    said, came = declared(await raw(bench))
    assert came == said
    assert loop.time() - start >= 0.005 * said


def test_a_slow_create_is_carried_out_after_the_client_has_gone() -> None:
    async def late() -> tuple[int, int, bool | None]:
        async with bench_of_ones_own() as bench:
            await bench.netmind.plan(faults.slow(delay=LONG + 5).on("create"))
            with pytest.raises(OutcomeUnknown):
                await bench.make()
            before = await paid(bench)
            entry = await bench.netmind.wait_for(asked("create"), timeout=LONG)
            return before, await paid(bench), entry.answered

    assert in_jumping_time(late()) == (0, 1, False)


async def test_a_held_answer_comes_late_from_work_done_early(bench: Bench) -> None:
    await bench.netmind.plan(faults.slow(hold=0.2).on("create"))
    making = asyncio.create_task(bench.make())
    await bench.netmind.wait_for(created())
    assert not making.done()
    assert (await making).phase is Phase.RUNNING


async def test_a_closed_port_refuses_and_opens_again_by_itself(bench: Bench) -> None:
    await bench.netmind.refuse_connections(0.5)
    with pytest.raises(errors.NotSent):
        await bench.client.list()
    while True:
        with contextlib.suppress(errors.NotSent):
            assert await bench.client.list() == []
            break
        await asyncio.sleep(0.05)


async def test_a_closed_port_stays_closed_until_it_is_opened(bench: Bench) -> None:
    await bench.netmind.refuse_connections()
    with pytest.raises(errors.NotSent):
        await bench.make()
    await bench.netmind.accept_connections()
    assert await paid(bench) == 0
    assert await bench.client.list() == []


# Contents.


@pytest.mark.parametrize("name", ["html", "empty", "malformed", "huge", "deep"])
async def test_a_wrong_body_with_200_makes_no_sense(bench: Bench, name: PageName) -> None:
    met = await failure(bench, faults.paged(name))
    assert (type(met), met.status) == (Unreadable, 200)


async def test_an_accepted_create_may_be_answered_by_a_web_page(bench: Bench) -> None:
    await bench.netmind.plan(faults.paged("html").accepted().on("create"))
    with pytest.raises(OutcomeUnknown):
        await bench.make()
    assert await paid(bench) == 1


def test_huge_is_more_than_the_client_reads_and_deep_more_than_python_nests() -> None:
    assert pages.named("huge", 200).body.size > MAX_BODY_BYTES
    with pytest.raises(RecursionError):
        json.loads(b"".join(pages.named("deep", 200).body.pieces()))


async def test_a_state_goes_backwards_and_loses_its_result(bench: Bench) -> None:
    done = await bench.finish()
    await bench.netmind.plan(faults.twisted("backwards").on("get"))
    back = await bench.client.get(done.id)
    assert (back.status, back.phase, back.results) == ("pending", Phase.RUNNING, ())
    assert (await bench.client.get(done.id)).phase is Phase.SUCCEEDED


async def test_an_odd_word_is_one_that_nobody_knows(bench: Bench) -> None:
    done = await bench.finish()
    await bench.netmind.plan(faults.twisted("odd_word").on("list"))
    [odd] = await bench.client.list()
    assert (odd.id, odd.is_known_word, odd.phase) == (done.id, False, Phase.RUNNING)


@pytest.mark.parametrize("shape", ["A", "B", "C"])
async def test_a_result_is_kept_back_in_every_shape(bench: Bench, shape: str) -> None:
    await bench.netmind.settings(shape=shape)
    done = await bench.finish()
    await bench.netmind.plan(faults.twisted("no_result"))
    assert (await bench.client.get(done.id)).phase is Phase.EMPTY


@pytest.mark.parametrize("seconds", [-3600, -1, 3600])
async def test_a_told_time_is_wrong_by_so_much(bench: Bench, seconds: int) -> None:
    made = await bench.make()
    await bench.netmind.plan(faults.twisted("shifted", seconds).on("get"))
    told = await bench.client.get(made.id)
    assert told.created_at
    assert made.created_at
    assert (told.created_at - made.created_at).total_seconds() == seconds


async def listed(bench: Bench) -> list[str]:
    """Return the prompts of a list as it is on the wire."""
    prompts = {made["id"]: made["prompt"] for made in await bench.netmind.generations()}
    headers = {"Authorization": f"Bearer {bench.netmind.token}"}
    address = f"{bench.netmind.base_url}/v1/generation"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(address) as answer,
    ):
        return [prompts[told["id"]] for told in (await answer.json())["generation_list"]]


async def test_a_list_is_doubled_cut_or_emptied(bench: Bench) -> None:
    for prompt in ("one", "two", "three"):
        await bench.make(prompt)
    for fault in (
        faults.twisted("doubled"),
        faults.twisted("cut", 2),
        faults.twisted("emptied"),
    ):
        await bench.netmind.plan(fault.on("list"))
    whole = ["three", "two", "one"]
    assert await listed(bench) == whole + whole
    assert await listed(bench) == whole[:2]
    assert await listed(bench) == []
    assert await listed(bench) == whole


# Downloads.


async def lost_file(bench: Bench, fault: Fault, max_bytes: int = MEGABYTE) -> Any:
    """Return how fetching a result ends that meets this fault."""
    done = await bench.finish()
    await bench.netmind.plan(fault.on("download", times=fault.times))
    with pytest.raises(download.DownloadError) as caught:
        await bench.fetch(done.results[0].url, max_bytes)
    return caught.value


async def test_an_expired_link_works_the_next_time(bench: Bench) -> None:
    assert isinstance(await lost_file(bench, faults.expired_link()), download.LinkExpired)
    [told] = await bench.client.list()
    assert (await bench.fetch(told.results[0].url)).startswith(b"fLaC")
    first, second = [e for e in await bench.netmind.ledger() if e.kind == "download"]
    assert (first.status, second.status) == (403, 200)


@pytest.mark.parametrize("how", ["short", "unended", "reset"])
async def test_a_download_is_cut_short(bench: Bench, how: Spoil) -> None:
    error = await lost_file(bench, faults.spoiled(how))
    assert isinstance(error, download.CutShort)
    assert error.size > 1000
    assert (await bench.last("download")).answered is False


@pytest.mark.parametrize("how", ["stall", "trickle"])
async def test_a_download_does_not_get_on(bench: Bench, how: Spoil) -> None:
    bench.hurry()
    error = await lost_file(bench, faults.spoiled(how))
    assert isinstance(error, download.Unreachable)


async def test_a_download_is_a_web_page_or_empty(bench: Bench) -> None:
    page = await lost_file(bench, faults.paged("html"))
    nothing = await lost_file(bench, faults.paged("empty"))
    assert isinstance(page, download.NotMedia)
    assert isinstance(nothing, download.NotMedia)
    assert (page.empty, nothing.empty) == (False, True)


async def test_a_bomb_is_packed_though_identity_was_asked(bench: Bench) -> None:
    error = await lost_file(bench, faults.paged("bomb"), 3 * MEGABYTE)
    assert isinstance(error, download.TooLarge)
    assert error.declared is None
    assert pages.named("bomb", 200).body.size < 3 * MEGABYTE < pages.BOMB


async def test_a_chain_of_redirects_leads_to_the_file(bench: Bench) -> None:
    done = await bench.finish()
    await bench.netmind.plan(faults.redirected("chain", 307))
    assert (await bench.fetch(done.results[0].url)).startswith(b"fLaC")
    seen = [e.status for e in await bench.netmind.ledger() if e.kind == "download"]
    assert seen == [307, 302, 302, 200]


async def test_a_loop_of_redirects_never_arrives(bench: Bench) -> None:
    assert isinstance(await lost_file(bench, faults.redirected("loop")), download.Unreachable)
    seen = [e.status for e in await bench.netmind.ledger() if e.kind == "download"]
    assert seen == [302, 302, 302]


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest", "https://10.0.0.1/x", "file:///x"])
async def test_a_redirect_leads_to_a_private_address(bench: Bench, to: str) -> None:
    error = await lost_file(bench, faults.redirected(to))
    assert isinstance(error, download.ForbiddenAddress)


async def test_a_download_may_be_refused_reset_or_hang(bench: Bench) -> None:
    bench.hurry()
    # The client's library asks once more after a reset.
    reset = faults.lost_request("reset").on("download", times=2)
    for fault in (faults.server_error(503), reset, Fault(drop="hang")):
        assert isinstance(await lost_file(bench, fault), download.Unreachable)


# The plan.


@pytest.mark.parametrize("operation", ["create", "get", "list", "delete", "presign", "file"])
async def test_a_fault_meets_its_own_operation_only(bench: Bench, operation: Operation) -> None:
    done = await bench.finish()
    file_id = done.results[0].file_id or ""
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "create": bench.make,
        "get": lambda: bench.client.get(done.id),
        "list": bench.client.list,
        "presign": lambda: bench.client.presigned_url(file_id),
        "file": lambda: bench.client.upload("x.mp4", "video/mp4", io.BytesIO(b"film")),
        "delete": lambda: bench.client.delete(done.id),
    }
    await bench.netmind.plan(faults.refusal(409).on(operation))
    for name, call in calls.items():
        if name == operation:
            with pytest.raises(errors.BadRequest):
                await call()
        else:
            await call()
    assert await bench.netmind.clear_faults() == 0


async def test_an_upload_meets_a_fault_too(bench: Bench) -> None:
    await bench.netmind.plan(faults.server_error(500).on("upload"))
    with pytest.raises(errors.ServerTrouble):
        await bench.client.upload("x.mp4", "video/mp4", io.BytesIO(b"film"))


async def test_faults_skip_and_last_and_are_forgotten(bench: Bench) -> None:
    await bench.netmind.plan(faults.refusal(409).on("list", times=2, skip=1))
    await bench.client.list()
    for _ in range(2):
        with pytest.raises(errors.BadRequest):
            await bench.client.list()
    await bench.client.list()
    await bench.netmind.plan(faults.refusal(409).on("*", times=9))
    assert await bench.netmind.clear_faults() == 1
    await bench.client.list()
