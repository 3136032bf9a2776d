"""Jobs as the database might give them, for tests without one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from storage.jobs import Job
from storage.states import JobState

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

_JOB = Job(
    id=7,
    interaction_id=1,
    requester_id=42,
    guild_id=5,
    channel_id=6,
    card_id=8,
    card_closed=False,
    model="mmaudio",
    kind="audio",
    prompt="rain",
    options={},
    state=JobState.QUEUED,
    created_at=NOON,
    changed_at=NOON,
    not_before=None,
    attempts=1,
    submitted_at=None,
    lease_until=None,
    epoch=1,
    generation_id=None,
    generating_at=None,
    deadline_at=None,
    ended_at=None,
    reason=None,
    detail=None,
    cleanup_at=None,
    cleanup_tries=0,
)


def a_job(**facts: Any) -> Job:
    """Return a queued job of noon, with these facts instead."""
    return replace(_JOB, **facts)
