"""Redaction: what no line of the log may hold, and no report of an error.

Secrets that are known are replaced wherever they stand and however they are spelled. What only
looks like one is too: a key in a header, a link's permission, an interaction's token, the account
in a result's link. What people have typed is replaced in the texts of errors.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote, unquote, urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings

STARS = "***"
TYPED = "[typed]"

# Shorter ones are only replaced where they stand alone: "a" is in every word.
_SHORT = 8
_TYPED: ContextVar[tuple[str, ...]] = ContextVar("typed", default=())

# What ends a link in a text, in JSON and in Python's own notation.
_LINK = r"[^\s\"'<>\\]"
_PATTERNS = [
    # Keys in headers, as Discord, NetMind and others want them.
    (
        r"(?i)(authorization\\?[\"']?\s*[:=,]\s*\\?[\"']?(?:(?:bearer|basic|bot)\s+)?)[^\s\"'\\,)}]+",
        rf"\1{STARS}",
    ),
    (r"(?i)\b(bearer\s+)[\w.~+/=-]{8,}", rf"\1{STARS}"),
    (r"(?i)\b(basic\s+)[\w+/=-]{16,}", rf"\1{STARS}"),
    # Tokens of Discord's bots.
    (r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}", STARS),
    # Interaction tokens, which are webhooks' tokens, too.
    (r"(/(?:webhooks|interactions)/\d+/)[\w.~%-]+", rf"\1{STARS}"),
    # Our own links to large files.
    (r"(/media/)[\w=-]{20,}", rf"\1{STARS}"),
    # A result's link names the account that pays.
    (rf"[\w.-]+/inference/{_LINK}*", f"{STARS}/inference/{STARS}"),
    # The permission in a link: a password before the host, or anything behind the question mark.
    (r"(\b[a-z][a-z\d+.-]*://)[^\s/\"'@\\]+@", rf"\1{STARS}@"),
    (rf"(\bhttps?://[^\s\"'<>\\?]+\?){_LINK}+", rf"\1{STARS}"),
    (r"(?i)([?&](?:x-amz-[\w-]+|signature|sig|token|key)=)(?!\*)[^&\s\"'<>\\]+", rf"\1{STARS}"),
]
_COMPILED = [(re.compile(pattern), instead) for pattern, instead in _PATTERNS]


class Redactor:
    """Replaces secrets in a text, wherever in it they stand."""

    def __init__(self, secrets: Collection[str]) -> None:
        spelled = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
        self._secrets = sorted(spelled, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, STARS)
        for pattern, instead in _COMPILED:
            text = pattern.sub(instead, text)
        return text

    def clean_all(self, value: object) -> object:
        """Return nested lists and mappings of texts without secrets, and without what is typed."""
        if isinstance(value, str):
            return self.clean(without_typed(value))
        if isinstance(value, dict):
            return {key: self.clean_all(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean_all(each) for each in value]
        return value


def secrets_of(settings: BaseSettings) -> list[str]:
    """Return every secret among the settings, and the password in the database's address."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    passwords = [urlsplit(secret).password or "" for secret in secrets if "://" in secret]
    return [*secrets, *passwords, *map(unquote, passwords)]


def _spellings(secret: str) -> Iterator[str]:
    """Yield how the secret looks as it is, in JSON, in Python's notation and in a link."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(repr(secret)[1:-1])[1:-1]
    yield repr(secret)[1:-1]
    yield quote(secret, safe="")


@contextmanager
def typed(texts: Iterable[object]) -> Iterator[None]:
    """Keep what somebody has typed out of the texts of errors, until the block ends."""
    token = _TYPED.set(_worth_hiding(texts))
    try:
        yield
    finally:
        _TYPED.reset(token)


def note_typed(texts: Iterable[object]) -> None:
    """Do so until the task ends."""
    _TYPED.set(_worth_hiding(texts))


def _worth_hiding(texts: Iterable[object]) -> tuple[str, ...]:
    found = {text for text in texts if isinstance(text, str) and text.strip()}
    return tuple(sorted(found, key=len, reverse=True))


def without_typed(text: str) -> str:
    """Return the text without what was typed, as it is and as Python or JSON write it."""
    for words in _TYPED.get():
        for spelling in {words, repr(words)[1:-1], json.dumps(words)[1:-1]}:
            if len(spelling) >= _SHORT:
                text = text.replace(spelling, TYPED)
            else:
                text = re.sub(rf"(?<!\w){re.escape(spelling)}(?!\w)", TYPED, text)
    return text
