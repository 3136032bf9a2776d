"""One option of a model: what a person may set, and what is sent for it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.language import OPTION, Sentence

MAX_CHOICES = 25
"""Discord shows no more choices of one option."""

_MAX_TEXT = 6000
_MAX_NUMBER = 2**53

Wire = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^.]+(\.[^.]+)*$")]
"""A name at NetMind; `voice.speed` is `speed` within the object `voice`."""
Label = Annotated[str, Field(min_length=1, max_length=100)]
T = TypeVar("T", int, float)
Value = str | int | float | bool


class Option(BaseModel):
    """One option. `key` is its name in the slash command, `wire` its name at NetMind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]
    type: Literal["integer", "number", "text", "choice"]
    description: Annotated[str, Field(min_length=1, max_length=100)]
    wire: Wire = ""
    min: float | None = Field(default=None, ge=-_MAX_NUMBER, le=_MAX_NUMBER)
    max: float | None = Field(default=None, ge=-_MAX_NUMBER, le=_MAX_NUMBER)
    max_length: int | None = Field(default=None, ge=1, le=_MAX_TEXT)
    choices: dict[Label, dict[Wire, Value]] = Field(default={}, max_length=MAX_CHOICES)
    default: Value | None = None
    seconds: dict[Label, float] = {}
    """How long the result is by each choice, where this option decides on that."""
    unit: Annotated[str, Field(max_length=10)] = ""
    """What a number of it is counted in, such as `s`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._misfits()]
        if self.default is not None and not problems and (unfit := self.problem(self.default)):
            problems = [f"default: {unfit}"]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _misfits(self) -> Iterator[str]:
        """Yield what does not go together in the table."""
        ends = [end for end in (self.min, self.max) if end is not None]
        if ends and self.type not in {"integer", "number"}:
            yield "min and max belong to integer and number"
        if self.type == "integer" and not all(end.is_integer() for end in ends):
            yield "min and max of an integer are whole numbers"
        if ends != sorted(ends):
            yield "min is greater than max"
        if self.max_length is not None and self.type != "text":
            yield "max_length belongs to text"
        if not self.seconds.keys() <= self.choices.keys():
            yield "seconds has a line for a choice that there is none of"
        if bool(self.choices) != (self.type == "choice"):
            yield "choices belong to choice, which needs them"

    @property
    def name(self) -> Sentence:
        """What people read: the key in words."""
        return Sentence(self.key.replace("_", " "))

    @property
    def typed(self) -> Sentence:
        """What people type in the command."""
        return Sentence(self.key, context=OPTION)

    def problem(self, value: object) -> Sentence | None:
        """Return one plain sentence about why `value` will not do, or None."""
        match self.type:
            case "integer":
                return self._integer_problem(value)
            case "number":
                return self._number_problem(value)
            case "text":
                return self._text_problem(value)
            case "choice":
                return self._choice_problem(value)

    def _integer_problem(self, value: object) -> Sentence | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return Sentence.of("{option} must be a whole number.", option=self.typed)
        return self._range_problem(value)

    def _number_problem(self, value: object) -> Sentence | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Sentence.of("{option} must be a number.", option=self.typed)
        return self._range_problem(value)

    def _range_problem(self, value: float) -> Sentence | None:
        low = -_MAX_NUMBER if self.min is None else self.min
        high = _MAX_NUMBER if self.max is None else self.max
        return None if low <= value <= high else self._outside()

    def _outside(self) -> Sentence:
        match self.min, self.max:
            case None, None:
                return Sentence.of("{option} must be a smaller number.", option=self.typed)
            case None, high:
                return Sentence.of(
                    "{option} must be at most {high}.", option=self.typed, high=f"{high:.15g}"
                )
            case low, None:
                return Sentence.of(
                    "{option} must be at least {low}.", option=self.typed, low=f"{low:.15g}"
                )
            case low, high:
                return Sentence.of(
                    "{option} must be between {low} and {high}.",
                    option=self.typed,
                    low=f"{low:.15g}",
                    high=f"{high:.15g}",
                )

    def _text_problem(self, value: object) -> Sentence | None:
        if not isinstance(value, str):
            return Sentence.of("{option} must be text.", option=self.typed)
        if self.max_length is None or len(value) <= self.max_length:
            return None
        return Sentence.of(
            "{option} has {length} characters; it takes at most {limit}.",
            option=self.typed,
            length=len(value),
            limit=self.max_length,
        )

    def _choice_problem(self, value: object) -> Sentence | None:
        if isinstance(value, str) and value in self.choices:
            return None
        return Sentence.of(
            "{option} must be one of: {choices}.",
            option=self.typed,
            choices=Sentence.row(map(Sentence, self.choices), "; "),
        )

    def shown(self, value: object) -> Sentence | str:
        """Return a value as people read it, with its unit; a choice is words of the catalogue."""
        if isinstance(value, str) and value in self.choices:
            return Sentence(value)
        if self.unit == "s":
            return Sentence.of("{count} s", count=value)
        return f"{value} {self.unit}" if self.unit else str(value)

    def length(self, value: Any) -> float | None:
        """Return how many seconds the result lasts by this value, if this option decides on it."""
        if isinstance(value, str):
            return self.seconds.get(value)
        return float(value) if self.unit == "s" else None

    def sent(self, value: Any) -> Mapping[str, object]:
        """Return the wire keys and values that a valid `value` stands for."""
        return self.choices[value] if self.type == "choice" else {self.wire or self.key: value}

    def wires(self) -> frozenset[str]:
        """Return every wire name that this option may set."""
        if self.type != "choice":
            return frozenset({self.wire or self.key})
        return frozenset(name for values in self.choices.values() for name in values)

    def widened(self, other: "Option") -> "Option":
        """Return this option, allowing what `other` of the same name allows too."""
        return self.model_copy(
            update={
                "min": _outer(min, self.min, other.min),
                "max": _outer(max, self.max, other.max),
                "max_length": _outer(max, self.max_length, other.max_length),
                "choices": other.choices | self.choices,
            }
        )


def _outer(pick: Callable[[T, T], T], mine: T | None, other: T | None) -> T | None:
    """Return the wider of two limits; None is no limit."""
    return None if mine is None or other is None else pick(mine, other)
