"""When somebody was there to hear, read off a ledger."""

from datetime import UTC, datetime, timedelta

from tests.deploys.presence import gaps, heard, leavings
from tests.standins.discord.ledger import Entry

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def came(seconds: float, session: str) -> Entry:
    return _entry(seconds, "event", event="READY", session=session)


def went(seconds: float, session: str) -> Entry:
    return _entry(seconds, "close", session=session)


def asked(interaction: int, *, live: bool) -> Entry:
    detail = {"event": "INTERACTION_CREATE", "session": "a", "live": live}
    return Entry(1, NOON.isoformat(), "gateway.event", interaction_id=interaction, detail=detail)


def _entry(seconds: float, kind: str, **detail: str) -> Entry:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return Entry(1, at, f"gateway.{kind}", detail=detail)


def test_between_two_processes_nobody_is_there() -> None:
    seen = [came(0, "a"), went(3, "a"), came(5.5, "b"), went(9, "b")]
    assert gaps(seen) == [2.5]
    assert leavings(seen) == [NOON + timedelta(seconds=3), NOON + timedelta(seconds=9)]


def test_two_together_leave_no_gap() -> None:
    assert gaps([came(0, "a"), came(2, "b"), went(3, "a"), came(5, "c"), went(6, "b")]) == []


def test_a_session_of_which_a_dead_process_is_left_hears_nothing() -> None:
    assert heard([asked(1, live=True), asked(2, live=False)]) == {1}
