"""The clock of this machine against the time that an answer of somebody else's tells."""

import email.utils
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.check.finding import Finding, ok, warning, wrong
from bot.clock import Clock, utc_now

LATE = timedelta(seconds=5)
VERY_LATE = timedelta(minutes=1)
_WHY = (
    "Links to files expire by this clock, and messages and generations are found again by "
    "their times. Have it set by NTP."
)


async def look(
    addresses: list[str], clock: Clock = utc_now, *, patience: float = 6.0
) -> list[Finding]:
    """Ask these in turn, each for so many seconds, until one tells the time.

    Any answer does, a refusal too.
    """
    timeout = aiohttp.ClientTimeout(total=patience)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for address in addresses:
            before = clock()
            try:
                async with session.get(address, allow_redirects=False) as answer:
                    told = told_time(answer.headers.get("Date", ""))
            except (aiohttp.ClientError, OSError, TimeoutError):
                continue
            if told is not None:
                return [compared(told, before, clock())]
    return [warning("clock", "Nobody could be asked for the time.")]


def told_time(header: str) -> datetime | None:
    """Read a Date header (RFC 9110, 5.6.7)."""
    try:
        told = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def compared(told: datetime, before: datetime, after: datetime) -> Finding:
    """Compare the time that was told with ours before the question and after the answer."""
    # It was told at some moment between the two, and only whole seconds are told.
    ahead, behind = before - (told + timedelta(seconds=1)), told - after
    if max(ahead, behind) < LATE:
        return ok("clock", "Right to a few seconds.")
    word = "ahead" if ahead > behind else "behind"
    says = f"{_span(max(ahead, behind))} {word}. {_WHY}"
    return (wrong if max(ahead, behind) >= VERY_LATE else warning)("clock", says)


def _span(time: timedelta) -> str:
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
