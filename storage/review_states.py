"""What moderators are asked about a job, and how that can stand."""

from enum import StrEnum


class Matter(StrEnum):
    """What is to be approved."""

    PROMPT = "prompt"
    """That it is made."""
    RESULT = "result"
    """That it is posted."""


class ReviewState(StrEnum):
    """What moderators have decided."""

    OPEN = "open"
    """Nothing yet."""
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """There is nothing to decide any more: the job was cancelled or deleted."""
