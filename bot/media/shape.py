"""A sound's shape, as Discord's voice messages carry it."""

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Waveform:
    """A sound's length in seconds and 1 to 256 bytes of loudness, 255 for the loudest moment."""

    seconds: float
    peaks: bytes

    @property
    def encoded(self) -> str:
        """The peaks as Discord's `waveform` field takes them: base64."""
        return base64.b64encode(self.peaks).decode()
