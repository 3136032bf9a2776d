"""Alive is who answers; ready is who can do what the process is for."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from discord.http import Route

from bot import app as app_module
from bot.app import open_app
from bot.jobs.loop import Loop
from bot.netmind.catalog import Catalog
from bot.web import health as health_module
from bot.web.health import LATELY, Findings, Health, connected
from bot.web.server import build, serving
from storage.errors import UnavailableError
from tests.web.site import TOKEN, Site, open_site
from tests.world import World, settings_for

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as opened:
        yield opened


class Silent:
    """A database that is not there, or says nothing."""

    def __init__(self, *, there: bool) -> None:
        self.there = there

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        if not self.there:
            raise UnavailableError("gone")
        await asyncio.Event().wait()
        yield


@pytest.mark.parametrize(
    ("database", "gateway", "workers", "draining"),
    [*product([True, False], [True, False, None], [True, False, None], [True, False])],
)
def test_a_process_is_ready_if_nothing_that_it_has_is_amiss(
    *, database: bool, gateway: bool | None, workers: bool | None, draining: bool
) -> None:
    found = Findings(database, gateway, workers, draining).amiss
    assert ("database" in found) is not database
    assert ("gateway" in found) is (gateway is False)
    assert ("workers" in found) is (workers is False)
    assert ("draining" in found) is draining


async def test_a_process_that_is_well_is_ready(site: Site) -> None:
    status, text, answer = await site.get("/health/ready")
    assert (status, text) == (200, '{"ready": true, "amiss": []}')
    assert answer.headers["Cache-Control"] == "no-store"


async def test_what_is_amiss_is_named_and_the_process_lives_on(site: Site) -> None:
    site.gateway = False
    site.loops[1].stepped_at = None
    site.health.draining = True
    status, text, _ = await site.get("/health/ready")
    assert status == 503
    assert text == '{"ready": false, "amiss": ["draining", "gateway", "workers"]}'
    assert (await site.get("/health/live"))[:2] == (200, "ok")


@pytest.mark.parametrize("there", [True, False])
async def test_a_database_that_does_not_answer_in_time_is_amiss(
    site: Site, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    monkeypatch.setattr(health_module, "PATIENCE", 0.0)
    silent: Any = Silent(there=there)
    site.health.database = silent
    assert (await site.health.look()).amiss == ["database"]


@pytest.mark.parametrize(
    ("ages", "well"),
    [((0, LATELY - 1), True), ((0, LATELY + 1), False), ((None, 0), False), ((), None)],
)
async def test_every_worker_has_to_take_a_step_now_and_then(
    site: Site, ages: tuple[float | None, ...], *, well: bool | None
) -> None:
    async def step() -> None:
        pass

    now, loops = asyncio.get_running_loop().time(), []
    for age in ages:
        loops.append(Loop("worker", step))
        loops[-1].stepped_at = None if age is None else now - age
    health = replace(site.health, loops=loops)
    assert (await health.look()).workers is well


async def test_a_loop_tells_when_it_took_its_last_step() -> None:
    stepped = asyncio.Event()

    async def step() -> None:
        assert loop.stepped_at is None
        stepped.set()

    loop = Loop("worker", step)
    running = asyncio.create_task(loop.run())
    await stepped.wait()
    await loop.end()
    await running
    assert loop.stepped_at is not None
    assert 0 <= asyncio.get_running_loop().time() - loop.stepped_at < 60


@pytest.mark.parametrize(
    ("role", "amiss"),
    [("all", ["gateway", "workers"]), ("gateway", ["gateway"]), ("worker", ["workers"])],
)
async def test_a_process_that_has_just_begun_lacks_what_its_role_needs(
    tmp_path: Path, role: str, amiss: list[str]
) -> None:
    async with open_app(settings_for(NOWHERE, tmp_path), Catalog.load()) as app:
        settings = app.settings.model_copy(update={"role": role})
        health = app_module._health(settings, app.database, app.client, app.workers.bell)
        assert (await health.look()).amiss == amiss


async def test_who_drains_is_not_ready_any_more(tmp_path: Path) -> None:
    settings = settings_for(NOWHERE, tmp_path, drain_seconds=0)
    async with (
        open_app(settings, Catalog.load()) as app,
        serving(build(None, app.health), 0, "127.0.0.1") as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        await app_module._drain(app, [])
        async with session.get("/health/ready") as answer:
            assert answer.status == 503
            assert (await answer.json())["amiss"][0] == "draining"
        async with session.get("/health/live") as answer:
            assert answer.status == 200


async def test_the_running_bot_serves_all_of_it_also_while_discord_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    served = {"port": port, "metrics_token": TOKEN, "discord_api_base": NOWHERE}
    stopping, bearer = asyncio.Event(), {"Authorization": f"Bearer {TOKEN}"}
    async with (
        open_app(settings_for(NOWHERE, tmp_path, **served), Catalog.load()) as app,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        running = asyncio.create_task(app_module.run(app, stopping))
        async with asyncio.timeout(20):
            while (found := await _got(session, "/health/ready")) is None:  # noqa: ASYNC110 - another task answers
                await asyncio.sleep(0.02)
        assert found == (503, '{"ready": false, "amiss": ["gateway", "workers"]}')
        status, text = await _got(session, "/metrics", bearer) or (0, "")
        assert (status, "foley_gateway_connected 0.0" in text) == (200, True)
        stopping.set()
        await asyncio.wait_for(running, 20)


async def _got(
    session: aiohttp.ClientSession, path: str, headers: dict[str, str] | None = None
) -> tuple[int, str] | None:
    try:
        async with session.get(path, headers=headers) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientConnectionError:
        return None  # it is not served yet


async def test_the_gateway_is_connected_while_every_shard_is(world: World) -> None:
    client = world.app.client
    assert connected(client)
    health: Health = world.app.health
    assert (await health.look()).gateway is True
    for shard in client.shards.values():
        await shard.disconnect()
    assert not connected(client)
