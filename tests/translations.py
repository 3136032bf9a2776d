"""What has to be true of a translation, and of what Discord gets in its language."""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog as Words

from bot.language import OPTION
from tests.languages import Entry, find

_LEADING = re.compile(r"(-# |- |> |#+ )?")
_CODE = re.compile(r"`([^`]*)`")
_OPTION = re.compile(r"\b([a-z_]+): ")
_MARKS = ("**", "`", "<", "](", "\n")

Path = tuple[Entry, ...]


class Pair(NamedTuple):
    """An English text and what stands for it."""

    original: str
    said: str


def problems(words: Words, wanted: Iterable[Entry], paths: Sequence[Path]) -> list[str]:
    """Return one sentence for each thing that is wrong in a file."""
    names = _Names(words, paths)
    return [
        f"{entry.text!r}: {problem}"
        for entry in wanted
        for problem in _problems(words, entry, names)
    ]


def _problems(words: Words, entry: Entry, names: "_Names") -> Iterator[str]:
    known = find(words, entry)
    if known is None:
        yield "is not there"
        return
    said = [known.string] if isinstance(known.string, str) else list(known.string or ())
    if len(said) != (words.num_plurals if entry.many else 1) or not all(said):
        yield "is not translated"
    elif known.fuzzy:
        yield "is fuzzy"
    else:
        pairs = map(Pair, _originals(entry, len(said)), said)
        checks = (_placeholders, _marks, _spaces, names.commands, names.options)
        yield from (problem for pair in pairs for check in checks for problem in check(pair))


def _originals(entry: Entry, forms: int) -> list[str]:
    """Return the English for each plural form; all but the first of several are for many."""
    if entry.many is None:
        return [entry.text]
    return [entry.text, *[entry.many] * (forms - 1)] if forms > 1 else [entry.many]


def _placeholders(pair: Pair) -> Iterator[str]:
    try:
        if _braces(pair.original) != _braces(pair.said):
            yield "has other names in its braces"
    except ValueError:
        yield "has a brace that is not closed"


def _braces(text: str) -> Counter[tuple[str, str | None, str | None]]:
    found = string.Formatter().parse(text)
    return Counter((name, form, more) for _, name, form, more in found if name is not None)


def _marks(pair: Pair) -> Iterator[str]:
    if _leading(pair.original) != _leading(pair.said):
        yield "does not begin with the same mark"
    for mark in _MARKS:
        if pair.original.count(mark) != pair.said.count(mark):
            yield f"has not as many {mark!r}"
    if _signs(pair.original) != _signs(pair.said):
        yield "has other pictures"


def _leading(text: str) -> str:
    found = _LEADING.match(text)
    return found[0] if found else ""


def _signs(text: str) -> Counter[str]:
    return Counter(letter for letter in text if unicodedata.category(letter) == "So")


def _spaces(pair: Pair) -> Iterator[str]:
    for cut in (str.lstrip, str.rstrip):
        if len(pair.original) - len(cut(pair.original)) != len(pair.said) - len(cut(pair.said)):
            yield "has other spaces at its ends"


class _Names:
    """The names of commands and options in one language."""

    def __init__(self, words: Words, paths: Sequence[Path]) -> None:
        self._words = words
        self._paths = [
            ("/" + _written(path, _english), "/" + self._translated(path)) for path in paths
        ]
        self._options = {path[-1].text: path[-1] for path in paths if path[-1].context == OPTION}

    def commands(self, pair: Pair) -> Iterator[str]:
        """Yield the commands that are not called by their names."""
        originals, translated = pair
        longest = sorted(self._paths, key=lambda each: -len(each[1]))
        there = {}
        for name in dict.fromkeys(name for _, name in longest):
            there[name] = translated.count(name)
            translated = translated.replace(name, "")
        wanted: Counter[str] = Counter()
        for original, name in self._paths:
            originals, count = re.subn(rf"(?<!\w){re.escape(original)}(?!\w)", "", originals)
            wanted[name] += count
        for name, count in wanted.items():
            if there[name] != count:
                yield f"should have {name} {count} times"

    def options(self, pair: Pair) -> Iterator[str]:
        """Yield the options, written as people type them, that are not called by their names."""
        for code in _CODE.findall(pair.original):
            for name in _OPTION.findall(code):
                wanted = name in self._options and self._name(self._options[name])
                if wanted and not any(f"{wanted}:" in each for each in _CODE.findall(pair.said)):
                    yield f"should have `{wanted}:`"

    def _translated(self, path: Path) -> str:
        return _written(path, self._name)

    def _name(self, entry: Entry) -> str:
        known = find(self._words, entry)
        return str(known.string) if known is not None and known.string else entry.text


def _written(path: Path, said: Callable[[Entry], str]) -> str:
    return " ".join(map(said, path))


def _english(entry: Entry) -> str:
    return entry.text


# What Discord gets. A text that fills its room exactly was cut.

_CHAT, _SUBCOMMANDS = 1, {1, 2}
_NAME, _DESCRIPTION, _CHOICE, _COMMAND = 32, 100, 100, 8000


def misfits(commands: Sequence[Mapping[str, Any]], locale: str) -> Iterator[str]:
    """Yield what Discord would refuse of the names and descriptions in a locale."""
    for kind in {each.get("type", _CHAT) for each in commands}:
        siblings = [each for each in commands if each.get("type", _CHAT) == kind]
        yield from _siblings(siblings, locale)
        for command in siblings:
            if kind == _CHAT:
                yield from _inside(command, locale)
            elif len(_said(command, "name", locale)) > _NAME:
                yield f"{_said(command, 'name', locale)!r} is too long for a menu"
            if _size(command, locale) > _COMMAND:
                yield f"{command['name']} has more than {_COMMAND} characters"


def _inside(command: Mapping[str, Any], locale: str) -> Iterator[str]:
    name = _said(command, "name", locale)
    if not _is_name(name):
        yield f"{name!r} cannot be a name"
    if len(_said(command, "description", locale)) >= _DESCRIPTION:
        yield f"the description of {name} is too long"
    options = command.get("options", [])
    yield from _siblings(options, locale)
    yield from _siblings(command.get("choices", []), locale)
    for choice in command.get("choices", []):
        if len(_said(choice, "name", locale)) >= _CHOICE:
            yield f"{_said(choice, 'name', locale)!r} is too long for a choice"
    for option in options:
        yield from _inside(option, locale)


def _siblings(group: Sequence[Mapping[str, Any]], locale: str) -> Iterator[str]:
    for name, count in Counter(_said(each, "name", locale) for each in group).items():
        if count > 1:
            yield f"{name!r} is the name of {count}"


def _is_name(text: str) -> bool:
    letters = all(each in "-_'" or unicodedata.category(each)[0] in "LN" for each in text)
    return letters and 0 < len(text) <= _NAME and text == text.lower()


def _said(thing: Mapping[str, Any], what: str, locale: str) -> str:
    localized: Mapping[str, str] = thing.get(f"{what}_localizations") or {}
    return localized.get(locale, str(thing.get(what, "")))


def _size(thing: Mapping[str, Any], locale: str) -> int:
    own = sum(
        max(len(_said(thing, what, locale)), len(thing.get(what, "")))
        for what in ("name", "description")
    )
    inside = [*thing.get("options", []), *thing.get("choices", [])]
    value = thing.get("value")
    return own + len(str(value or "")) + sum(_size(each, locale) for each in inside)


# Discord takes 80 of a button; a phone shows these.
_BUTTON = 34
_ROOM = {
    "message": {"content": 2000, "title": 45},
    "label": {"label": 45, "description": 100},
    "input": {"placeholder": 100},
    "menu": {"placeholder": 150},
    "choice": {"label": 100, "description": 100},
    "button": {"label": _BUTTON + 1},
    "text": {"content": 4000},
    "embed": {"title": 256, "description": 4096},
    "field": {"name": 256, "value": 1024},
    "footer": {"text": 2048},
}
_TYPES = {2: "button", 3: "menu", 4: "input", 10: "text", 18: "label"}
_INSIDE = {
    "data": "message",
    "components": "component",
    "component": "component",
    "accessory": "component",
    "options": "choice",
    "embeds": "embed",
    "fields": "field",
    "footer": "footer",
}


def crowding(body: object, role: str = "message") -> Iterator[str]:
    """Yield the texts that do not fit into their place in a message or a form."""
    if isinstance(body, list):
        for each in body:
            yield from crowding(each, role)
    if not isinstance(body, Mapping):
        return
    place = _TYPES.get(body["type"], "") if role == "component" else role
    for key, room in _ROOM.get(place, {}).items():
        if len(body.get(key) or "") >= room:
            yield f"{place}: {body[key]!r} is too long"
    for key, each in body.items():
        yield from crowding(each, _INSIDE.get(key, ""))
