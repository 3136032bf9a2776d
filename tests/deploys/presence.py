"""When the bot was on Discord's gateway, and what it heard there, read off Discord's ledger."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from tests.standins.discord.ledger import Entry

_ARRIVALS = frozenset({"READY", "RESUMED"})


def leavings(entries: Iterable[Entry]) -> list[datetime]:
    """Return when each session was left."""
    return [at for at, session, came in _changes(entries) if not came]


def gaps(entries: Iterable[Entry]) -> list[float]:
    """Return for how many seconds nobody was there, between one process and the next."""
    present: set[str] = set()
    found, left = [], None
    for at, session, came in _changes(entries):
        (present.add if came else present.discard)(session)
        if came and left is not None:
            found.append((at - left).total_seconds())
        left = None if present else at
    return found


def heard(entries: Iterable[Entry]) -> set[int]:
    """Return the interactions that somebody was there to hear."""
    events = [entry for entry in entries if entry.kind == "gateway.event"]
    return {e.interaction_id for e in events if e.interaction_id and e.detail["live"]}


def _changes(entries: Iterable[Entry]) -> Iterator[tuple[datetime, str, bool]]:
    """Yield when which session came (True) or went."""
    for entry in entries:
        came = entry.detail.get("event") in _ARRIVALS
        session = entry.detail.get("session")
        if session and (came or entry.kind == "gateway.close"):
            yield datetime.fromisoformat(entry.at), session, came
