"""One model of the catalogue: what it may be asked, and how that is written for NetMind."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.errors import FoleyError
from bot.language import OPTION, Sentence
from bot.netmind.option import Option, Value, Wire

# Names that Foley's own commands and options have already.
_TAKEN_KINDS = frozenset(
    {"job", "jobs", "queue", "privacy", "help", "preferences", "studio", "operator"}
)
_TAKEN_OPTIONS = frozenset({"prompt", "model", "private"})

_SEED = "seed"
_LARGEST_SEED = 2**31 - 1


class OptionsRefused(FoleyError):  # noqa: N818 - named after the condition
    """A prompt or option will not do; `problems` has one sentence each, for the person."""

    def __init__(self, problems: list[Sentence]) -> None:
        self.problems = problems
        super().__init__(" ".join(map(str, problems)))


class Model(BaseModel):
    """One model; times are in seconds, `prompt_limit` is in characters."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, protected_namespaces=())

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    title: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    id: Annotated[str, Field(min_length=1, max_length=150)]
    typical_seconds: Annotated[float, Field(gt=0)]
    deadline_seconds: Annotated[float, Field(gt=0, le=86400)]
    prompt_limit: Annotated[int, Field(ge=1, le=6000)]
    licence: str = ""
    prompt_wire: Wire = "prompt"
    """NetMind's name for the prompt."""
    video_input: Wire | None = None
    """NetMind's name for the link of a video that gets a sound; None: the model takes no video."""
    always: dict[Wire, Value] = {}
    """What the operator always sends, by wire name."""
    options: dict[str, Option] = {}

    @field_validator("kind")
    @classmethod
    def _not_taken(cls, kind: str) -> str:
        if kind in _TAKEN_KINDS:
            raise ValueError(f"{kind} is a command of Foley's own")
        return kind

    @field_validator("options", mode="before")
    @classmethod
    def _named(cls, options: Any) -> Any:
        if isinstance(options, dict) and (taken := sorted(_TAKEN_OPTIONS & options.keys())):
            raise ValueError(f"{', '.join(taken)}: every command has that already")
        return with_keys(options)

    @model_validator(mode="after")
    def _check_wires(self) -> Self:
        inputs = [name for name in (self.prompt_wire, self.video_input) if name is not None]
        others = set(self.always).union(*(option.wires() for option in self.options.values()))
        if len({*inputs}) < len(inputs) or not others.isdisjoint(inputs):
            raise ValueError(f"{' and '.join(inputs)}: prompt and video need names of their own")
        names = others.union(inputs)
        for name in sorted(names):
            if any(other.startswith(f"{name}.") for other in names):
                raise ValueError(f"{name} cannot be a value and hold others too")
        return self

    @property
    def takes_video(self) -> bool:
        """Whether it can make a sound for a video; its result is then that video with the sound."""
        return self.video_input is not None

    @property
    def seed_option(self) -> Option | None:
        """The option by which the same result can be had again: the whole number named `seed`."""
        option = self.options.get(_SEED)
        return option if option and option.type == "integer" else None

    def fresh_seed(self, randbelow: Callable[[int], int]) -> int | None:
        """Draw a seed that can be sent, shown and used again; `randbelow(n)` is from 0 to n - 1.

        None: the model has no option named `seed`, or the operator has decided on its value. A
        negative seed is never drawn: it may mean "any".
        """
        option = self.seed_option
        if option is None or option.default is not None or option.wires() & self.always.keys():
            return None
        low = max(0, int(option.min or 0))
        high = _LARGEST_SEED if option.max is None else int(option.max)
        return low + randbelow(high - low + 1) if low <= high else None

    def seconds(self, options: Mapping[str, Any]) -> float | None:
        """Return how long the result will be, in seconds; None: no option says so."""
        lengths = [
            self.options[name].length(value)
            for name, value in options.items()
            if name in self.options and value is not None
        ]
        return max((length for length in lengths if length is not None), default=None)

    def problems(self, prompt: str, options: Mapping[str, object]) -> list[Sentence]:
        """Return one plain sentence for each thing that will not do; none if all is well.

        An option that is None counts as not set.
        """
        return [*self._prompt_problems(prompt), *self._option_problems(options)]

    def _prompt_problems(self, prompt: str) -> Iterator[Sentence]:
        length = len(prompt.strip())
        if _is_blank(prompt):
            yield Sentence("The prompt is empty; describe what you would like.")
        elif length > self.prompt_limit:
            yield Sentence.of(
                "The prompt has {length} characters; {model} takes at most {limit}.",
                length=length,
                model=Sentence(self.title),
                limit=self.prompt_limit,
            )

    def _option_problems(self, options: Mapping[str, object]) -> Iterator[Sentence]:
        for key, value in _set_only(options).items():
            option = self.options.get(key)
            problem = option.problem(value) if option else self._unknown(key)
            if problem is not None:
                yield problem

    def _unknown(self, key: str) -> Sentence:
        name = Sentence(key[:32], context=OPTION)
        return Sentence.of(
            "{model} has no option {option}.", model=Sentence(self.title), option=name
        )

    def config(
        self, prompt: str, options: Mapping[str, object], *, video: str | None = None
    ) -> dict[str, object]:
        """Return the `config` of a create call: the prompt, and only what somebody set.

        What the person set goes before an option's default, and that before the operator's
        `always`. `video` is a link that NetMind can read, to a video that gets a sound. Raises
        OptionsRefused: the catalogue may have changed since the job was accepted.
        """
        problems = self.problems(prompt, options)
        if video is not None and not self.takes_video:
            problems.append(
                Sentence.of("{model} cannot make a sound for a video.", model=Sentence(self.title))
            )
        if problems:
            raise OptionsRefused(problems)
        defaults = {key: option.default for key, option in self.options.items()}
        chosen = _set_only(defaults) | _set_only(options)
        sent: dict[str, object] = dict(self.always)
        for key, value in chosen.items():
            sent |= self.options[key].sent(value)
        if video is not None and self.video_input is not None:
            sent[self.video_input] = video
        sent[self.prompt_wire] = prompt.strip()
        return _nested(sent)


def with_keys(tables: Any) -> Any:
    """Return tables that each know the name they stand under; anything else as it is."""
    if not isinstance(tables, dict):
        return tables
    return {
        key: {**table, "key": key} if isinstance(table, dict) else table
        for key, table in tables.items()
    }


def _nested(sent: Mapping[str, object]) -> dict[str, object]:
    """Return the values with dotted names as objects: `voice.speed` is `speed` within `voice`."""
    config: dict[str, Any] = {}
    for name, value in sent.items():
        *outer, last = name.split(".")
        place = config
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return config


def _set_only(options: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in options.items() if value is not None}


def _is_blank(text: str) -> bool:
    """Whether nothing in a text can be seen: spaces, zero-width characters and the like."""
    return all(unicodedata.category(letter)[0] in "CZ" for letter in text)
