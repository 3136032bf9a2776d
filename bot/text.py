"""Words from outside made safe to show, and numbers made pleasant to read."""

import re
import unicodedata

from bot.language import Sentence

# What Discord reads as formatting, links or mentions when it is not escaped.
_MARKUP = re.compile(r"([\\`*_~|<>\[\]()#@:/])")
# At the beginning of a line these make a list.
_LIST = re.compile(r"^(\d*)([-+.])")
_KEEP = frozenset("\u200d")  # joins the parts of one emoji


def plain(text: str, limit: int) -> str:
    """Return text from a person or a server where Discord reads formatting: all of it is escaped.

    Of what is longer than `limit` characters the rest is an ellipsis; escaping may double it.
    """
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", visible(text, limit)))


def visible(text: str, limit: int) -> str:
    """Return text from outside on one line, without control, zero-width and direction characters.

    For places where Discord reads no formatting: footers, choices.
    """
    seen = (
        letter
        for letter in " ".join(text.split())
        if letter in _KEEP or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
    )
    return shorten("".join(seen), limit)


def shorten(text: str, limit: int) -> str:
    """Return the text, or as much of it as fits into `limit` characters with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def slug(text: str, limit: int = 40) -> str:
    """Return lower-case letters, digits and dashes that remind of the text; may be empty."""
    simple = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", simple)[:limit].strip("-")


def seconds(count: float) -> Sentence:
    """Say a length of time as people do: 8 s, 2 min, 1 h 5 min."""
    whole = max(1, round(count))
    if whole < 100:  # noqa: PLR2004 - up to there seconds are easier to grasp
        return Sentence.of("{count} s", count=whole)
    hours, minutes = divmod(round(whole / 60), 60)
    if not hours:
        return Sentence.of("{count} min", count=minutes)
    if not minutes:
        return Sentence.of("{count} h", count=hours)
    return Sentence.of("{hours} h {minutes} min", hours=hours, minutes=minutes)


def size(count: int) -> Sentence:
    """Say a number of bytes as people do: 900 bytes, 23 KiB, 9.5 MiB."""
    if count < 1024:  # noqa: PLR2004 - bytes in a KiB
        return Sentence.count("{count} byte", "{count} bytes", count)
    if count < 1024**2:
        return Sentence.of("{count} KiB", count=f"{count / 1024:.0f}")
    return Sentence.of("{count} MiB", count=f"{count / 1024**2:.1f}")


def bar(share: float, length: int = 12) -> str:
    """Draw a progress bar; `share` from 0 to 1."""
    full = round(max(0.0, min(1.0, share)) * length)
    return "▰" * full + "▱" * (length - full)
