"""One model of the catalogue: what it may be asked, and how that is written for NetMind."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.errors import FoleyError
from bot.netmind.option import Option, Value, Wire

# Names that Foley's own commands and options have already.
_TAKEN_KINDS = frozenset({"job", "jobs", "queue", "privacy", "help", "studio", "operator"})
_TAKEN_OPTIONS = frozenset({"prompt", "model"})


class OptionsRefused(FoleyError):  # noqa: N818 - named after the condition
    """A prompt or option will not do; `problems` has one sentence each, for the person."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


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

    def problems(self, prompt: str, options: Mapping[str, object]) -> list[str]:
        """Return one plain sentence for each thing that will not do; none if all is well.

        An option that is None counts as not set.
        """
        return [*self._prompt_problems(prompt), *self._option_problems(options)]

    def _prompt_problems(self, prompt: str) -> Iterator[str]:
        length = len(prompt.strip())
        if _is_blank(prompt):
            yield "The prompt is empty; describe what you would like."
        elif length > self.prompt_limit:
            yield (
                f"The prompt has {length} characters; {self.title} takes at most "
                f"{self.prompt_limit}."
            )

    def _option_problems(self, options: Mapping[str, object]) -> Iterator[str]:
        for key, value in _set_only(options).items():
            option = self.options.get(key)
            problem = option.problem(value) if option else f"{self.title} has no option {key[:32]}."
            if problem:
                yield problem

    def config(self, prompt: str, options: Mapping[str, object]) -> dict[str, object]:
        """Return the `config` of a create call: the prompt, and only what somebody set.

        What the person set goes before an option's default, and that before the operator's
        `always`. Raises OptionsRefused: the catalogue may have changed since the job was accepted.
        """
        if problems := self.problems(prompt, options):
            raise OptionsRefused(problems)
        defaults = {key: option.default for key, option in self.options.items()}
        chosen = _set_only(defaults) | _set_only(options)
        sent: dict[str, object] = dict(self.always)
        for key, value in chosen.items():
            sent |= self.options[key].sent(value)
        return sent | {"prompt": prompt.strip()}


def with_keys(tables: Any) -> Any:
    """Return tables that each know the name they stand under; anything else as it is."""
    if not isinstance(tables, dict):
        return tables
    return {
        key: {**table, "key": key} if isinstance(table, dict) else table
        for key, table in tables.items()
    }


def _set_only(options: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in options.items() if value is not None}


def _is_blank(text: str) -> bool:
    """Whether nothing in a text can be seen: spaces, zero-width characters and the like."""
    return all(unicodedata.category(letter)[0] in "CZ" for letter in text)
