# ruff: noqa: RUF001, RUF003 - letters that look like others are what this is about
"""Text as plain letters: what looks like an `a` is one, and what nobody sees is gone."""

import functools
import re
import unicodedata
from collections.abc import Callable

# Cyrillic, Greek, Armenian and Cherokee letters that look like Latin ones, and their Latin ones.
# They are read before the case is folded: a Cyrillic Н looks like an H, but its н does not.
_ALIKE = {
    # Cyrillic
    "А": "a", "В": "b", "С": "c", "Е": "e", "Н": "h", "І": "i", "Ї": "i", "Ј": "j", "К": "k",
    "М": "m", "О": "o", "Р": "p", "Ѕ": "s", "Т": "t", "Х": "x", "У": "y", "Ү": "y", "Ԁ": "d",
    "Ԛ": "q", "Ԝ": "w", "Ѵ": "v", "Ғ": "f", "Һ": "h", "Ӏ": "l",
    "а": "a", "в": "b", "с": "c", "е": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j", "к": "k",
    "м": "m", "н": "h", "о": "o", "р": "p", "ѕ": "s", "т": "t", "х": "x", "у": "y", "ү": "y",
    "ԁ": "d", "ԛ": "q", "ԝ": "w", "ѵ": "v", "г": "r", "п": "n", "и": "u", "ӏ": "l", "ь": "b",
    "ғ": "f", "ё": "e", "ш": "w", "ѡ": "w", "ԍ": "g",
    # Greek
    "Α": "a", "Β": "b", "Ε": "e", "Ζ": "z", "Η": "h", "Ι": "i", "Κ": "k", "Μ": "m", "Ν": "n",
    "Ο": "o", "Ρ": "p", "Τ": "t", "Υ": "y", "Χ": "x", "Ϲ": "c", "Ϳ": "j",
    "α": "a", "β": "b", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o",
    "ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ϲ": "c", "ϳ": "j",
    # Armenian
    "Ս": "u", "Օ": "o", "Տ": "s", "Լ": "l", "ա": "w", "հ": "h", "ո": "n", "ս": "u", "ց": "g",
    "օ": "o", "ք": "p", "զ": "q", "յ": "j",
    # Cherokee
    "Ꭺ": "a", "Ᏼ": "b", "Ꮯ": "c", "Ꭰ": "d", "Ꭼ": "e", "Ꮐ": "g", "Ꮋ": "h", "Ꭻ": "j", "Ꮶ": "k",
    "Ꮮ": "l", "Ꮇ": "m", "Ꮲ": "p", "Ꭱ": "r", "Ꮪ": "s", "Ꭲ": "t", "Ꮩ": "v", "Ꮃ": "w", "Ꮓ": "z",
    # Signs
    "€": "e", "£": "l", "¢": "c", "¥": "y", "₽": "p", "©": "c", "®": "r", "ª": "a", "º": "o",
    "∂": "d", "∑": "e", "√": "v", "∩": "n", "∪": "u", "†": "t", "×": "x", "№": "n", "µ": "u",
}  # fmt: skip

# Accents and what else is put on letters; signs that make letters in other scripts stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_LATIN = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL |SCRIPT |TURNED |REVERSED |INVERTED |OPEN |"
    r"BARRED |DOTLESS |BLACKLETTER |LONG |INSULAR )*([A-Z])(?: WITH .*)?"
)
# 🅰, 🅐, 🄰, 🇦: no normalisation of Unicode's makes letters of all of them.
_BOXED = re.compile(
    r"(?:NEGATIVE |CROSSED |REGIONAL INDICATOR |SQUARED |CIRCLED )+"
    r"(?:SYMBOL |LATIN CAPITAL )?LETTER ([A-Z])"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Letters to Unicode, but without a shape.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")
_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def simple(text: str) -> str:
    """Return the text in small letters without accents and without what nobody sees.

    Doing it once more changes nothing.
    """
    return _settled(text, _simple)


def plain_letters(text: str) -> str:
    """Return the text as `simple` does, with Latin letters for all that look like one.

    Doing it once more changes nothing.
    """
    return _settled(text, _plain)


def _settled(text: str, step: Callable[[str], str]) -> str:
    # What one step makes may combine into something that another one changes.
    while (changed := step(text)) != text:
        text = changed
    return text


def _simple(text: str) -> str:
    apart = unicodedata.normalize("NFKD", "".join(map(_seen, text)))
    return unicodedata.normalize("NFKC", _MARKS.sub("", apart).casefold())


def _plain(text: str) -> str:
    whole = unicodedata.normalize("NFKC", "".join(map(_latin, text)))
    return _simple("".join(map(_latin, whole)))


def _seen(letter: str) -> str:
    if letter in _SPACES:
        return " "
    if letter in _BLANK or unicodedata.category(letter) in _UNSEEN:
        return ""
    return letter


@functools.lru_cache(maxsize=4096)
def _latin(letter: str) -> str:
    """Return the Latin letter that this looks like, else the letter itself."""
    if letter.isascii():
        return letter
    if letter in _ALIKE:
        return _ALIKE[letter]
    name = unicodedata.name(letter, "")
    found = _LATIN.fullmatch(name) or _BOXED.fullmatch(name)
    return found[1].lower() if found else letter
