"""What a test may change about the stand-in while it runs."""

from dataclasses import dataclass, fields
from typing import Any

from bot.sandbox.generation import Pace, Shape
from bot.sandbox.orders import Kind


@dataclass
class Settings:
    """Times are in seconds. `pending` is the wait for a machine, `making` the work itself."""

    shape: Shape = "C"
    audio_pending: float = 0.1
    audio_making: float = 0.2
    video_pending: float = 0.1
    video_making: float = 0.4
    latency_min: float = 0.0
    latency_max: float = 0.0
    """Of each call of the API, drawn between the two; half of it passes before the effect."""
    list_limit: int | None = None
    """The list is cut to so many, newest first."""
    link_life: float | None = 3600.0
    """None: links live for ever."""
    clock_offset: float = 0.0
    """How wrong the API's own clock goes: it shifts every time that is told."""
    most_running: int | None = None
    """A create beyond so many running generations is a 429."""
    file_size: int = 0
    """Every coming result has at least so many bytes."""

    def change(self, **changes: Any) -> None:
        """Set what exists. Raises AttributeError for an unknown name."""
        known = {field.name for field in fields(self)}
        if unknown := sorted(changes.keys() - known):
            raise AttributeError(f"There is no setting {unknown[0]!r}.")
        for name, value in changes.items():
            setattr(self, name, value)

    def pace(self, kind: Kind) -> Pace:
        if kind == "audio":
            return Pace(self.audio_pending, self.audio_making)
        return Pace(self.video_pending, self.video_making)
