"""What a refusal means: an HTTP status, its headers and its words made into the right error."""

import datetime as dt
import email.utils
import json
import math
import re
from collections.abc import Iterator, Mapping

from bot.netmind.errors import (
    BadRequest,
    KeyRefused,
    NetmindError,
    NotFound,
    OutOfBalance,
    ServerTrouble,
    TooManyRequests,
    UnknownModel,
    Unreadable,
)
from bot.netmind.scrub import scrub

MAX_RETRY_AFTER = 300.0
"""Seconds; a server that asks for more is asked again after this."""

_MAX_ERROR_BYTES = 64 * 1024

_BY_STATUS: dict[int, type[NetmindError]] = {
    401: KeyRefused,
    402: OutOfBalance,
    403: KeyRefused,
    404: NotFound,
    408: ServerTrouble,
    410: NotFound,
    429: TooManyRequests,
}

# `balance not enough` and `Insufficient Balance` were seen at sister endpoints.
_BALANCE = re.compile(
    r"balance (is )?(not enough|insufficient)|(insufficient|not enough)[ _](balance|credit|funds)",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(r"model name: .{0,150} not exists?", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


def read_error(
    status: int, headers: Mapping[str, str], body: bytes, now: dt.datetime | None = None
) -> NetmindError:
    """Return the error that an answer without success means; `now` dates a Retry-After date."""
    message = error_message(body)
    return _condition(status, message)(
        message, status=status, retry_after=retry_after(headers, now or dt.datetime.now(dt.UTC))
    )


def _condition(status: int, message: str) -> type[NetmindError]:
    if status >= 500:  # noqa: PLR2004 - where HTTP's server errors begin
        return ServerTrouble
    if status < 400:  # noqa: PLR2004 - a redirect: following it would take the key elsewhere
        return Unreadable
    if _BALANCE.search(message):
        return OutOfBalance
    if _UNKNOWN_MODEL.search(message):
        return UnknownModel
    return _BY_STATUS.get(status, BadRequest)


def error_message(body: object) -> str:
    """Return what an answer says went wrong, scrubbed, at most 200 characters, maybe empty.

    `body` is bytes as received or JSON already read. Asked in turn: `detail` (text, or FastAPI's
    list of loc and msg), `error.message`, `error`, `message`, else the text itself.
    """
    if not isinstance(body, bytes):
        return scrub(_spoken(body))
    text = body[:_MAX_ERROR_BYTES].decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return scrub(_plain(text))
    return scrub(_spoken(value))


def _plain(text: str) -> str:
    """Return the text itself, or the title of what is a web page."""
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    return f"a web page: {title[1].strip()}" if title else "a web page"


def _spoken(value: object) -> str:
    if isinstance(value, str):
        return value
    return next((text for text in _candidates(value) if text.strip()), "")


def _candidates(value: object) -> Iterator[str]:
    """Yield the places where words are kept, best first."""
    if not isinstance(value, dict):
        return
    yield _detail(value.get("detail"))
    error = value.get("error")
    if isinstance(error, dict):
        error = error.get("message")
    yield from (text for text in (error, value.get("message")) if isinstance(text, str))


def _detail(detail: object) -> str:
    """Read FastAPI's detail. What the person sent is echoed there as `input`; it is left out."""
    if isinstance(detail, str):
        return detail
    entries = detail if isinstance(detail, list) else [detail]
    return "; ".join(_complaint(entry) for entry in entries[:10] if isinstance(entry, dict))


def _complaint(entry: Mapping[object, object]) -> str:
    where, what = entry.get("loc"), entry.get("msg") or entry.get("message")
    steps = [str(step) for step in where if _is_step(step)] if isinstance(where, list) else []
    if steps[:2] == ["body", "config"]:
        steps = steps[2:]  # how NetMind packs what was asked means nothing to people
    words = what if isinstance(what, str) else ""
    return f"{'.'.join(steps)}: {words}" if steps else words


def _is_step(step: object) -> bool:
    # Integers of thousands of digits cannot be written out.
    return isinstance(step, str) or (isinstance(step, int) and abs(step) < 10**9)


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Return how many seconds the server asks to wait, between 0 and 300; None if it does not say.

    A date is taken by the server's own clock when it sends one, since ours may be wrong.
    """
    asked = _header(headers, "retry-after")
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        date, here = _date(asked), _date(_header(headers, "date")) or now
        seconds = (date - here).total_seconds() if date else math.nan
    return None if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _date(value: str | None) -> dt.datetime | None:
    try:
        date = email.utils.parsedate_to_datetime(value or "")
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return date.replace(tzinfo=dt.UTC) if date.tzinfo is None else date
