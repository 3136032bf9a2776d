"""A PostgreSQL in trouble: silent, restarted, behind a pooler; nobody waits for ever."""

import asyncio
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
import sqlalchemy as sa

from storage import facts, jobs, migrate, postgres
from storage.database import Database, read_address
from storage.errors import UnavailableError
from tests.storage.makers import add_job
from tests.storage.stores import Postgres, Store


@pytest.fixture
def kind() -> str:
    """Every test in this module is about PostgreSQL."""
    return "postgresql"


class Wall:
    """Stands between a client and the server's socket, and can fall silent."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def __aenter__(self) -> int:
        self._listener = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        assert self._listener is not None
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def fall_silent(self) -> None:
        self._open.clear()

    def speak_again(self) -> None:
        self._open.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_unix_connection(self._server)
        for pair in ((reader, its_writer), (its_reader, writer)):
            self._tasks.add(asyncio.create_task(self._copy(*pair)))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
        except ConnectionError:
            pass  # the other side is gone, and so is this one
        finally:
            writer.close()


def folder_of(uri: str) -> str:
    return uri.split("host=", 1)[1].split("&", 1)[0].replace("%2F", "/")


@pytest.fixture
async def wall(postgres_store: Store, postgres: Postgres) -> AsyncIterator[tuple[Wall, Database]]:
    """Give a database that is reached through a wall."""
    assert postgres_store.address.postgres
    standing = Wall(f"{folder_of(postgres.uri)}/.s.PGSQL.5432")
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(standing)
        address = f"postgresql://postgres:@127.0.0.1:{port}/migrated?sslmode=disable"
        database = Database.open(read_address(address))
        yield standing, database
        standing.speak_again()
        await database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(postgres, "COMMAND_SECONDS", 0.5)
    monkeypatch.setattr(postgres, "BUSY_SECONDS", 0.5)


async def put_fact(database: Database, value: str) -> None:
    async with database.write() as connection:
        await facts.put(connection, "fact", value)


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_falls_silent_is_unavailable_soon_and_then_works_again(
    wall: tuple[Wall, Database],
) -> None:
    standing, database = wall
    await put_fact(database, "before")
    for _ in range(3):
        standing.fall_silent()
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="does not answer"):
            await put_fact(database, "never")
        assert time.monotonic() - started < 8
        standing.speak_again()
        await put_fact(database, "after")


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_falls_silent_inside_a_transaction_is_unavailable_soon(
    wall: tuple[Wall, Database],
) -> None:
    standing, database = wall

    async def write_in_silence() -> None:
        async with database.write() as connection:
            await facts.put(connection, "fact", "never")
            standing.fall_silent()
            await facts.put(connection, "fact", "never")

    started = time.monotonic()
    with pytest.raises(UnavailableError, match="does not answer"):
        await write_in_silence()
    assert time.monotonic() - started < 8
    standing.speak_again()
    await put_fact(database, "after")


@pytest.mark.usefixtures("impatient")
async def test_a_silent_server_does_not_keep_the_database_from_being_closed(
    wall: tuple[Wall, Database],
) -> None:
    standing, database = wall
    await put_fact(database, "before")
    standing.fall_silent()
    async with asyncio.timeout(8):
        await database.close()


@pytest.mark.usefixtures("impatient")
async def test_an_upgrade_may_take_as_long_as_it_needs(store: Store) -> None:
    hasty = store.open()
    with pytest.raises(UnavailableError):
        async with hasty.write() as connection:
            await connection.execute(sa.text("SELECT pg_sleep(1)"))
    async with hasty.rebuild() as connection:
        await connection.execute(sa.text("SELECT pg_sleep(1)"))
    await hasty.close()


async def test_a_restarted_server_is_used_again_by_all_the_pools_connections(
    database: Database, postgres: Postgres
) -> None:
    async with database.write() as one, database.write() as two, database.read() as three:
        for connection in (one, two, three):
            await facts.get(connection, "fact")
    postgres.restart()
    for value in "abc":
        await put_fact(database, value)
    async with database.read() as connection:
        assert await facts.get(connection, "fact") == "c"


async def test_two_in_each_others_way_end_with_one_done_and_one_told(
    database: Database,
) -> None:
    """A write is not run again by itself: only its caller knows what has to be run."""
    await put_fact(database, "a")
    async with database.write() as connection:
        await facts.put(connection, "other", "a")
    met = asyncio.Barrier(2)

    async def write(first: str, second: str) -> None:
        async with database.write() as connection:
            await facts.put(connection, first, "b")
            await met.wait()
            await facts.put(connection, second, "b")

    outcomes = await asyncio.gather(
        write("fact", "other"), write("other", "fact"), return_exceptions=True
    )
    (told,) = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(told, UnavailableError)
    assert "the next try may pass" in str(told)


async def test_a_servers_stricter_default_does_not_make_writes_fail(
    database: Database, postgres: Postgres
) -> None:
    await postgres.execute(
        "ALTER DATABASE migrated SET default_transaction_isolation = 'serializable'"
    )
    try:
        async with database.write() as writing, database.read() as reading:
            level = sa.text("SHOW transaction_isolation")
            assert (await writing.execute(level)).scalar_one() == "read committed"
            assert (await reading.execute(level)).scalar_one() == "repeatable read"
    finally:
        await postgres.execute("ALTER DATABASE migrated RESET default_transaction_isolation")


async def test_what_only_looks_cannot_write(database: Database) -> None:
    with pytest.raises(UnavailableError, match="read-only"):
        async with database.read() as connection:
            await facts.put(connection, "fact", "true")


@pytest.mark.parametrize(
    ("words", "left", "pooled"),
    [
        ("", "", False),
        ("?sslmode=require", "?sslmode=require", False),
        ("?sslmode=require&channel_binding=require", "?sslmode=require", False),
        ("?channel_binding=prefer", "?", False),
        (
            "?sslmode=verify-full&sslrootcert=%2Fca.pem",
            "?sslmode=verify-full&sslrootcert=%2Fca.pem",
            False,
        ),
        ("?pgbouncer=true&connection_limit=1", "?", True),
        ("?pgbouncer=false", "?", False),
        (
            "?host=%2Frun%2Fpostgresql&application_name=a+b",
            "?host=%2Frun%2Fpostgresql&application_name=a+b",
            False,
        ),
    ],
)
def test_words_for_other_programs_do_not_reach_asyncpg(words: str, left: str, pooled: bool) -> None:  # noqa: FBT001 - an expected value
    assert postgres.read_words(f"postgresql://foley@h/foley{words}") == (
        f"postgresql://foley@h/foley{left}",
        pooled,
    )


@pytest.mark.parametrize(
    "words",
    [
        "sslmode=disable",
        "sslmode=prefer",
        "sslmode=prefer&channel_binding=prefer",
        "sslmode=disable&channel_binding=require&connect_timeout=10",
        "sslmode=prefer&pgbouncer=true&connection_limit=1",
    ],
)
async def test_providers_words_are_understood(wall: tuple[Wall, Database], words: str) -> None:
    url = str(wall[1].address.postgres).replace("sslmode=disable", words)
    database = Database.open(read_address(url))
    async with database.read() as connection:
        assert await facts.get(connection, "fact") is None
    await database.close()


async def test_a_server_without_encryption_is_refused_where_it_is_required(
    wall: tuple[Wall, Database],
) -> None:
    url = str(wall[1].address.postgres).replace("sslmode=disable", "sslmode=require")
    database = Database.open(read_address(url))
    with pytest.raises(UnavailableError, match="SSL"):
        await put_fact(database, "never")
    await database.close()


async def test_pgbouncer_true_prepares_nothing_that_outlives_its_transaction(
    postgres_store: Store,
) -> None:
    url = f"{postgres_store.address.postgres}&pgbouncer=true"
    database = Database.open(read_address(url))
    for value in "abc":
        await put_fact(database, value)
    async with database.write() as connection:
        prepared = await connection.execute(sa.text("SELECT name FROM pg_prepared_statements"))
        assert [name for (name,) in prepared if name] == []
    await database.close()


@contextmanager
def running_pgbouncer(folder: Path, server: str) -> Iterator[str]:
    """Start a PgBouncer that lends two connections by transaction; skip where there is none."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("there is no PgBouncer here")
    folder.chmod(0o777)
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\nmigrated = host={server} dbname=migrated user=postgres\n"
        f"[pgbouncer]\nunix_socket_dir = {folder}\nlisten_port = 6432\nauth_type = any\n"
        f"auth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    command = [program, "-u", Path(server).owner(), str(folder / "pgbouncer.ini")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:  # noqa: S603 - ours
        try:
            wait_until_it_answers(folder / ".s.PGSQL.6432")
            yield f"postgresql://postgres:@/migrated?host={quote(str(folder), safe='')}&port=6432"
        finally:
            running.terminate()


def wait_until_it_answers(path: Path) -> None:
    """A socket is there a moment before anybody listens on it."""
    for _ in range(500):
        with socket.socket(socket.AF_UNIX) as caller:
            if caller.connect_ex(str(path)) == 0:
                return
        time.sleep(0.01)
    pytest.fail(f"nobody answers at {path}")


@pytest.mark.usefixtures("postgres_store")
async def test_a_pgbouncer_that_lends_by_transaction_may_stand_between(postgres: Postgres) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="pgb", dir="/tmp") as folder,
        running_pgbouncer(Path(folder), folder_of(postgres.uri)) as url,
    ):
        databases = [Database.open(read_address(f"{url}&pgbouncer=true")) for _ in range(2)]
        await migrate.upgrade(databases[0])

        async def work(number: int) -> None:
            database = databases[number % 2]
            async with database.write() as connection:
                job = await add_job(connection, number)
            async with database.read() as connection:
                assert await jobs.get(connection, job.id) == job

        for first in range(1, 101, 20):
            await asyncio.gather(*map(work, range(first, first + 20)))
        for database in databases:
            await database.close()


def test_asyncpg_has_learnt_no_word_that_is_kept_from_it() -> None:
    """Once it binds channels itself, the word has to reach it."""
    source = Path(asyncpg.__file__).with_name("connect_utils.py").read_text("utf-8")
    assert [word for word in postgres._NOT_FOR_ASYNCPG if f"'{word}'" in source] == []
