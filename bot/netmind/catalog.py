"""Which models there are: data, read from a file that an operator can replace.

catalog.toml beside this file is the packaged one, and says what can stand in such a file.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.errors import FoleyError
from bot.netmind.model import Model, with_keys
from bot.netmind.option import MAX_CHOICES, Option

PACKAGED = Path(__file__).with_name("catalog.toml")

MAX_MODELS = 25
"""Discord shows no more choices of one option, and the model is one."""
MAX_OPTIONS = 22
"""Discord takes 25 options of one command; prompt, model and private are three."""


class CatalogError(FoleyError):
    """The catalogue's file cannot be used; `problems` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    models: dict[str, Model] = Field(min_length=1)

    @field_validator("models", mode="before")
    @classmethod
    def _named(cls, models: Any) -> Any:
        return with_keys(models)


@dataclasses.dataclass(frozen=True, slots=True)
class Catalog:
    """All models on offer, in the file's order."""

    models: tuple[Model, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a catalogue, the packaged one by default; raises CatalogError."""
        path = path or PACKAGED
        try:
            file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise CatalogError([f"{path}: {said}" for said in _sentences(error)]) from error
        catalog = cls(tuple(file.models.values()))
        if problems := [*catalog._crowding()]:
            raise CatalogError([f"{path}: {problem}" for problem in problems])
        return catalog

    def kinds(self) -> tuple[str, ...]:
        """Return each kind once; they are the names of the slash commands."""
        return tuple(dict.fromkeys(model.kind for model in self.models))

    def of_kind(self, kind: str) -> tuple[Model, ...]:
        """Return the models of a kind; the first is what a person gets who names none."""
        return tuple(model for model in self.models if model.kind == kind)

    def taking_video(self) -> tuple[Model, ...]:
        """Return the models that can make a sound for a video; none: that is not on offer."""
        return tuple(model for model in self.models if model.takes_video)

    def get(self, key: str) -> Model | None:
        """Return the model with that key; None if the catalogue has it no more."""
        return next((model for model in self.models if model.key == key), None)

    def options(self, kind: str) -> tuple[Option, ...]:
        """Return the options of a kind's command: those of its models, the widest where they meet.

        Model.problems() still judges by the model that was chosen.
        """
        merged: dict[str, Option] = {}
        for model in self.of_kind(kind):
            for key, option in model.options.items():
                merged[key] = merged[key].widened(option) if key in merged else option
        return tuple(merged.values())

    def with_typical_seconds(self, by_kind: Mapping[str, float]) -> Self:
        """Return this catalogue with other typical times, e.g. those of the sandbox."""
        return type(self)(
            tuple(
                model.model_copy(
                    update={"typical_seconds": by_kind.get(model.kind, model.typical_seconds)}
                )
                for model in self.models
            )
        )

    def _crowding(self) -> Iterator[str]:
        """Yield what Discord would not take of the commands these models make together."""
        for kind in self.kinds():
            models, options = self.of_kind(kind), self.options(kind)
            if len(models) > MAX_MODELS:
                yield f"kind {kind} has {len(models)} models; at most {MAX_MODELS} are possible"
            if len(options) > MAX_OPTIONS:
                yield f"kind {kind} has {len(options)} options; at most {MAX_OPTIONS} are possible"
            for option in options:
                name = f"kind {kind}: option {option.key}"
                if len(option.choices) > MAX_CHOICES:
                    yield f"{name} has more than {MAX_CHOICES} choices in all its models together"
                namesakes = [model.options.get(option.key, option) for model in models]
                if any(namesake.type != option.type for namesake in namesakes):
                    yield f"{name} has different types in its models"


def _sentences(error: Exception) -> list[str]:
    """Say what is wrong with a file, one sentence for each place."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    return [
        f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
