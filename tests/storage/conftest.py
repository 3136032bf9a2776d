"""Every test that asks for `database` or `store` runs twice: on SQLite and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.database import Database
from tests.storage.stores import Postgres, Store, migrated, running_postgres, sqlite_file


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_postgres(postgres: Postgres) -> Store:
    # Nothing here has to survive a power cut.
    await postgres.execute("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    return await migrated(await postgres.create("migrated"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("storage") / "migrated.db"
    await migrated(sqlite_file(path))
    return path


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_file: Path) -> Store:
    """Give a file of SQLite's with the schema and nothing in it."""
    return sqlite_file(Path(shutil.copy(migrated_file, tmp_path / "foley.db")))


@pytest.fixture
async def postgres_store(postgres: Postgres, migrated_postgres: Store) -> Store:
    """Give a database of PostgreSQL's with the schema and nothing in it."""
    await postgres.clear("migrated")
    return migrated_postgres


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest) -> Store:
    """Give a store with the schema and nothing in it."""
    name = "sqlite_store" if kind == "sqlite" else "postgres_store"
    store: Store = request.getfixturevalue(name)
    return store


@pytest.fixture
async def database(store: Store) -> AsyncIterator[Database]:
    database = store.open()
    yield database
    await database.close()


@pytest.fixture
async def other_database(store: Store) -> AsyncIterator[Database]:
    """Open the same store once more, as a second process does."""
    database = store.open()
    yield database
    await database.close()
