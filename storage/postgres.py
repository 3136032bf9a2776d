"""PostgreSQL through asyncpg.

Its address goes to asyncpg as it is, because `postgres://` and `?sslmode=` are its own words and
SQLAlchemy's reading of them differs. With `?pgbouncer=true` in it nothing outlives a transaction
on the server's side, so that a PgBouncer may lend connections by transaction. That makes each
statement a fifth to a third slower, for it is prepared anew; so it has to be asked for.
"""

from collections.abc import Awaitable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_SECONDS = 30.0
CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
CONNECTIONS = 8

# A process that is stopped within a transaction must not keep its locks for longer than its
# claims. A PgBouncer does not pass this on.
_SERVER = {"idle_in_transaction_session_timeout": "15000"}

# Words for other programs, which asyncpg would take for settings of the server.
_NOT_FOR_ASYNCPG = frozenset(
    {
        "channel_binding",
        "connect_timeout",
        "connection_limit",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "pgbouncer",
        "pool_timeout",
        "sslcompression",
        "sslsni",
    }
)


def open_engine(url: str, *, command_seconds: float | None) -> AsyncEngine:
    """Prepare a pool; a statement that takes longer than `command_seconds` loses its connection."""
    address, pooled = read_words(url)
    # Without a cache asyncpg names no statement: the next one takes the place of the last.
    driver = {"statement_cache_size": 0} if pooled else {}
    dialect = {"prepared_statement_cache_size": 0} if pooled else {}

    def connect() -> Awaitable[Any]:
        connection: Awaitable[Any] = asyncpg.connect(
            address,
            timeout=CONNECT_SECONDS,
            command_timeout=command_seconds,
            server_settings={} if pooled else _SERVER,
            **driver,
        )
        return connection

    engine = create_async_engine(
        "postgresql+asyncpg://",
        hide_parameters=True,  # an error's text must not hold a prompt
        async_creator=connect,
        connect_args=dialect,
        pool_size=CONNECTIONS,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
    )
    sa.event.listen(engine.sync_engine, "handle_error", _throw_away_what_hangs)
    return engine


def _throw_away_what_hangs(context: sa.engine.ExceptionContext) -> None:
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def read_words(url: str) -> tuple[str, bool]:
    """Return the address in asyncpg's words alone, and whether it says pgbouncer=true."""
    address, mark, query = url.partition("?")
    words = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in words if name not in _NOT_FOR_ASYNCPG]
    return f"{address}{mark}{urlencode(kept)}", ("pgbouncer", "true") in words
