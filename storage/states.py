"""The two life cycles: every state with its meaning, every allowed edge written once.

docs/architecture.md draws both machines; tests/storage/test_states.py holds drawing and code
together.
"""

from enum import StrEnum


class JobState(StrEnum):
    """Where one accepted request of one person stands."""

    HELD = "held"  # waits for a moderator's approval
    QUEUED = "queued"  # accepted, waits for a fair turn
    SUBMITTING = "submitting"  # the intent to POST is on disk
    UNCERTAIN = "uncertain"  # the outcome of the POST is unknown
    GENERATING = "generating"  # the generation's id is on disk
    FINISHED = "finished"  # a result exists, and so does the delivery's row
    FAILED = "failed"  # the end, with a reason and a sentence
    CANCELLED = "cancelled"  # the end, by the person or a moderator
    REJECTED = "rejected"  # the end, by a moderator's review


class DeliveryState(StrEnum):
    """Where one message that must reach Discord exactly once stands."""

    PENDING = "pending"  # to be sent
    SENDING = "sending"  # the nonce is on disk, a send may have happened
    SENT = "sent"  # the message's id is on disk
    UNDELIVERABLE = "undeliverable"  # no way is left; kept, the person can pull it


JOB_EDGES: dict[JobState, frozenset[JobState]] = {
    JobState.HELD: frozenset({JobState.QUEUED, JobState.REJECTED, JobState.CANCELLED}),
    JobState.QUEUED: frozenset({JobState.SUBMITTING, JobState.FAILED, JobState.CANCELLED}),
    JobState.SUBMITTING: frozenset(
        {
            JobState.GENERATING,
            JobState.QUEUED,
            JobState.UNCERTAIN,
            JobState.FAILED,
            JobState.CANCELLED,
        }
    ),
    JobState.UNCERTAIN: frozenset(
        {JobState.GENERATING, JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}
    ),
    JobState.GENERATING: frozenset({JobState.FINISHED, JobState.FAILED, JobState.CANCELLED}),
    JobState.FINISHED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.REJECTED: frozenset(),
}

DELIVERY_EDGES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.SENDING}),
    DeliveryState.SENDING: frozenset({DeliveryState.SENT, DeliveryState.UNDELIVERABLE}),
    DeliveryState.SENT: frozenset(),
    DeliveryState.UNDELIVERABLE: frozenset(),
}

ENDED = frozenset(state for state, leads_to in JOB_EDGES.items() if not leads_to)
OPEN = frozenset(JobState) - ENDED
# These take one of the places that NetMind has for us: a generation exists, or may.
UNDER_WAY = frozenset({JobState.SUBMITTING, JobState.UNCERTAIN, JobState.GENERATING})


def sources(to: JobState) -> frozenset[JobState]:
    """Return the states a job may leave for `to`."""
    return frozenset(state for state, leads_to in JOB_EDGES.items() if to in leads_to)
