"""An empty database for each case: a file, or a database of a PostgreSQL that runs all along."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.storage.stores import Postgres, running_postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Stores:
    """Where databases come from; `server` is None where no case needs one."""

    server: Postgres | None

    async def fresh(self, kind: str, folder: Path) -> str:
        """Make an empty database and return its DATABASE_URL; the folder gives it its name."""
        if kind == SQLITE:
            return f"sqlite:///{folder / 'foley.db'}"
        assert self.server is not None
        store = await self.server.create(folder.name.replace("-", "_"))
        assert store.address.postgres is not None
        return store.address.postgres

    async def drop(self, kind: str, folder: Path) -> None:
        """Give the place back."""
        if kind == POSTGRESQL and self.server is not None:
            name = folder.name.replace("-", "_")
            await self.server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def stores(*kinds: str) -> Iterator[Stores]:
    """Start what these kinds of store need."""
    if POSTGRESQL not in kinds:
        yield Stores(None)
        return
    with running_postgres() as server:
        # Many bots at once, each with a pool; and what a kill leaves is noticed only later.
        with (server.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write("max_connections = 500\n")
        server.restart()
        yield Stores(server)
