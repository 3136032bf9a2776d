"""The form in which a request is changed: its fields, and what people have written into them.

Discord takes five fields: the prompt, three options, and one for all that is left, a line each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import Refusal
from bot.language import Sentence
from bot.netmind.model import Model
from bot.netmind.option import Option

PROMPT = "prompt"
OTHERS = "others"
_MODEL = "model"
_OPTIONS_SHOWN = 3
_LINE = Sentence('Write each of the other options on a line of its own, such as "{example}".')
_UNKNOWN = Sentence("There is no option {name}. There are: {names}.")


@dataclass(frozen=True)
class Field:
    """One field: its key, what it says now, and the choices if it takes no free text."""

    key: str
    label: str
    value: str
    limit: int
    description: str = ""
    choices: Sequence[str] = ()
    long: bool = False
    required: bool = False


@dataclass(frozen=True)
class Request:
    """What a form asks for."""

    model: str
    prompt: str
    options: Mapping[str, Any]


def fields(
    model: Model, models: Sequence[Model], prompt: str, options: Mapping[str, Any]
) -> list[Field]:
    """Return the fields for a request that can go to each of these models."""
    shown, others = _split(model, models)
    prompt_limit = min(model.prompt_limit, 4000)
    return [
        Field(PROMPT, "Prompt", prompt, prompt_limit, long=True, required=True),
        *(_field(option, options) for option in shown),
        *_rest(model, models, others, options),
    ]


def _split(model: Model, models: Sequence[Model]) -> tuple[list[Option], list[Option]]:
    """Return the options with a field of their own, and those that share one."""
    options = list(model.options.values())
    if len(options) <= _OPTIONS_SHOWN + 1 and len(models) == 1:
        return options, []
    return options[:_OPTIONS_SHOWN], options[_OPTIONS_SHOWN:]


def _field(option: Option, options: Mapping[str, Any]) -> Field:
    value = options.get(option.key, "")
    return Field(
        option.key,
        _name(option.key),
        str(value),
        limit=min(option.max_length or 100, 4000),
        description=option.description,
        choices=tuple(option.choices),
        long=option.type == "text",
    )


def _rest(
    model: Model, models: Sequence[Model], others: Sequence[Option], options: Mapping[str, Any]
) -> Iterator[Field]:
    lines = [f"{_MODEL}: {model.title}"] if len(models) > 1 else []
    lines += [f"{_name(option.key)}: {_on_one_line(options, option.key)}" for option in others]
    if lines:
        yield Field(OTHERS, "Other options", "\n".join(lines), 4000, long=True)


def _on_one_line(options: Mapping[str, Any], key: str) -> str:
    return " ".join(str(options.get(key, "")).split())


def _name(key: str) -> str:
    return key.replace("_", " ")


def read(models: Sequence[Model], otherwise: Model, written: Mapping[str, str]) -> Request:
    """Return what was written into the fields. Raises Refusal with a sentence for each mistake."""
    lines = dict(_lines(written.get(OTHERS, "")))
    title = lines.pop(_MODEL, otherwise.title)
    model = next((each for each in models if each.title.casefold() == title.casefold()), None)
    if model is None:
        offered = ", ".join(each.title for each in models)
        raise Refusal(Sentence.of("There is no such model. On offer: {models}.", models=offered))
    own = {key: text for key, text in written.items() if key not in {PROMPT, OTHERS}}
    options = {key: _value(model, key, text) for key, text in (own | lines).items() if text.strip()}
    return Request(model.key, written.get(PROMPT, ""), options)


def check_options(model: Model, options: Mapping[str, Any]) -> None:
    """Raise Refusal with a sentence for each value that will not do."""
    found = [model.options[key].problem(value) for key, value in options.items()]
    if problems := [problem for problem in found if problem]:
        raise Refusal(*(Sentence.of("{problem}", problem=each) for each in problems))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon:
            raise Refusal(Sentence.of(_LINE.template, example="steps: 25"))
        yield name.strip().casefold().replace(" ", "_"), value.strip()


def _value(model: Model, key: str, text: str) -> Any:
    """Return an option's value; text that is no number is left for the model to refuse."""
    option = model.options.get(key)
    if option is None:
        names = ", ".join(map(_name, model.options))
        raise Refusal(Sentence.of(_UNKNOWN.template, name=key[:32], names=names))
    written = text.strip()
    try:
        if option.type == "integer":
            return int(written)
        if option.type == "number":
            return float(written.replace(",", "."))
    except ValueError:
        return written
    return written
