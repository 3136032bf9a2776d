"""The stand-in itself: its process, its clock, its ledger, its files, its rules."""

import asyncio
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from bot.config import Settings as FoleySettings
from bot.media.probe import probe
from bot.netmind import errors
from bot.netmind.client import NetmindClient, open_session
from bot.netmind.download import LinkExpired
from bot.netmind.magic import FLAC, MP4, sniff
from bot.netmind.protocol import Phase
from tests.standins.netmind import faults, media, outcomes
from tests.standins.netmind.bench import (
    FILM,
    LONG,
    SOUND,
    Bench,
    Hand,
    at_bench,
    bench_of_ones_own,
    in_jumping_time,
)
from tests.standins.netmind.handle import ControlError, asked, created
from tests.standins.netmind.process import ROOT, NetmindStandIn
from tests.standins.netmind.settings import Settings
from tests.standins.netmind.world import NetmindWorld

pytestmark = pytest.mark.usefixtures("quick_retries")

MEGABYTE = 1024 * 1024


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with bench_of_ones_own() as opened:
        yield opened


async def ask(bench: Bench, method: str, path: str, **options: Any) -> int:
    """Return the status that answers a request of no particular client."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, bench.netmind.base_url + path, **options) as answer,
    ):
        return answer.status


def key(bench: Bench) -> dict[str, str]:
    return {"Authorization": f"Bearer {bench.netmind.token}"}


# The process.


async def test_a_process_serves_the_client_and_the_control_calls() -> None:
    async with await NetmindStandIn.start() as netmind, at_bench(netmind) as bench:
        await netmind.settings(shape="B")
        await netmind.plan(faults.refusal(409).on("list"))
        done = await bench.finish("rain")
        assert (await bench.fetch(done.results[0].url)).startswith(b"fLaC")
        with pytest.raises(errors.BadRequest):
            await bench.client.list()
        assert (await netmind.wait_for(created("rain"))).generation_id == done.id
        await netmind.refuse_connections()
        with pytest.raises(errors.NotSent):
            await bench.client.list()
        await netmind.reset()
        assert await bench.client.list() == []
        with pytest.raises(ControlError, match="no_such_thing"):
            await netmind.settings(no_such_thing=1)
        with pytest.raises(ControlError, match="no control call"):
            await netmind.call("run")


async def test_a_stopped_process_ends_well_and_a_killed_one_does_not() -> None:
    stopped, killed = await NetmindStandIn.start(), await NetmindStandIn.start()
    await stopped.stop()
    await stopped.stop()
    await killed.kill()
    assert (stopped.process.returncode, killed.process.returncode) == (0, -9)


async def test_a_process_does_not_outlive_whoever_started_it() -> None:
    command = [sys.executable, "-m", "tests.standins.netmind", "--port=0", "--watch-stdin"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    where = json.loads(await process.stdout.readline())
    assert set(where) == {"base_url", "control", "token", "host_port", "user_id"}
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_a_foley_finds_it_by_its_environment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bench.netmind.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DISCORD_TOKEN", "d")
    found = FoleySettings()
    assert found.netmind_base_url == bench.netmind.base_url
    assert found.netmind_api_token.get_secret_value() == bench.netmind.token
    host, port = bench.netmind.host_port.split(":")
    assert found.download_allow == frozenset({(host, int(port))})


# Clocks.


async def test_time_is_the_time_of_the_callers_clock() -> None:
    hand = Hand()
    async with bench_of_ones_own(now=hand, first=Settings(audio_making=100)) as bench:
        made = await bench.make()
        for seconds, phase in ((99, Phase.RUNNING), (2, Phase.SUCCEEDED)):
            hand.move(seconds)
            assert (await bench.client.get(made.id)).phase is phase
        end = await bench.netmind.wait_for(lambda entry: entry.kind == "generation.ended")
        assert end.at == "2026-01-02T03:05:45.100000+00:00"


async def test_waiting_for_an_end_wakes_up_by_itself() -> None:
    async with bench_of_ones_own(now=None) as bench:
        made = await bench.make()
        end = await bench.netmind.wait_for(
            lambda entry: entry.kind == "generation.ended", timeout=LONG
        )
        assert end.generation_id == made.id


def test_an_hour_of_waiting_is_nothing_in_a_loop_whose_time_jumps() -> None:
    async def trickled() -> float:
        loop = asyncio.get_running_loop()
        async with NetmindWorld() as netmind, open_session() as session:
            client = NetmindClient(session, netmind.base_url, netmind.token, timeout=1e6)
            await netmind.settings(latency_min=100, latency_max=100)
            await netmind.plan(faults.slow(delay=1000, hold=500).on("create"))
            await netmind.plan(faults.spoiled("trickle", pause=10).on("get"))
            start = loop.time()
            made = await client.create(SOUND, {"prompt": "wind"})
            await client.get(made.id)
            return loop.time() - start

    assert in_jumping_time(trickled()) > 3600


# The ledger.


async def test_the_ledger_tells_the_life_of_a_generation(bench: Bench) -> None:
    done = await bench.finish("wind over willows")
    data = await bench.fetch(done.results[0].url)
    await bench.client.delete(done.id)
    told = [
        (entry.kind, entry.operation, entry.status, entry.answered, entry.generation_id)
        for entry in await bench.netmind.ledger()
    ]
    assert told == [
        ("generation.created", None, None, None, done.id),
        ("http", "create", 200, True, done.id),
        ("generation.ended", None, None, None, done.id),
        ("http", "get", 200, True, done.id),
        ("download", "download", 200, True, done.id),
        ("generation.deleted", None, None, None, done.id),
        ("http", "delete", 200, True, done.id),
    ]
    [made] = await bench.netmind.generations()
    assert (made["id"], made["prompt"], made["model"]) == (done.id, "wind over willows", SOUND)
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    assert made["created_at"] < made["ended_at"] < made["deleted_at"]


async def test_a_deleted_generation_is_still_paid_for_but_never_ends(bench: Bench) -> None:
    made = await bench.make()
    await bench.client.delete(made.id)
    await bench.netmind.advance(60)
    assert await bench.client.list() == []
    assert [paid["id"] for paid in await bench.netmind.generations()] == [made.id]
    kinds = [entry.kind for entry in await bench.netmind.ledger()]
    assert "generation.ended" not in kinds


async def test_no_token_gets_into_the_ledger(bench: Bench) -> None:
    await bench.make(f"say {bench.netmind.token} aloud")
    assert await ask(bench, "GET", f"/{bench.netmind.token}", headers=key(bench)) == 404
    told = json.dumps([entry.to_json() for entry in await bench.netmind.ledger()])
    assert "say {token} aloud" in told
    assert bench.netmind.token not in told


async def test_waiting_in_vain_tells_what_happened_instead(bench: Bench) -> None:
    await bench.make("rain")
    with pytest.raises(TimeoutError, match="rain"):
        await bench.netmind.wait_for(created("snow"), timeout=0.05)
    last = await bench.netmind.wait_for(asked("create"), after=1)
    assert await bench.netmind.ledger(after=last.seq) == []


# Violations.


async def test_an_ordinary_life_breaks_no_rule(bench: Bench) -> None:
    done = await bench.finish()
    await bench.client.list()
    await bench.fetch(await bench.client.presigned_url(done.results[0].file_id or ""))
    await bench.client.upload("film.mp4", "video/mp4", io.BytesIO(b"film"))
    await bench.client.delete(done.id)
    await bench.client.delete(done.id)
    assert await bench.netmind.violations() == []


async def test_a_wrong_token_and_none_break_a_rule_unless_they_are_a_fault(bench: Bench) -> None:
    wrong = {"Authorization": bench.netmind.token}
    assert await ask(bench, "GET", "/v1/generation", headers=wrong) == 401
    assert await ask(bench, "GET", "/v1/generation") == 401
    await bench.netmind.plan(faults.refusal(401))
    assert await ask(bench, "GET", "/v1/generation", headers=key(bench)) == 401
    assert await bench.netmind.violations() == [
        "list came with a wrong token",
        "list came with no token",
    ]


async def test_the_key_shown_to_a_file_host_breaks_a_rule(bench: Bench) -> None:
    link = (await bench.finish()).results[0].url
    path = link.removeprefix(bench.netmind.base_url)
    assert await ask(bench, "GET", path, headers=key(bench)) == 400
    assert await ask(bench, "PUT", "/upload/u/inference/f/n", headers=key(bench)) == 400
    assert await bench.netmind.violations() == [
        "download came with an Authorization header",
        "upload came with an Authorization header",
    ]


async def test_an_unknown_path_breaks_a_rule(bench: Bench) -> None:
    assert await ask(bench, "GET", "/v2/generation", headers=key(bench)) == 404
    assert await ask(bench, "PATCH", "/v1/generation", headers=key(bench)) == 404
    assert await bench.netmind.violations() == [
        "there is no /v2/generation",
        "there is no /v1/generation",
    ]


@pytest.mark.parametrize("config", [{}, {"prompt": ""}, {"prompt": "  "}])
async def test_a_create_without_a_prompt_breaks_a_rule(
    bench: Bench, config: dict[str, object]
) -> None:
    made = await bench.client.create(SOUND, config)
    await bench.netmind.advance(60)
    assert (await bench.client.get(made.id)).phase is Phase.FAILED
    assert await bench.netmind.violations() == ["create has no prompt"]


async def test_a_create_of_an_unknown_model_is_refused_and_free(bench: Bench) -> None:
    with pytest.raises(errors.UnknownModel):
        await bench.make(model="nobody/Nothing")
    assert await ask(bench, "POST", "/v1/generation", headers=key(bench), data="{") == 422
    assert await bench.netmind.generations() == []
    assert await bench.netmind.violations() == ["create names no model"]


async def test_looking_for_what_the_account_never_had_breaks_a_rule(bench: Bench) -> None:
    with pytest.raises(errors.NotFound):
        await bench.client.get("feed")
    await bench.client.delete("feed")
    assert await bench.netmind.violations() == [
        "get of a generation that this account never had",
        "delete of a generation that this account never had",
    ]


async def test_a_strangers_generation_is_listed_and_may_be_seen_but_not_deleted(
    bench: Bench,
) -> None:
    stranger = await bench.netmind.stranger()
    assert [told.id for told in await bench.client.list()] == [stranger]
    await bench.client.get(stranger)
    assert await bench.netmind.violations() == []
    [made] = await bench.netmind.generations()
    assert made["stranger"] is True
    await bench.client.delete(stranger)
    assert await bench.netmind.violations() == ["delete of somebody else's generation"]


async def test_a_stranger_uses_up_no_planned_outcome(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.failed())
    await bench.netmind.stranger(FILM)
    assert (await bench.finish()).phase is Phase.FAILED
    with pytest.raises(ControlError, match="There is no model"):
        await bench.netmind.stranger("nobody/Nothing")


# Files.


@pytest.mark.parametrize("size", [0, 20_001, 9_555, 9_556, 9_557, 40 * MEGABYTE])
@pytest.mark.parametrize(("kind", "type_"), [("audio", FLAC), ("video", MP4)])
def test_files_are_real_media_of_the_wanted_size(
    kind: Any, type_: object, size: int, tmp_path: Path
) -> None:
    content = media.media(kind, "0123456789abcdef/0", size)
    data = b"".join(content.pieces())
    assert len(data) == content.size
    # A block of padding has at least a header of four bytes.
    assert size <= content.size <= max(size + 3, 10_000)
    assert hashlib.sha256(data).hexdigest() == content.sha256
    assert sniff(data) == type_
    path = tmp_path / "file"
    path.write_bytes(data)
    found = probe(path)
    assert found.seconds > 0.05
    assert (found.audio_codec or found.video_codec) in {"flac", "h264"}
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(container.streams[0]))) >= 1


def test_the_boxes_of_a_film_end_where_the_file_ends() -> None:
    data = b"".join(media.media("video", "0123456789abcdef/0", 50_000).pieces())
    names, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        names.append(data[at + 4 : at + 8])
        at += size if size != 1 else int.from_bytes(data[at + 8 : at + 16])
    assert at == len(data)
    assert names[0] == b"ftyp"
    assert names[-1] == b"free"


async def test_every_generation_has_a_file_of_its_own(bench: Bench) -> None:
    for model in (SOUND, SOUND, FILM, FILM):
        await bench.make(model=model)
    made = await bench.netmind.generations()
    assert len({one["sha256"] for one in made}) == 4
    assert [one["files"][0]["name"] for one in made] == ["sound.flac"] * 2 + ["video.mp4"] * 2


async def test_a_link_dies_and_a_fresh_one_lives(bench: Bench) -> None:
    await bench.netmind.settings(link_life=600)
    done = await bench.finish()
    link, file_id = done.results[0].url, done.results[0].file_id or ""
    await bench.fetch(link)
    await bench.netmind.advance(601)
    with pytest.raises(LinkExpired):
        await bench.fetch(link)
    fresh = await bench.client.presigned_url(file_id)
    await bench.fetch(fresh)
    await bench.netmind.expire_links()
    with pytest.raises(LinkExpired):
        await bench.fetch(fresh)
    await bench.fetch(await bench.client.presigned_url(file_id))


async def test_the_file_of_a_deleted_generation_is_gone(bench: Bench) -> None:
    done = await bench.finish()
    await bench.client.delete(done.id)
    with pytest.raises(LinkExpired):
        await bench.fetch(done.results[0].url)
    with pytest.raises(errors.NotFound):
        await bench.client.presigned_url(done.results[0].file_id or "")


async def test_an_uploaded_file_can_be_read_again(bench: Bench) -> None:
    file_id = await bench.client.upload("film.mp4", "video/mp4", io.BytesIO(media.film()))
    assert await bench.fetch(await bench.client.presigned_url(file_id)) == media.film()
    entry = await bench.netmind.wait_for(asked("upload"))
    assert entry.detail["sha256"] == hashlib.sha256(media.film()).hexdigest()


# Settings.


async def test_the_list_is_newest_first_and_cut(bench: Bench) -> None:
    made = [(await bench.make(prompt)).id for prompt in ("one", "two", "three")]
    assert [told.id for told in await bench.client.list()] == made[::-1]
    await bench.netmind.settings(list_limit=2)
    assert [told.id for told in await bench.client.list()] == made[:0:-1]


async def test_too_many_running_generations_are_a_429(bench: Bench) -> None:
    await bench.netmind.settings(most_running=1)
    await bench.make()
    with pytest.raises(errors.TooManyRequests):
        await bench.make()
    await bench.netmind.advance(60)
    made = await bench.make()
    await bench.client.delete(made.id)
    await bench.make()
    assert len(await bench.netmind.generations()) == 3


async def test_every_file_may_be_large(bench: Bench) -> None:
    await bench.netmind.settings(file_size=2 * MEGABYTE)
    await bench.make()
    [made] = await bench.netmind.generations()
    assert made["files"][0]["size"] == 2 * MEGABYTE


async def test_answers_take_a_while_that_the_seed_decides() -> None:
    async def latencies(seed: int) -> list[float]:
        async with NetmindWorld(seed=seed) as netmind:
            await netmind.settings(latency_min=1, latency_max=9)
            return [netmind._edge._latency("list") for _ in range(5)]

    assert await latencies(1) == await latencies(1) != await latencies(2)
    assert all(1 <= seconds <= 9 for seconds in await latencies(3))


async def test_the_same_seed_makes_the_same_ids() -> None:
    async def ids(seed: int) -> list[str]:
        async with NetmindWorld(seed=seed) as netmind:
            return [netmind.user_id, await netmind.stranger(), await netmind.stranger()]

    assert await ids(1) == await ids(1) != await ids(2)


async def test_a_reset_leaves_nothing_behind(bench: Bench) -> None:
    await bench.netmind.settings(shape="A", list_limit=0)
    await bench.netmind.plan(faults.refusal(409).on("*", times=9))
    await bench.netmind.plan_outcome(outcomes.failed())
    await bench.netmind.plan(faults.lost_request("hang").on("get"))
    await bench.netmind.stranger()
    await bench.netmind.refuse_connections()
    await bench.netmind.reset()
    assert await bench.netmind.ledger() == []
    assert await bench.netmind.generations() == []
    done = await bench.finish()
    assert (done.phase, done.model) == (Phase.SUCCEEDED, None)
    assert len(await bench.client.list()) == 1


async def test_a_reset_and_an_end_wait_for_nobody_who_hangs() -> None:
    async with bench_of_ones_own() as bench, open_session() as session:
        patient = NetmindClient(session, bench.netmind.base_url, bench.netmind.token, timeout=60)
        for _ in range(2):
            await bench.netmind.plan(faults.lost_answer("hang").on("create"))
            making = asyncio.create_task(patient.create(SOUND, {"prompt": "wind"}))
            await bench.netmind.wait_for(asked("create"))
            await bench.netmind.reset()
            with pytest.raises(errors.OutcomeUnknown):
                await making


async def test_a_thousand_generations_are_listed_and_none_has_a_task() -> None:
    async with bench_of_ones_own() as bench:
        before = len(asyncio.all_tasks())
        for _ in range(1000):
            await bench.netmind.stranger()
        assert len(asyncio.all_tasks()) == before
        await bench.netmind.advance(60)
        bench.client._timeout = aiohttp.ClientTimeout(total=20)
        told = await bench.client.list()
        assert {one.phase for one in told} == {Phase.SUCCEEDED}
        assert len(told) == 1000
        ended = [e for e in await bench.netmind.ledger() if e.kind == "generation.ended"]
        assert len(ended) == 1000
