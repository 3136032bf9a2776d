"""A generation as NetMind sees it: what was ordered, how far it is, how it is told.

pending --(pace.pending)--> initializing --(pace.making, the file is there)--> completed | failed

Nothing here does I/O: the state is a function of the record and the present time.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.sandbox.orders import Kind, Order
from bot.sandbox.shelf import StoredFile

Shape = Literal["A", "B", "C"]
"""The three forms an answer has had: the document's, that of 2025-09, that of 2025-12."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a kind of generation takes at least, in seconds."""

    pending: float = 0.8
    making: float = 2.2


DEFAULT_PACES: dict[Kind, Pace] = {
    "audio": Pace(pending=0.8, making=2.2),
    "video": Pace(pending=1.0, making=5.0),
    "image": Pace(pending=0.6, making=1.4),
    "speech": Pace(pending=0.6, making=1.4),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a generation ends when a test decides it instead of the renderer.

    status is any word, known or not. results says whether a completed one shows its file. body
    replaces the rendered file; size makes it longer, with zeros that are never held in memory.
    """

    status: str = "completed"
    logs: tuple[str, ...] = ()
    results: bool = True
    body: bytes | None = None
    size: int | None = None
    name: str | None = None
    content_type: str | None = None


@dataclass(slots=True)
class Generation:
    """One generation and everything the server knows of it."""

    model: str
    model_number: int
    order: Order
    pace: Pace
    created_at: datetime
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    backend_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    word: str = "completed"
    logs: tuple[str, ...] = ()
    file: StoredFile | None = None
    settled_at: datetime | None = None
    deleted_at: datetime | None = None

    def settle(self, word: str, *, now: datetime, logs: tuple[str, ...] = ()) -> None:
        """Fix the end; it shows once the pace allows it."""
        self.word, self.logs, self.settled_at = word, logs, now

    @property
    def started_at(self) -> datetime:
        """When a machine takes it."""
        return self.created_at + timedelta(seconds=self.pace.pending)

    @property
    def ended_at(self) -> datetime | None:
        """When it ends: never before its pace, never before its file was really made."""
        if self.settled_at is None:
            return None
        return max(self.settled_at, self.started_at + timedelta(seconds=self.pace.making))

    def status(self, now: datetime) -> str:
        """Say the status word at this time."""
        if now < self.started_at:
            return "pending"
        if self.ended_at is None or now < self.ended_at:
            return "initializing"
        return self.word

    def ended(self, now: datetime) -> bool:
        """Say whether the last word is already shown."""
        return self.ended_at is not None and now >= self.ended_at

    def updated_at(self, now: datetime) -> datetime:
        """Say when the state last changed."""
        if self.ended_at is not None and now >= self.ended_at:
            return self.ended_at
        return self.started_at if now >= self.started_at else self.created_at


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells a generation in one of the three shapes.

    link gives a fresh download address of a file.
    """

    shape: Shape
    user_id: str
    link: Callable[[StoredFile], str]

    def tell(self, generation: Generation, now: datetime) -> dict[str, Any]:
        """Give the JSON object of one generation."""
        shown = generation.file if generation.ended(now) else None
        answer = self._common(generation, now)
        if self.shape == "A":
            return answer | self._extras_of_a(generation, shown)
        answer["result"] = {"data": [self._entry(shown)]} if shown else {}
        if self.shape == "C":
            answer |= self._extras_of_c(generation, now)
        return answer

    def _common(self, generation: Generation, now: datetime) -> dict[str, Any]:
        deleted = generation.deleted_at
        return {
            "id": generation.id,
            "user_id": self.user_id,
            "status": generation.status(now),
            "created_at": stamp(generation.created_at),
            "updated_at": stamp(generation.updated_at(now)),
            "deleted_at": stamp(deleted) if deleted else None,
            "is_deleted": deleted is not None,
        }

    def _extras_of_a(self, generation: Generation, shown: StoredFile | None) -> dict[str, Any]:
        meta = {"file_id": shown.id, "result_download_url": self.link(shown)} if shown else {}
        return {
            "model_id": generation.model_number,
            "backend_id": generation.backend_id,
            "payment_type": "usd",
            "meta_info": meta,
        }

    def _extras_of_c(self, generation: Generation, now: datetime) -> dict[str, Any]:
        end = generation.ended_at if generation.ended(now) and generation.ended_at else now
        waited = min(now, generation.started_at) - generation.created_at
        return {
            "logs": [{"text": text} for text in generation.logs if generation.ended(now)],
            "pending_duration": round(waited.total_seconds(), 3),
            "processing_duration": max(
                0.0, round((end - generation.started_at).total_seconds(), 3)
            ),
        }

    def _entry(self, file: StoredFile) -> dict[str, Any]:
        entry = {"url": self.link(file)}
        if self.shape == "C":
            entry |= {"file_id": file.id, "file_name": file.name, "file_type": file.content_type}
        return entry


def stamp(time: datetime) -> str:
    """Write a time as the API does: UTC, no zone, whole seconds."""
    return time.strftime("%Y-%m-%d %H:%M:%S")
