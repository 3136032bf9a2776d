"""The languages in which people are spoken to: gettext, from one file of sentences a language.

English stands in the code itself. bot/locales/<code>.po has the other languages; the tests see to
it that none lacks a sentence and that placeholders and Discord's lengths hold in each.
"""

import functools
import gettext
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).with_name("locales")

COMMAND, OPTION, MENU = "command", "option", "menu"
"""The contexts of names in Discord's menus: there a name may have other letters than elsewhere."""

ENGLISH = "en"
LANGUAGES = {
    ENGLISH: "English",
    "es": "Español",
    "pt_BR": "Português (Brasil)",
    "fr": "Français",
    "de": "Deutsch",
    "ja": "日本語",
    "ko": "한국어",
    "zh_CN": "简体中文",
}
"""What we speak, each under its own name."""

# Discord's names for what we speak; with any other people get English.
_OF_DISCORD = {
    "es-ES": "es",
    "es-419": "es",
    "pt-BR": "pt_BR",
    "fr": "fr",
    "de": "de",
    "ja": "ja",
    "ko": "ko",
    "zh-CN": "zh_CN",
}


@dataclass(frozen=True)
class Sentence:
    """Something to be said in a language that is known later; `str()` is the English.

    A value may be a sentence too. `plural`: what is said unless `count` is one. Words of the
    catalogue, such as a title, are a sentence without values, in which braces mean nothing.
    `context`: it is the name of a command, an option or something in a menu.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None
    context: str | None = None

    @classmethod
    def of(cls, template: str, /, **values: Any) -> Self:
        """Return a sentence with these values in its braces."""
        return cls(template, values)

    @classmethod
    def count(cls, one: str, many: str, count: int, /, **values: Any) -> Self:
        """Return what is said of so many; `{count}` may stand in both."""
        return cls(one, {"count": count, **values}, many)

    @classmethod
    def row(cls, parts: Iterable["Sentence | str"], between: str = ", ") -> Self:
        """Return these one after the other; what is no sentence is the same in all languages."""
        values = {f"part{number}": part for number, part in enumerate(parts)}
        return cls(between.join(f"{{{name}}}" for name in values), values)

    def __str__(self) -> str:
        return language(ENGLISH).say(self)


class Language:
    """One language, by its code in LANGUAGES."""

    def __init__(self, code: str, translations: gettext.NullTranslations) -> None:
        self.code = code
        self._translations = translations

    def __call__(self, template: str, /, **values: Any) -> str:
        """Say a sentence of ours with these values in its braces."""
        return self.say(Sentence(template, values))

    def count(self, one: str, many: str, count: int, /, **values: Any) -> str:
        """Say a sentence about so many."""
        return self.say(Sentence.count(one, many, count, **values))

    def word(self, text: str) -> str:
        """Say what comes from the catalogue: a title, a description, the name of an option."""
        return self.say(Sentence(text))

    def name(self, context: str, text: str) -> str:
        """Say the name of a COMMAND, an OPTION or something in a MENU, as Discord shows it."""
        return self.say(Sentence(text, context=context))

    def say(self, sentence: Sentence) -> str:
        """Say what was put into words elsewhere."""
        template = self._template(sentence)
        if not sentence.values:
            return template
        values = {
            name: self.say(value) if isinstance(value, Sentence) else value
            for name, value in sentence.values.items()
        }
        return template.format(**values)

    def _template(self, sentence: Sentence) -> str:
        if not sentence.template:
            return ""  # gettext would answer with its file's header
        if sentence.context is not None:
            return self._translations.pgettext(sentence.context, sentence.template)
        if sentence.plural is None:
            return self._translations.gettext(sentence.template)
        count = sentence.values["count"]
        return self._translations.ngettext(sentence.template, sentence.plural, count)


@functools.cache
def spoken() -> tuple[str, ...]:
    """Return the codes of the languages that there is a file for, and of English."""
    there = {path.stem for path in LOCALES.glob("*.po")} | {ENGLISH}
    return tuple(code for code in LANGUAGES if code in there)


@functools.cache
def language(code: str | None) -> Language:
    """Return the language of a code in LANGUAGES; English for any other."""
    if code is None or code not in spoken() or code == ENGLISH:
        return Language(ENGLISH, gettext.NullTranslations())
    with (LOCALES / f"{code}.po").open("rb") as file:
        catalog = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Language(code, gettext.GNUTranslations(compiled))


@functools.cache
def fingerprint() -> str:
    """Return what changes when a translation does."""
    digest = hashlib.sha256()
    for path in sorted(LOCALES.glob("*.po")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def of_discord(locale: str) -> str:
    """Return the code of the language that a Discord set to this locale should hear."""
    return _OF_DISCORD.get(locale, ENGLISH)


def to_discord() -> dict[str, str]:
    """Return the code of the language for each of Discord's locales that we speak."""
    return dict(_OF_DISCORD)
