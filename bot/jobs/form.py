"""The form in which a request is changed: its fields, and what people have written into them.

Discord takes five fields: the prompt, three options, and one for all that is left, a line each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import Refusal
from bot.language import Sentence, language, spoken
from bot.netmind.model import Model
from bot.netmind.option import Option

PROMPT = "prompt"
OTHERS = "others"
_MODEL = "model"
_OPTIONS_SHOWN = 3
_LINE = Sentence("{name}: {value}")
_MODELS_NAME = Sentence("model")
_NO_LINE = Sentence('Write each of the other options on a line of its own, such as "{example}".')
_UNKNOWN = Sentence("There is no option {name}. There are: {names}.")
# What stands between a name and its value, also where people write wide letters.
_COLONS = str.maketrans({"\uff1a": ":", "\ufe55": ":"})


@dataclass(frozen=True)
class Field:
    """One field: its key, what it says now, and the choices if it takes no free text.

    `value` is a sentence where it is made of our words, not of the person's.
    """

    key: str
    label: Sentence
    value: Sentence | str
    limit: int
    description: Sentence | None = None
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
        Field(PROMPT, Sentence("Prompt"), prompt, prompt_limit, long=True, required=True),
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
        option.name,
        str(value),
        limit=min(option.max_length or 100, 4000),
        description=Sentence(option.description),
        choices=tuple(option.choices),
        long=option.type == "text",
    )


def _rest(
    model: Model, models: Sequence[Model], others: Sequence[Option], options: Mapping[str, Any]
) -> Iterator[Field]:
    lines = [_line(_MODELS_NAME, Sentence(model.title))] if len(models) > 1 else []
    lines += [_line(option.name, _on_one_line(option, options)) for option in others]
    if lines:
        value = Sentence.row(lines, "\n")
        yield Field(OTHERS, Sentence("Other options"), value, 4000, long=True)


def _line(name: Sentence, value: Sentence | str) -> Sentence:
    return Sentence.of(_LINE.template, name=name, value=value)


def _on_one_line(option: Option, options: Mapping[str, Any]) -> Sentence | str:
    text = " ".join(str(options.get(option.key, "")).split())
    return Sentence(text) if text in option.choices else text


def read(models: Sequence[Model], otherwise: Model, written: Mapping[str, str]) -> Request:
    """Return what was written into the fields. Raises Refusal with a sentence for each mistake.

    Names, titles and choices are understood in each language we speak.
    """
    lines = dict(_lines(written.get(OTHERS, ""), _keys(models)))
    model = _model(models, lines.pop(_MODEL, otherwise.title))
    own = {key: text for key, text in written.items() if key not in {PROMPT, OTHERS}}
    options = {key: _value(model, key, text) for key, text in (own | lines).items() if text.strip()}
    return Request(model.key, written.get(PROMPT, ""), options)


def _model(models: Sequence[Model], title: str) -> Model:
    """Return the model of this title. Raises Refusal."""
    found = next((each for each in models if _plain(title) in _said(each.title)), None)
    if found is None:
        titles = Sentence.row(Sentence(each.title) for each in models)
        raise Refusal(Sentence.of("There is no such model. On offer: {models}.", models=titles))
    return found


def check_options(model: Model, options: Mapping[str, Any]) -> None:
    """Raise Refusal with a sentence for each value that will not do."""
    found = [model.options[key].problem(value) for key, value in options.items()]
    if problems := [problem for problem in found if problem]:
        raise Refusal(*problems)


def _keys(models: Sequence[Model]) -> dict[str, str]:
    """Return the keys of what can stand before a colon, by its names in every language."""
    names = {_MODEL: _MODELS_NAME.template}
    names |= {key: option.name.template for each in models for key, option in each.options.items()}
    return {said: key for key, name in reversed(names.items()) for said in _said(name)}


def _said(text: str) -> frozenset[str]:
    """Return how people may write words of the catalogue: as they are in any language."""
    return frozenset(_plain(language(code).word(text)) for code in spoken())


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def _lines(text: str, keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, _ = line.translate(_COLONS).partition(":")
        if not colon:
            example = _line(Sentence("steps"), "25")
            raise Refusal(Sentence.of(_NO_LINE.template, example=example))
        yield keys.get(_plain(name), name.strip()), line[len(name) + 1 :].strip()


def _value(model: Model, key: str, text: str) -> Any:
    """Return an option's value; text that is no number is left for the model to refuse."""
    option = model.options.get(key)
    if option is None:
        names = Sentence.row(each.name for each in model.options.values())
        raise Refusal(Sentence.of(_UNKNOWN.template, name=_plain(key)[:32], names=names))
    written = text.strip()
    try:
        if option.type == "integer":
            return int(written)
        if option.type == "number":
            return float(written.replace(",", "."))
    except ValueError:
        return written
    return next((each for each in option.choices if _plain(written) in _said(each)), written)
