"""The process: how it comes up, and with which exit code it ends."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import aiohttp
import discord
import pytest

from bot import app as app_module
from bot.app import TokenRefusedError, open_app
from bot.config import SettingsError
from bot.netmind.catalog import Catalog
from storage.errors import NewerSchemaError, UnavailableError
from tests.program import running
from tests.world import World, settings_for

NOWHERE = "http://127.0.0.1:9"


async def test_a_database_that_cannot_be_opened_ends_with_its_own_exit_code(
    tmp_path: Path,
) -> None:
    """On the way there nothing is imported that few starts need."""
    (tmp_path / "data").write_text("a file where a folder should be")
    settings = {
        "DISCORD_TOKEN": "x.y.z",
        "NETMIND_API_TOKEN": "key",
        "PYTHONPROFILEIMPORTTIME": "1",
    }
    async with running("run", folder=tmp_path, **settings) as program:
        ended = await program.ended()
    lines = ended.stderr.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time")}
    said = [line for line in lines if not line.startswith("import time")]
    assert ended.code == 4
    assert said[0].startswith("The database did not do it")
    assert len(said) == 1
    assert {"bot.app", "bot.extras", "bot.trace"} <= imported
    heavy = {"sentry_sdk", "opentelemetry", "requests", "google", "bot.sentry", "bot.otel"}
    heavy |= {"av", "numpy", "alembic"}  # for children, for `check`, and for a migration
    assert not {name for name in imported if name in heavy or name.partition(".")[0] in heavy}


async def test_opening_the_app_talks_to_nobody(tmp_path: Path) -> None:
    """Nothing runs yet and nobody is logged in; only the schema is brought up to date."""
    settings = settings_for(NOWHERE, tmp_path, discord_api_base=NOWHERE)
    async with open_app(settings, Catalog.load()) as app:
        assert not app.client.is_ready()
        assert app.netmind.calls == {}
    assert (tmp_path / "foley.db").exists()


async def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    settings = settings_for(NOWHERE, tmp_path)
    async with open_app(settings, Catalog.load()) as app, app.database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'future'")
    with pytest.raises(NewerSchemaError):
        async with open_app(settings, Catalog.load()):
            pass


async def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(UnavailableError):
        async with open_app(settings_for(NOWHERE, tmp_path / "data"), Catalog.load()):
            pass


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (aiohttp.ClientConnectionError(), True),
        (TimeoutError(), True),
        (OSError(), True),
        (discord.LoginFailure(), False),
        (TokenRefusedError(), False),
        (ValueError(), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, passes: bool) -> None:  # noqa: FBT001 - a table
    assert app_module._may_pass(error) is passes


@pytest.mark.parametrize(
    ("status", "passes"), [(429, True), (500, True), (503, True), (401, False), (400, False)]
)
def test_of_discords_answers_only_trouble_may_pass(status: int, passes: bool) -> None:  # noqa: FBT001 - a table
    from types import SimpleNamespace

    response: Any = SimpleNamespace(status=status, reason="")
    assert app_module._may_pass(discord.HTTPException(response, "")) is passes


@pytest.mark.parametrize(
    ("role", "parts"),
    [("all", ["gateway", "workers"]), ("gateway", ["gateway"]), ("worker", ["workers"])],
)
async def test_a_process_does_what_its_role_is(tmp_path: Path, role: str, parts: list[str]) -> None:
    async with open_app(settings_for(NOWHERE, tmp_path), Catalog.load()) as app:
        settings = app.settings.model_copy(update={"role": role})
        gateway, workers = app_module._parts(replace(app, settings=settings))
        assert [task.get_name() for task in (*gateway, *workers)] == parts
        for task in (*gateway, *workers):
            task.cancel()
        await asyncio.gather(*gateway, *workers, return_exceptions=True)


async def test_a_process_has_the_shards_it_was_given(tmp_path: Path) -> None:
    settings = settings_for(NOWHERE, tmp_path, shard_count=6, shard_ids="0-1,4")
    async with open_app(settings, Catalog.load()) as app:
        assert (app.client.shard_count, app.client.shard_ids) == (6, [0, 1, 4])


async def test_without_shards_discord_decides(tmp_path: Path) -> None:
    async with open_app(settings_for(NOWHERE, tmp_path), Catalog.load()) as app:
        undecided: list[Any] = [app.client.shard_count, app.client.shard_ids]
        assert undecided == [None, None]


async def test_work_is_broken_off_when_it_is_time_to_stop() -> None:
    stopping = asyncio.Event()
    broken_off: list[bool] = []

    async def login() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.append(True)

    waiting = asyncio.create_task(app_module._unless(stopping, login()))
    await asyncio.sleep(0)
    stopping.set()
    assert await waiting is False
    assert broken_off == [True]


async def test_work_that_ends_is_not_broken_off_and_its_error_is_told() -> None:
    async def good() -> None:
        await asyncio.sleep(0)

    async def bad() -> None:
        raise TokenRefusedError("no")

    assert await app_module._unless(asyncio.Event(), good())
    with pytest.raises(TokenRefusedError):
        await app_module._unless(asyncio.Event(), bad())


async def test_commands_are_given_to_discord_once_and_again_when_they_change(
    world: World,
) -> None:
    """Discord counts command creations; a restart with the same commands costs none."""
    synced = world.sent("PUT", "/commands")
    assert len(synced) == 1
    await world.restart()
    assert len(world.sent("PUT", "/commands")) == 1
    world.catalog = Catalog(world.catalog.of_kind("audio"))
    await world.restart()
    assert len(world.sent("PUT", "/commands")) == 2
    assert "video" not in world.mira.available_commands(world.channel)


async def test_commands_are_given_to_discord_again_if_an_operator_wants_it(world: World) -> None:
    await world.app.client.forget_sync()
    await world.restart()
    assert len(world.sent("PUT", "/commands")) == 2
    assert world.app.client.synced == len(world.app.client.tree.get_commands(type=None))


async def test_the_bot_asks_for_no_privileged_intents_and_mentions_nobody_by_default(
    world: World,
) -> None:
    client = world.app.client
    assert client.intents == discord.Intents(guilds=True)
    assert client.allowed_mentions is not None
    mentions: Any = client.allowed_mentions
    assert mentions.to_dict() == {"parse": []}


class Closed:
    """A client whose connection Discord closes."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def connect(self) -> None:
        raise self._error


def closed(code: int) -> Exception:
    return discord.ConnectionClosed(cast("Any", None), shard_id=0, code=code)


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (closed(4004), TokenRefusedError, r"\(4004\).* DISCORD_TOKEN"),
        (closed(4013), TokenRefusedError, r"\(4013\).* DISCORD_TOKEN"),
        (discord.PrivilegedIntentsRequired(0), TokenRefusedError, r"\(4014\).* DISCORD_TOKEN"),
        (closed(4010), SettingsError, r"\(4010\).* SHARD_COUNT"),
        (closed(4011), SettingsError, r"\(4011\).* SHARD_COUNT"),
        (closed(4002), discord.ConnectionClosed, "4002"),
    ],
)
async def test_what_no_second_try_mends_is_said_with_what_to_look_at(
    error: Exception, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        await app_module._stay_connected(cast("Any", Closed(error)))
