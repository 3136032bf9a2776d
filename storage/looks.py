"""What a guild wants done with a result that does not look right."""

from enum import StrEnum


class Look(StrEnum):
    """What happens with it; it is looked at before it is posted, unless it is OFF."""

    OFF = "off"
    HIDE = "hide"
    """It is posted, and hidden until somebody looks."""
    HOLD = "hold"
    """Moderators decide."""
