"""What a run left behind, as anybody outside the bot can see it.

People's commands and how they were answered, what Discord and NetMind hold and were asked, the
database at rest, and the log. `tests.rig.checker` judges it; `tests.rig.collect` reads it off the
stand-ins, another rig may fill it in by other means. Times are aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Answer(StrEnum):
    """What the person saw as the answer to what they did."""

    ACCEPTED = "accepted"  # a card; after Cancel: the card says that it is cancelled
    REFUSED = "refused"  # a sentence that says no
    SILENT = "silent"  # "the application did not respond", or it thinks for ever


@dataclass(frozen=True)
class Command:
    """A request for a generation. No two commands of a run have the same prompt."""

    interaction_id: int
    person: int
    channel: int
    prompt: str
    at: datetime
    answer: Answer


@dataclass(frozen=True)
class Cancel:
    """A press of Cancel on the card of the command `of` (its interaction's id)."""

    interaction_id: int
    of: int
    person: int
    at: datetime
    answer: Answer


@dataclass(frozen=True)
class File:
    """A file on a message."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Message:
    """A message as it stands at the end; a deleted one too.

    `embeds` is everything that embeds and components say, as text. `interaction_id`: it answers
    this interaction; None: it was sent with the bot's own token, or by a person.
    """

    id: int
    channel: int
    author: int
    at: datetime
    content: str = ""
    embeds: str = ""
    files: tuple[File, ...] = ()
    nonce: str | None = None
    mentions: tuple[int, ...] = ()
    reply_to: int | None = None
    interaction_id: int | None = None
    private: bool = False
    edited_at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Request:
    """One request of the bot's. `planned`: the rig itself had ordered this answer.

    `status` is None where no answer was given.
    """

    at: datetime
    to: Literal["discord", "netmind"]
    method: str
    route: str
    status: int | None
    planned: bool = False
    body: Any = None


@dataclass(frozen=True)
class Generation:
    """A generation that NetMind ever made.

    `size` is its file's, in bytes. `making` is how many seconds it took by itself. `stranger`:
    somebody else made it on the same account. `gone`: NetMind says that it does not know it, so
    nobody can delete it.
    """

    id: str
    prompt: str
    model: str
    created_at: datetime
    deleted_at: datetime | None
    sha256: str | None
    making: float
    stranger: bool = False
    gone: bool = False
    size: int = 0


@dataclass(frozen=True)
class JobRow:
    """What the checker needs of a row of `jobs`."""

    id: int
    interaction_id: int
    requester_id: int
    channel_id: int
    card_id: int | None
    card_closed: bool
    state: str
    attempts: int
    generation_id: str | None
    cleanup_at: datetime | None


@dataclass(frozen=True)
class DeliveryRow:
    """What the checker needs of a row of `deliveries`."""

    id: int
    job_id: int
    kind: str
    channel_id: int
    state: str
    message_id: int | None


@dataclass(frozen=True)
class EventRow:
    """A row of `job_events`: an edge that a job took."""

    job_id: int
    at: datetime
    from_state: str | None
    to_state: str
    note: str | None


@dataclass(frozen=True)
class Records:
    """The database at rest. `texts` has all that is stored as text, by table and column."""

    jobs: tuple[JobRow, ...] = ()
    deliveries: tuple[DeliveryRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """Everything about one run.

    `bot` is the bot's own id as an author. `secrets` are the words that may stand nowhere.
    `broken_rules` are the stand-ins' own complaints about what they were asked. `canary` lists what
    was asked of a server that nobody may ask anything. `closed_channels` are gone, or the bot may
    not write there. `allowed_errors` names log events that may carry a traceback in this run.
    """

    bot: int
    faults_stopped_at: datetime
    commands: tuple[Command, ...]
    records: Records
    cancels: tuple[Cancel, ...] = ()
    messages: tuple[Message, ...] = ()
    requests: tuple[Request, ...] = ()
    generations: tuple[Generation, ...] = ()
    logs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    broken_rules: tuple[str, ...] = ()
    canary: tuple[str, ...] = ()
    closed_channels: frozenset[int] = frozenset()
    allowed_errors: frozenset[str] = frozenset()
