"""What takes a while and comes out the same for each bot: worked out once a test process.

Every world opens a database and logs a bot in. SQLAlchemy would put the same statements into words
for each database, and discord.py the same commands into eight languages for each bot.
"""

import json
from typing import Any

from discord.app_commands import CommandTree
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.client import Foley
from storage import sqlite

_statements: dict[Any, Any] = {}
_payloads: dict[str, str] = {}
_sync = CommandTree.sync


def keep_warm() -> None:
    """Have every bot of this process share them."""
    # SQLAlchemy keeps statements by dialect, of which each engine has its own.
    SQLiteDialect_aiosqlite.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    SQLiteDialect_aiosqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    sqlite.create_async_engine = _open_engine  # type: ignore[attr-defined]
    CommandTree.sync = _sync_again  # type: ignore[method-assign, assignment]


def _open_engine(*args: Any, **options: Any) -> AsyncEngine:
    engine = create_async_engine(*args, **options)
    engine.sync_engine.update_execution_options(compiled_cache=_statements)
    return engine


async def _sync_again(tree: CommandTree[Any], **options: Any) -> Any:
    """Give Discord the commands, in the words they had when they were the same."""
    client = tree.client
    if options or not isinstance(client, Foley) or tree.translator is None:
        return await _sync(tree, **options)
    digest = client.commands_digest()
    if digest not in _payloads:
        commands = tree.get_commands()
        payload = [await each.get_translated_payload(tree, tree.translator) for each in commands]
        _payloads[digest] = json.dumps(payload)
    return await tree._http.bulk_upsert_global_commands(
        client.application_id or 0, payload=json.loads(_payloads[digest])
    )
