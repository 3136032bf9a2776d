"""What happened, in order; no token ever gets in."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.standins.discord.world import JSON, TOKEN_MARK

LONGEST_STRING = 4000
INTERACTION_TOKEN = re.compile(re.escape(TOKEN_MARK) + "[0-9a-f]+")


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    `kind` is `http` (a request to the API), `download` (of an attachment), `interaction` (a person
    acted), `gateway.open`, `.identify`, `.resume`, `.event`, `.close` or `violation`.
    """

    seq: int
    at: str
    kind: str
    method: str | None = None
    path: str | None = None
    route: str | None = None
    status: int | None = None
    """None: the request never arrived whole, or was dropped unread."""
    answered: bool | None = None
    """False: the bot was not told what became of its request."""
    fault: JSON | None = None
    body: Any = None
    files: list[JSON] = field(default_factory=list)
    """Of each file: name, size and sha256."""
    nonce: str | int | None = None
    repeated: bool = False
    """The nonce was known: the first message was returned and nothing new was made."""
    message_id: int | None = None
    channel_id: int | None = None
    interaction_id: int | None = None
    detail: JSON = field(default_factory=dict)

    def to_json(self) -> JSON:
        """Leave out the fields that say nothing."""
        silent: tuple[Any, ...] = (None, [], {})
        told = {key: value for key, value in vars(self).items() if value not in silent}
        return told if self.repeated else {k: v for k, v in told.items() if k != "repeated"}


class Ledger:
    """Appends entries and wakes whoever waits for the next one."""

    def __init__(self, bot_token: str) -> None:
        self.entries: list[Entry] = []
        self._bot_token = bot_token
        self._news = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()

    def add(self, at: datetime, kind: str, **facts: Any) -> Entry:
        """Append an entry, with every token struck out."""
        entry = Entry(len(self.entries) + 1, at.isoformat(), kind, **self._clean(facts))
        self.entries.append(entry)
        waker = asyncio.get_running_loop().create_task(self._wake())
        self._wakers.add(waker)
        waker.add_done_callback(self._wakers.discard)
        return entry

    async def after(self, seq: int, timeout: float) -> list[Entry]:
        """Return the entries that follow; waits for the first of them, but no longer than this."""
        async with self._news:
            try:
                async with asyncio.timeout(timeout):
                    await self._news.wait_for(lambda: len(self.entries) > seq)
            except TimeoutError:
                return []
        return self.entries[seq:]

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                cut = value.replace(self._bot_token, "{token}")[:LONGEST_STRING]
                return INTERACTION_TOKEN.sub("{token}", cut)
            case dict():
                return {key: self._clean(item) for key, item in value.items()}
            case list():
                return [self._clean(item) for item in value]
            case _:
                return value
