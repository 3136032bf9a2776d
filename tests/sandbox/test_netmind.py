import asyncio
import sys
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.netmind import Pace, SandboxNetmind
from tests.sandbox.conftest import AUDIO, VIDEO, Caller, Opener
from tests.sandbox.media import frames_of, samples_of

COMMON = {"id", "user_id", "status", "created_at", "updated_at", "deleted_at", "is_deleted"}


def url_of(generation: dict[str, Any]) -> str:
    return str(generation["result"]["data"][0]["url"])


# The four calls


async def test_a_generation_is_pending_then_initializing_then_completed(opened: Opener) -> None:
    async with opened(paces={"audio": Pace(pending=2, making=10)}) as caller:
        generation = await caller.create()
        assert generation["status"] == "pending"
        assert generation["created_at"] == generation["updated_at"] == "2026-11-22 05:51:03"
        await caller.server.rendered()
        seen = []
        for seconds in (1, 2, 8, 1):
            caller.clock.move(seconds)
            seen.append((await caller.get(generation))["status"])

    assert seen == ["pending", "initializing", "initializing", "completed"]


async def test_nothing_is_completed_before_its_file_is_really_there(opened: Opener) -> None:
    gate = asyncio.Event()

    async def patient(_order: object) -> bytes:
        await gate.wait()
        return b"done"

    async with opened(render=patient) as caller:
        generation = await caller.create()
        caller.clock.move(3600)
        assert (await caller.get(generation))["status"] == "initializing"
        gate.set()
        await caller.server.rendered()
        assert (await caller.get(generation))["status"] == "completed"


async def test_ids_are_32_small_hex_digits_and_the_config_is_not_echoed(caller: Caller) -> None:
    generation = await caller.create(prompt="a secret wish")

    assert len(generation["id"]) == 32
    assert set(generation["id"]) <= set("0123456789abcdef")
    assert "secret" not in str(generation)


async def test_shape_a_is_the_documents(opened: Opener) -> None:
    async with opened(shape="A") as caller:
        fresh = await caller.create()
        done = await caller.completed()

    assert set(fresh) == COMMON | {"model_id", "backend_id", "payment_type", "meta_info"}
    assert (fresh["model_id"], fresh["payment_type"], fresh["meta_info"]) == (84, "usd", {})
    assert set(done["meta_info"]) == {"file_id", "result_download_url"}


async def test_shape_b_has_a_result_with_links_alone(opened: Opener) -> None:
    async with opened(shape="B") as caller:
        fresh = await caller.create()
        done = await caller.completed()

    assert set(fresh) == COMMON | {"result"}
    assert fresh["result"] == {}
    assert [set(entry) for entry in done["result"]["data"]] == [{"url"}]


async def test_shape_c_adds_logs_durations_and_file_facts(opened: Opener) -> None:
    async with opened(shape="C") as caller:
        fresh = await caller.create()
        done = await caller.completed()

    extra = {"result", "logs", "pending_duration", "processing_duration"}
    assert set(fresh) == set(done) == COMMON | extra
    (entry,) = done["result"]["data"]
    assert set(entry) == {"file_id", "file_name", "file_type", "url"}
    assert (entry["file_name"], entry["file_type"]) == ("sound.flac", "audio/flac")
    assert (done["pending_duration"], done["processing_duration"]) == (0.8, 2.2)


async def test_the_list_has_the_newest_first_and_can_be_cut_short(opened: Opener) -> None:
    async with opened(list_limit=2) as caller:
        made = [(await caller.create())["id"] for _ in range(3)]
        status, told = await caller.ask("GET", "/v1/generation")

    assert status == 200
    assert [one["id"] for one in told["generation_list"]] == [made[2], made[1]]


async def test_a_deleted_generation_is_gone(caller: Caller) -> None:
    generation = await caller.create()
    path = f"/v1/generation/{generation['id']}"

    assert await caller.ask("DELETE", path) == (200, {"message": "Generation deleted"})
    assert await caller.ask("GET", path) == (404, {"detail": "Generation not found"})
    assert (await caller.ask("DELETE", path))[0] == 404
    assert await caller.ask("GET", "/v1/generation") == (200, {"generation_list": []})


async def test_deleting_stops_the_rendering(opened: Opener) -> None:
    stopped = asyncio.Event()

    async def endless(_order: object) -> bytes:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return b""

    async with opened(render=endless) as caller:
        generation = await caller.create()
        await caller.ask("DELETE", f"/v1/generation/{generation['id']}")
        await asyncio.wait_for(stopped.wait(), 5)


# What it refuses


@pytest.mark.parametrize("shown", [None, "sandbox-token", "Bearer wrong"])
async def test_a_wrong_token_is_refused_on_every_keyed_call(
    caller: Caller, shown: str | None
) -> None:
    headers = {} if shown is None else {"Authorization": shown}
    calls = [("POST", "/v1/generation"), ("GET", "/v1/generation"), ("GET", "/v1/generation/x")]
    calls += [("DELETE", "/v1/generation/x"), ("POST", "/v1/files")]
    async with aiohttp.ClientSession(caller.server.base_url, headers=headers) as session:
        for method, path in calls:
            async with session.request(method, path) as answer:
                assert answer.status == 401
                assert await answer.json() == {"error": {"message": "Invalid api token"}}


async def test_an_unknown_model_is_refused_at_once(caller: Caller) -> None:
    body = {"model": "no/such", "config": {"prompt": "x"}}

    answer = await caller.ask("POST", "/v1/generation", body)
    assert answer == (400, {"detail": "Model name: no/such not exists"})


@pytest.mark.parametrize("body", [None, [], {}, {"model": 3}])
async def test_a_body_without_a_model_is_refused(caller: Caller, body: Any) -> None:
    status, told = await caller.ask("POST", "/v1/generation", body)

    assert status == 422
    assert told["detail"][0]["loc"] == ["body", "model"]


@pytest.mark.parametrize(
    ("model", "config", "about"),
    [
        (AUDIO, {"duration": 0}, "duration"),
        (AUDIO, {"duration": 121}, "duration"),
        (AUDIO, {"duration": "long"}, "duration"),
        (AUDIO, {"prompt": None}, "prompt"),
        (AUDIO, {"prompt": "  "}, "prompt"),
        (AUDIO, {"negative_prompt": 3}, "negative_prompt"),
        (AUDIO, {"seed": -2}, "seed"),
        (VIDEO, {"height": 545}, "height"),
        (VIDEO, {"width": 4096}, "width"),
        (VIDEO, {"num_frames": 60}, "num_frames"),
        (VIDEO, {"num_frames": True}, "num_frames"),
    ],
)
async def test_a_bad_config_is_accepted_and_fails_later(
    caller: Caller, model: str, config: dict[str, Any], about: str
) -> None:
    generation = await caller.create(model, **config)
    assert generation["status"] == "pending"
    caller.clock.move(60)
    told = await caller.get(generation)

    assert told["status"] == "failed"
    assert told["result"] == {}
    assert told["logs"][0]["text"].startswith('Something error: 422: {"detail": [')
    assert about in told["logs"][0]["text"]


async def test_an_unknown_operation_fails_loudly_and_is_recorded(caller: Caller) -> None:
    assert await caller.ask("GET", "/v2/wonder") == (404, {"detail": "Not Found"})
    assert (await caller.ask("PATCH", "/v1/generation"))[0] == 405

    seen = [(call.method, call.path, call.status) for call in caller.server.calls("unknown")]
    assert seen == [("GET", "/v2/wonder", 404), ("PATCH", "/v1/generation", 405)]


# Files


async def test_a_finished_file_is_downloaded_without_a_token(caller: Caller) -> None:
    done = await caller.completed(prompt="a bell")

    assert await caller.fetch(url_of(done)) == (200, b"audio: a bell")
    assert f"/files/{caller.server.user_id}/inference/file-" in url_of(done)


async def test_a_download_that_shows_the_token_is_refused(caller: Caller) -> None:
    done = await caller.completed()

    status, _ = await caller.fetch(url_of(done), Authorization=f"Bearer {caller.server.token}")
    assert status == 400


async def test_an_old_link_is_refused_and_a_new_one_can_be_had(opened: Opener) -> None:
    async with opened(link_life=timedelta(minutes=5)) as caller:
        done = await caller.completed()
        caller.clock.move(301)
        old = await caller.fetch(url_of(done))
        file_id = done["result"]["data"][0]["file_id"]
        _, renewed = await caller.ask("GET", f"/v1/files/{file_id}/presigned_url")
        new = await caller.fetch(renewed["presigned_url"])
        again = await caller.fetch(url_of(await caller.get(done)))

    assert old[0] == 403
    assert new == again == (200, b"audio: wind")


async def test_links_can_be_made_to_expire_at_once(caller: Caller) -> None:
    done = await caller.completed()
    caller.server.expire_links()

    assert (await caller.fetch(url_of(done)))[0] == 403


async def test_an_input_file_is_uploaded_and_read_back(caller: Caller) -> None:
    headers = {"file-content-type": "video/mp4"}
    body = {"file_name": "in.mp4", "purpose": "inference"}
    async with caller.session.post("/v1/files", json=body, headers=headers) as answer:
        ticket = await answer.json()
    async with aiohttp.ClientSession() as plain:
        wrong, right = {"Content-Type": "text/plain"}, {"Content-Type": "video/mp4"}
        async with plain.put(ticket["presigned_url"], data=b"film", headers=wrong) as answer:
            assert answer.status == 403
        async with plain.put(ticket["presigned_url"], data=b"film", headers=right) as answer:
            assert answer.status == 200
    _, link = await caller.ask("GET", f"/v1/files/{ticket['id']}/presigned_url")

    assert await caller.fetch(link["presigned_url"]) == (200, b"film")


async def test_an_upload_link_lives_two_hours(caller: Caller) -> None:
    _, ticket = await caller.ask("POST", "/v1/files", {"file_name": "in.mp4"})
    caller.clock.move(2 * 3600)
    async with (
        aiohttp.ClientSession() as plain,
        plain.put(ticket["presigned_url"], data=b"late") as answer,
    ):
        assert answer.status == 403


# Trouble on order


async def test_the_next_call_fails_as_ordered_and_the_one_after_works(caller: Caller) -> None:
    caller.server.fail_next(
        "create", status=429, body={"detail": "slow down"}, headers={"Retry-After": "7"}
    )
    async with caller.session.post("/v1/generation", json={}) as answer:
        seen = (answer.status, answer.headers["Retry-After"], await answer.json())

    assert seen == (429, "7", {"detail": "slow down"})
    assert caller.server.generations == {}
    assert (await caller.create())["status"] == "pending"


async def test_an_answer_can_be_a_page_instead_of_json(caller: Caller) -> None:
    caller.server.fail_next("list", status=502, body="<h1>Bad</h1>", content_type="text/html")
    async with caller.session.get("/v1/generation") as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
        assert await answer.text() == "<h1>Bad</h1>"


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_dropped_create_may_or_may_not_have_made_something(
    caller: Caller, *, accepted: bool
) -> None:
    caller.server.drop_next("create", accepted=accepted)
    with pytest.raises(aiohttp.ClientError):
        await caller.create()

    _, told = await caller.ask("GET", "/v1/generation")
    assert len(told["generation_list"]) == int(accepted)
    assert [call.status for call in caller.server.calls("create")] == [None]


async def test_a_wrong_answer_can_hide_an_accepted_create(caller: Caller) -> None:
    caller.server.fail_next("create", status=500, body="Service is unavailable", accepted=True)
    async with caller.session.post(
        "/v1/generation", json={"model": AUDIO, "config": {"prompt": "x"}}
    ) as answer:
        assert answer.status == 500

    assert len(caller.server.generations) == 1


async def test_a_call_that_hangs_neither_answers_nor_holds_up_the_stop(opened: Opener) -> None:
    async with opened() as caller:
        caller.server.hang_next("create", accepted=True)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await caller.create()
        assert len(caller.server.generations) == 1
        start = time.monotonic()
    assert time.monotonic() - start < 3


async def test_a_slow_call_answers_truly_in_the_end(caller: Caller) -> None:
    caller.server.slow_next("create", seconds=0.05)

    assert (await caller.create())["status"] == "pending"


async def test_a_download_can_break_half_way(caller: Caller) -> None:
    done = await caller.completed()
    caller.server.drop_next("download", accepted=True)

    with pytest.raises(aiohttp.ClientError):
        await caller.fetch(url_of(done))
    assert (await caller.fetch(url_of(done)))[0] == 200


async def test_forgotten_trouble_does_not_come(caller: Caller) -> None:
    caller.server.fail_next("create", times=3)
    caller.server.clear()

    assert (await caller.create())["status"] == "pending"


# Ends on order


async def test_a_generation_can_be_made_to_fail_with_its_reason(caller: Caller) -> None:
    caller.server.next_outcome("failed", "CUDA out of memory")
    done = await caller.completed()

    assert (done["status"], done["result"]) == ("failed", {})
    assert done["logs"] == [{"text": "CUDA out of memory"}]


async def test_a_generation_can_be_completed_without_a_result(caller: Caller) -> None:
    caller.server.next_outcome("completed", results=False)
    done = await caller.completed()

    assert (done["status"], done["result"]) == ("completed", {})


async def test_a_status_word_nobody_knows_can_be_told_for_ever(caller: Caller) -> None:
    caller.server.next_outcome("percolating")

    assert (await caller.completed())["status"] == "percolating"


@pytest.mark.parametrize("body", [b"", b"<html>not media</html>"])
async def test_a_result_can_be_empty_or_no_media_at_all(caller: Caller, body: bytes) -> None:
    caller.server.next_outcome(body=body)

    assert await caller.fetch(url_of(await caller.completed())) == (200, body)


async def test_a_huge_result_is_sent_without_being_held_in_memory(caller: Caller) -> None:
    caller.server.next_outcome(body=b"RIFF", size=3_000_000)
    status, body = await caller.fetch(url_of(await caller.completed()))

    assert status == 200
    assert (body[:4], len(body), set(body[4:])) == (b"RIFF", 3_000_000, {0})
    (file,) = caller.server.shelf.files.values()
    assert len(file.body) == 4


# The ledger


async def test_the_ledger_keeps_each_call_and_never_the_token(caller: Caller) -> None:
    done = await caller.completed()
    await caller.fetch(url_of(done))
    await caller.ask("DELETE", f"/v1/generation/{done['id']}")

    seen = [(call.operation, call.path, call.generation_id) for call in caller.server.ledger]
    path = "/v1/generation"
    assert seen == [
        ("create", path, done["id"]),
        ("get", path + "/{id}", done["id"]),
        ("download", "/files/{user}/inference/{id}/{name}", None),
        ("delete", path + "/{id}", done["id"]),
    ]
    assert caller.server.token not in str(caller.server.ledger)
    assert caller.server.user_id not in str(caller.server.ledger)


# Real rendering


async def test_a_sound_is_really_rendered_with_the_seed_of_its_config(opened: Opener) -> None:
    async with opened(render=None) as caller:
        config = {"prompt": "church bells", "duration": 2, "seed": 11}
        first, second = [await caller.completed(**config) for _ in range(2)]
        other = await caller.completed(**{**config, "seed": -1})
        sounds = [(await caller.fetch(url_of(one)))[1] for one in (first, second, other)]

    assert samples_of(sounds[0]).shape == (2, 88_200)
    assert sounds[0] == sounds[1] != sounds[2]


async def test_a_video_is_really_rendered_while_the_loop_stays_free(opened: Opener) -> None:
    lags = []

    async def measure() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.005)
            lags.append(time.perf_counter() - start - 0.005)

    async with opened(render=None) as caller:
        watching = asyncio.create_task(measure())
        config = {"height": 544, "width": 960, "num_frames": 13}
        done = await caller.completed(model=VIDEO, prompt="waves", **config)
        watching.cancel()
        _, video = await caller.fetch(url_of(done))

    frames = frames_of(video)
    assert (len(frames), frames[0].shape) == (13, (544, 960))
    assert sorted(lags)[len(lags) * 9 // 10] < 0.05


async def test_deleting_one_real_rendering_leaves_the_next_one_alone(opened: Opener) -> None:
    async with opened(render=None) as caller:
        long = await caller.create(VIDEO, num_frames=241, width=1280, height=720)
        await asyncio.sleep(0.2)
        await caller.ask("DELETE", f"/v1/generation/{long['id']}")
        done = await caller.completed(prompt="a clock")

        assert done["status"] == "completed"


# On its own


async def test_it_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox.netmind", "--port", "0", "--shape", "A",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    base_url = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
    headers = {"Authorization": "Bearer sandbox-token"}
    try:
        async with (
            aiohttp.ClientSession(base_url, headers=headers) as session,
            session.get("/v1/generation") as answer,
        ):
            assert await answer.json() == {"generation_list": []}
    finally:
        process.terminate()
        await process.communicate()


async def test_two_servers_do_not_know_each_other() -> None:
    async with SandboxNetmind() as one, SandboxNetmind() as other:
        assert one.base_url != other.base_url
        assert one.user_id != other.user_id
