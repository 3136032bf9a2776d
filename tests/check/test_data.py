"""What `check` says of the database and of the NetMind account."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.check import database as database_look
from bot.check.finding import Level
from bot.check.looks import check_all
from bot.sandbox.netmind import SandboxNetmind
from storage.database import Address, Database
from storage.migrate import Schema
from tests.check.conftest import named

_AGE = sa.text("UPDATE alembic_version SET version_num = :age")


async def test_the_databases_age_is_told(deployment: Path, database: Database) -> None:
    address = Address(path=deployment / "data" / "none.db")
    assert (await database_look.look(address))[0] is Schema.EMPTY
    schema, found = await database_look.look(database.address)
    assert (schema, found.level) == (Schema.CURRENT, Level.OK)
    ages = [("future", Level.WRONG, "newer"), ("0001", Level.WARNING, "older")]
    for version, level, word in ages:
        async with database.write() as connection:
            await connection.execute(_AGE, {"age": version})
        _, found = await database_look.look(database.address)
        assert (found.level, word in found.says) == (level, True)


async def test_a_damaged_database_is_named_and_left_as_it_is(deployment: Path) -> None:
    path = deployment / "data" / "foley.db"
    path.parent.mkdir()
    path.write_bytes(b"not a database " * 100)
    (found,) = named(await check_all(), "database")
    assert found.level is Level.WRONG
    assert f"{path.relative_to(deployment)} is damaged" in found.says
    assert [each.name for each in path.parent.iterdir()] == ["foley.db"]


@pytest.mark.parametrize("shut", ["foley.db", ""])
async def test_a_database_that_cannot_be_written_is_named(
    database: Database, monkeypatch: pytest.MonkeyPatch, shut: str
) -> None:
    path = database.address.path
    assert path is not None
    place = path.parent / shut
    may = os.access
    monkeypatch.setattr(os, "access", lambda what, how: Path(what) != place and may(what, how))
    schema, found = await database_look.look(database.address)
    assert (schema, found.level, str(place) in found.says) == (None, Level.WRONG, True)


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize(
    ("status", "level", "word"),
    [
        (401, Level.WRONG, "NETMIND_API_TOKEN"),
        (402, Level.WRONG, "Top the account up"),
        (404, Level.WRONG, "NETMIND_BASE_URL"),
        (429, Level.WARNING, "in a few minutes"),
        (503, Level.WRONG, "NetMind's own"),
    ],
)
async def test_each_refusal_of_netminds_comes_with_what_to_do(
    netmind: SandboxNetmind, status: int, level: Level, word: str
) -> None:
    netmind.fail_next("list", status=status, body={"detail": f"bad {netmind.token}"}, times=3)
    (found,) = named(await check_all(), "netmind")
    assert (found.level, word in found.says) == (level, True)
    assert netmind.token not in found.says
