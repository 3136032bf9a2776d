"""Slash-command options made from the catalogue."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.language import Sentence
from bot.netmind.catalog import Catalog
from bot.netmind.option import Option
from bot.translator import said_later


@dataclass(frozen=True)
class Parameters:
    """The parameters of one command: their signature, descriptions and choices."""

    signature: inspect.Signature
    descriptions: dict[str, str | app_commands.locale_str]
    choices: dict[str, list[app_commands.Choice[str]]]

    def attach(self, callback: Callable[..., Any]) -> None:
        """Give the callback this signature, in the way discord.py reads one."""
        callback.__signature__ = self.signature  # type: ignore[attr-defined] # inspect reads it
        app_commands.describe(**self.descriptions)(callback)
        app_commands.choices(**self.choices)(callback)


def parameters(catalog: Catalog, kind: str) -> Parameters:
    """Return the parameters of the command that makes this kind of thing."""
    options = catalog.options(kind)
    models = [
        app_commands.Choice(name=each.title, value=each.key) for each in catalog.of_kind(kind)
    ]
    fields = [
        _parameter("interaction", discord.Interaction),
        _parameter("prompt", str),
        _parameter("model", str | None, None),
        *(_parameter(option.key, _annotation(option), None) for option in options),
        _parameter("private", bool | None, None),
    ]
    return Parameters(
        inspect.Signature(fields),
        {
            "prompt": "Describe what you would like",
            "model": said_later(
                Sentence.of(
                    "Which model makes it (usually {model})", model=Sentence(models[0].name)
                )
            ),
            **{option.key: option.description for option in options},
            "private": "Only you get it: by direct message, or with /job",
        },
        {
            "model": models,
            **{option.key: _choices(option) for option in options if option.choices},
        },
    )


def _parameter(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        annotation=annotation,
        default=default,
    )


def _annotation(option: Option) -> Any:
    ranged: Any = app_commands.Range
    has_range = option.min is not None or option.max is not None
    if option.type == "integer":
        ends = [None if end is None else int(end) for end in (option.min, option.max)]
        return (ranged[int, *ends] if has_range else int) | None
    if option.type == "number":
        return (ranged[float, option.min, option.max] if has_range else float) | None
    if option.max_length is not None:
        return ranged[str, None, option.max_length] | None
    return str | None


def _choices(option: Option) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=label, value=label) for label in option.choices]
