"""How coming generations go, when a test decides it; trouble on the wire is in `faults`."""

from dataclasses import asdict, dataclass, replace
from typing import Literal, Self

from bot.sandbox.generation import Shape
from tests.standins.netmind.ledger import JSON

Content = Literal["media", "html", "empty"]
WITHOUT_FILES = frozenset({"failed", "error", "cancelled", "canceled"})


@dataclass(frozen=True)
class Outcome:
    """What becomes of the next `times` generations of a model, after `skip` others.

    `model` `*` is any. Times are in seconds; `pending` and `making` None are as the settings say.
    The list lacks a generation from `unlisted_after` its creation for `unlisted_for` (None: for
    good); looking at it is a 404 from `unfound_after` for `unfound_for`.
    """

    model: str = "*"
    times: int = 1
    skip: int = 0
    status: str = "completed"
    """The last word."""
    logs: tuple[str, ...] = ()
    """Told with the last word."""
    running_word: str | None = None
    """Instead of `initializing`."""
    pending: float | None = None
    making: float | None = None
    endless: bool = False
    result_after: float | None = 0.0
    """How long after the end the result shows; None: never."""
    unlisted_after: float = 0.0
    unlisted_for: float | None = 0.0
    unfound_after: float = 0.0
    unfound_for: float | None = 0.0
    shape: Shape | None = None
    clock_offset: float = 0.0
    """Shifts the times that are told of it."""
    files: int = 1
    content: Content = "media"
    size: int = 0
    """Each file has at least so many bytes."""
    name: str | None = None
    link: str | None = None
    """Told instead of the stand-in's own link to the file."""

    @classmethod
    def from_json(cls, facts: JSON) -> Self:
        return cls(**facts | {"logs": tuple(facts.get("logs", ()))})

    def to_json(self) -> JSON:
        return asdict(self)

    def on(self, model: str = "*", *, times: int = 1, skip: int = 0) -> Self:
        """Return the same outcome for these generations."""
        return replace(self, model=model, times=times, skip=skip)

    def unlisted(self, age: float) -> bool:
        """Whether the list lacks a generation of this age."""
        return _within(age, self.unlisted_after, self.unlisted_for)

    def unfound(self, age: float) -> bool:
        """Whether a look at a generation of this age is a 404."""
        return _within(age, self.unfound_after, self.unfound_for)


class Outcomes:
    """The planned outcomes, oldest first."""

    def __init__(self) -> None:
        self.planned: list[Outcome] = []

    def take(self, model: str) -> Outcome:
        """Return the outcome for this generation; it is used up by one."""
        for index, outcome in enumerate(self.planned):
            if outcome.model not in {"*", model}:
                continue
            if outcome.skip:
                self.planned[index] = replace(outcome, skip=outcome.skip - 1)
                continue
            self.planned[index] = replace(outcome, times=outcome.times - 1)
            self.planned = [planned for planned in self.planned if planned.times > 0]
            return outcome
        return Outcome()


def completed(*, pending: float | None = None, making: float | None = None) -> Outcome:
    """It goes well, at this pace."""
    return Outcome(pending=pending, making=making)


def finished_at_once() -> Outcome:
    """It is completed before the first look: in the answer of the create call."""
    return Outcome(pending=0.0, making=0.0)


def failed(*logs: str, status: str = "failed") -> Outcome:
    """It fails, for this reason."""
    return Outcome(status=status, logs=logs)


def never_ending(word: str | None = None) -> Outcome:
    """It stays `initializing`, or in another word, for ever."""
    return Outcome(endless=True, running_word=word)


def worded(running: str, last: str = "completed") -> Outcome:
    """It goes well, in other words than the usual ones."""
    return Outcome(status=last, running_word=running)


def without_result(seconds: float | None = None, *logs: str) -> Outcome:
    """It is completed, but its result shows so much later, or never."""
    return Outcome(result_after=seconds, logs=logs)


def vanishing(after: float, seconds: float | None = None, *, found: bool = True) -> Outcome:
    """The list loses it for a while, or for good; without `found` a look is a 404 as well."""
    unfound = 0.0 if found else seconds
    return Outcome(
        unlisted_after=after, unlisted_for=seconds, unfound_after=after, unfound_for=unfound
    )


def slow_to_appear(seconds: float) -> Outcome:
    """Neither the list nor a look knows it at first."""
    return Outcome(unlisted_for=seconds, unfound_for=seconds)


def misdated(seconds: float) -> Outcome:
    """Its times are told wrong by so much."""
    return Outcome(clock_offset=seconds)


def large(size: int) -> Outcome:
    """Its file has this many bytes."""
    return Outcome(size=size)


def not_media(content: Content = "html") -> Outcome:
    """Its file is a web page, or empty."""
    return Outcome(content=content)


def several_files(number: int) -> Outcome:
    return Outcome(files=number)


def linked(link: str) -> Outcome:
    """Its result is said to be at this address."""
    return Outcome(link=link)


def _within(age: float, start: float, length: float | None) -> bool:
    return age >= start and (length is None or age < start + length)
