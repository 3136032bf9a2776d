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


class CaseAction(StrEnum):
    """What a moderator did beside, or instead of, taking the result away."""

    HIDE = "hide"
    """It was posted anew, hidden until somebody looks."""
    BLOCK = "block"
    """Its person may not ask for more in this guild."""
