"""Looking with an end: nothing hangs, and nothing that breaks hides what else was found."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.check.finding import Finding, wrong

log = structlog.get_logger(__name__)

T = TypeVar("T")


async def within(
    seconds: float, name: str, look: Awaitable[T], instead: Callable[[Finding], T]
) -> T:
    """Return what was found, or `instead` of it that nothing was in so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        return instead(wrong(name, f"There was no answer within {seconds:.0f} seconds."))
    except Exception as error:  # one look that breaks must not hide the others
        log.exception("look_failed", name=name)
        return instead(wrong(name, f"This could not be looked at ({type(error).__name__})."))


def listed(finding: Finding) -> list[Finding]:
    """Return it as one of several."""
    return [finding]
