"""One command from beginning to end: everything in the evidence that belongs to it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.rig.evidence import (
    Cancel,
    Command,
    DeliveryRow,
    EventRow,
    Evidence,
    Generation,
    JobRow,
    Message,
)

_MARKER = re.compile(r"(?<!\\)#(\d+) ·")
CANCELLED_WORD = "Cancelled"


@dataclass(frozen=True)
class Story:
    """A command and what became of it.

    `endings` are the new messages that tell its end; `card` is the answer to the command.
    """

    command: Command
    job: JobRow | None
    deliveries: tuple[DeliveryRow, ...]
    events: tuple[EventRow, ...]
    card: Message | None
    endings: tuple[Message, ...]
    generations: tuple[Generation, ...]
    cancels: tuple[Cancel, ...]

    def __str__(self) -> str:
        number = "no job" if self.job is None else f"job {self.job.id}"
        return f"{self.command.prompt!r} ({number})"

    @property
    def cancelled_on_card(self) -> bool:
        """Tell whether the card says that the job is cancelled."""
        return self.card is not None and CANCELLED_WORD in self.card.embeds

    @property
    def own_generation(self) -> Generation | None:
        """Return the generation that the job says is its own."""
        if self.job is None:
            return None
        return next((g for g in self.generations if g.id == self.job.generation_id), None)

    @property
    def ended_at(self) -> datetime | None:
        """Return when the person was told the end; None: never."""
        if self.endings:
            return min(message.at for message in self.endings)
        if self.cancelled_on_card and self.card is not None:
            return self.card.edited_at
        return None


def stories(evidence: Evidence) -> list[Story]:
    """Return the story of each command, in the order in which they were given."""
    told = dict(endings(evidence))
    return [_story(evidence, command, told) for command in evidence.commands]


def _story(evidence: Evidence, command: Command, told: dict[int, list[Message]]) -> Story:
    number = command.interaction_id
    records = evidence.records
    job = next((row for row in records.jobs if row.interaction_id == number), None)
    job_id = job.id if job else 0
    cards = (m for m in evidence.messages if m.interaction_id == number and not m.private)
    return Story(
        command=command,
        job=job,
        deliveries=tuple(row for row in records.deliveries if row.job_id == job_id),
        events=tuple(row for row in records.events if row.job_id == job_id),
        card=next(cards, None),
        endings=tuple(told.get(job_id, ())),
        generations=tuple(
            g for g in evidence.generations if g.prompt == command.prompt and not g.stranger
        ),
        cancels=tuple(c for c in evidence.cancels if c.of == number),
    )


def endings(evidence: Evidence) -> Iterable[tuple[int, list[Message]]]:
    """Return the messages that tell of an end, by the number of the job that they name."""
    found: defaultdict[int, list[Message]] = defaultdict(list)
    for message in own_posts(evidence):
        if named := _MARKER.search(message.content):
            found[int(named[1])].append(message)
    return found.items()


def own_posts(evidence: Evidence) -> Iterator[Message]:
    """Return what the bot wrote of its own accord, also what was deleted later."""
    for message in evidence.messages:
        if message.author == evidence.bot and message.interaction_id is None:
            yield message
