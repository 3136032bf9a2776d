"""What happened, in order; the API's token never gets in."""

import asyncio
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

JSON = dict[str, Any]
LONGEST_STRING = 10_000
STRUCK = "{token}"


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    `kind` is `http` (a call of the API, or an upload), `download` (of a file), `violation`,
    `generation.created`, `.ended` or `.deleted`. A request is written down when it is over, what
    it brought about when that happened; `generation.ended` is written by the next request or
    reading of the ledger, with the time at which it ended.
    """

    seq: int
    at: str
    kind: str
    operation: str | None = None
    status: int | None = None
    """What the API made of a request; None: it was dropped unread."""
    answered: bool | None = None
    """False: the client never got the answer, or not the true one, or not whole."""
    fault: JSON | None = None
    generation_id: str | None = None
    prompt: str | None = None
    detail: JSON = field(default_factory=dict)

    def to_json(self) -> JSON:
        """Leave out the fields that say nothing."""
        silent: tuple[Any, ...] = (None, {})
        return {key: value for key, value in asdict(self).items() if value not in silent}


class Ledger:
    """Appends entries and wakes whoever waits for the next one."""

    def __init__(self, token: str) -> None:
        self.entries: list[Entry] = []
        self._token = token
        self._news = asyncio.Event()

    def add(self, at: datetime, kind: str, **facts: Any) -> Entry:
        """Append an entry, with every token struck out."""
        entry = Entry(len(self.entries) + 1, at.isoformat(), kind, **self._clean(facts))
        self.entries.append(entry)
        self._news.set()
        self._news = asyncio.Event()
        return entry

    async def wait(self, seq: int, timeout: float) -> None:
        """Wait for an entry after this one, but no longer than so many seconds."""
        if len(self.entries) > seq:
            return
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                return value.replace(self._token, STRUCK)[:LONGEST_STRING]
            case dict():
                return {key: self._clean(item) for key, item in value.items()}
            case list() | tuple():
                return [self._clean(item) for item in value]
            case _:
                return value
