"""What was measured of a file that people will see or hear without having asked for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measures:
    """Numbers of a whole file; what it has no part for is None.

    `flashes` and `red_flashes` are those of the worst second: pairs of opposite changes, so that
    one change alone is half a flash. `loudness` is that of the loudest 400 ms, in LUFS.
    """

    flashes: float | None = None
    red_flashes: float | None = None
    loudness: float | None = None
