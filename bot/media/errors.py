"""What goes wrong with a media file.

MediaError
|-- NotReadableError  no media file, or cut short, or without what was asked of it
|-- TooHeavyError     it would need more than one of the limits: time, memory, pixels, length
|-- CannotFitError    it cannot be made small enough and still be worth posting
`-- MediaCrashError   the process that handled it died, or answered nonsense
"""

from bot.errors import FoleyError


class MediaError(FoleyError):
    """Root of everything that goes wrong with a media file."""


class NotReadableError(MediaError):
    """The file is no media file that can be read."""


class TooHeavyError(MediaError):
    """The file was given up because it went over a limit; str() names the limit."""


class CannotFitError(MediaError):
    """The file cannot become as small as `limit` bytes; `least` is what it would need, if known."""

    def __init__(self, limit: int, least: int | None = None) -> None:
        self.limit = limit
        self.least = least
        needs = f"; it needs at least {least}" if least else ""
        super().__init__(f"the file cannot be fitted into {limit} bytes{needs}")


class MediaCrashError(MediaError):
    """The process that handled the file ended without an answer that makes sense."""
