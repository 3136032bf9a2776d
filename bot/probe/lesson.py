"""What was learned, and words that several answers share.

Nothing here does I/O. An answer names no account, no link, no id and nobody's words but the API's
own, scrubbed.
"""

from dataclasses import dataclass

from bot.netmind.protocol import Generation
from bot.netmind.refusals import error_message
from bot.netmind.scrub import scrub
from bot.probe.record import Exchange, Record, Step


@dataclass(frozen=True)
class Lesson:
    """What was learned. `answer` None: it could not be; `advice`: what to set because of it."""

    question: str
    answer: str | None = None
    advice: str | None = None


def end(record: Record, step: Step) -> Generation | None:
    """Return the last that was told of a generation in this step."""
    return next((found for _, found in reversed(record.generations(step))), None)


def said(exchange: Exchange | None) -> str | None:
    """Return an answer in its own words; None: there was none."""
    if exchange is None or exchange.status is None:
        return None
    text = error_message(exchange.body if exchange.body is not None else exchange.content)
    return f"{exchange.status}, “{text}”." if text else f"{exchange.status}."


def state(exchange: Exchange) -> str:
    """Say how a generation stands by this answer."""
    generation = exchange.generation
    if generation is None:
        return (said(exchange) or "nothing").rstrip(".")
    marked = ", marked as deleted" if generation.deleted else ""
    return f"`{generation.status}`{marked}"


def how(exchange: Exchange) -> str:
    """Say how a link answered."""
    if exchange.status is None:
        return f"nothing ({exchange.error})"
    kind = scrub(exchange.headers.get("Content-Type", ""), 40)
    return f"{exchange.status} {kind}".strip()
