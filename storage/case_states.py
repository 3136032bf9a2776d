"""How a reported result can stand."""

from enum import StrEnum


class CaseState(StrEnum):
    """What moderators have decided about a report."""

    OPEN = "open"
    """Nothing yet."""
    REMOVED = "removed"
    """The result was taken away."""
    DISMISSED = "dismissed"
    """The result stays."""
