"""What the measures of a file mean. Decided without I/O."""

from bot.look.finding import Finding
from bot.media.measures import Measures

MOST_FLASHES = 3
"""In one second: WCAG 2.3.1 lets so many pass."""
LOUDEST = -5.0
"""LUFS over 400 ms; music that is mastered as loud as it sells has about -8, a full-scale square
wave +3."""


def finding_of(measures: Measures) -> Finding | None:
    """Return what does not look right; the flashes first, for they do the greatest harm."""
    if max(measures.flashes or 0, measures.red_flashes or 0) > MOST_FLASHES:
        return Finding.FLASHING
    if measures.loudness is not None and measures.loudness > LOUDEST:
        return Finding.LOUD
    return None
