"""The ways a result can take."""

from enum import StrEnum


class Route(StrEnum):
    """Where a result is posted."""

    CHANNEL = "channel"
    """In the channel of the command."""
    THREAD = "thread"
    """In a thread below its card."""
    GALLERY = "gallery"
    """In one channel or forum of the guild, which shows them all."""
    DIRECT = "direct"
    """To its person by direct message, who has agreed to that."""
    PRIVATE = "private"
    """Nowhere: it is kept until its person fetches it with /job."""
