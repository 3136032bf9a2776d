"""What was asked of NetMind, step by step, and what it answered."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from typing import Any

from bot.media.facts import Probe as FileFacts
from bot.netmind import protocol
from bot.netmind.errors import NetmindError
from bot.netmind.protocol import Generation


class Step(enum.StrEnum):
    """Why something was asked."""

    LIST_BEFORE = "list before"
    BARE_TOKEN = "list with the token alone"  # noqa: S105 - no token
    WRONG_KEY = "list with a wrong key"
    UNKNOWN_ID = "get an unknown id"
    UNKNOWN_MODEL = "create with an unknown model"
    CREATE = "create"
    LIST_AFTER_CREATE = "list right after create"
    POLL = "get"
    LIST_WHOLE = "list all of them"
    LIST_PAGED = "list one of them"
    LINK = "open the result"
    PRESIGNED = "ask for a fresh link"
    PRESIGNED_LINK = "open the fresh link"
    CREATE_SECOND = "create a second"
    GET_RUNNING = "get it before delete"
    DELETE_RUNNING = "delete it while it runs"
    GET_DELETED = "get it right after"
    GET_DELETED_LATER = "get it later"
    LIST_AFTER_DELETE = "list after delete"
    WRONG_VALUE = "create with a wrong value"
    WRONG_VALUE_POLL = "get what had a wrong value"
    LONG_PROMPT = "create with a long prompt"
    LONG_PROMPT_POLL = "get what had a long prompt"
    LINK_LATER = "open the result later"
    DELETE = "delete"
    LINK_DELETED = "open the result after delete"
    CLEAN_UP = "delete what was made"


@dataclasses.dataclass(frozen=True)
class Exchange:
    """One request and its answer. `status` None: there was none, and `error` says why.

    `seconds`: until it was there. `body`: JSON, else None. `host` and `query`: of an opened link.
    """

    step: Step
    at: dt.datetime
    seconds: float
    status: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    content: bytes = dataclasses.field(default=b"", repr=False)
    body: object = dataclasses.field(default=None, repr=False)
    error: str = ""

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return self.status is not None and protocol.is_success(self.status)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The answer if it is an object."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def generation(self) -> Generation | None:
        """The generation that it tells of."""
        try:
            return protocol.read_generation(self.body) if self.is_success else None
        except NetmindError:
            return None

    @property
    def listed(self) -> list[Generation] | None:
        """The generations that it lists, in its order; None: it is no list."""
        try:
            return protocol.read_list(self.body) if self.is_success else None
        except NetmindError:
            return None


@dataclasses.dataclass
class Record:
    """Everything that was asked, in order, and what was made.

    `made`: the ids of generations, and whether each is deleted. `unclear`: requests to make one
    of which nobody knows what came of them. `stopped`: why it ended early.
    """

    exchanges: list[Exchange] = dataclasses.field(default_factory=list)
    made: dict[str, bool] = dataclasses.field(default_factory=dict)
    unclear: int = 0
    file: FileFacts | None = None
    stopped: str | None = None

    def at(self, *steps: Step) -> Iterator[Exchange]:
        """Yield what was asked in these steps, in order."""
        return (exchange for exchange in self.exchanges if exchange.step in steps)

    def last(self, step: Step) -> Exchange | None:
        """Return the last answer to this step, if it was asked."""
        return next((each for each in reversed(self.exchanges) if each.step is step), None)

    def generations(self, *steps: Step) -> list[tuple[Exchange, Generation]]:
        """Return the answers to these steps that tell of a generation."""
        read = ((each, each.generation) for each in self.at(*steps))
        return [(each, generation) for each, generation in read if generation is not None]

    @property
    def first(self) -> list[tuple[Exchange, Generation]]:
        """All that was told of the first generation, from its creation on."""
        return self.generations(Step.CREATE, Step.POLL)

    def result(self) -> tuple[Exchange, Generation] | None:
        """Return the first answer that tells where the first generation's result is."""
        return next(((each, found) for each, found in self.first if found.results), None)
