"""Which recipes make a picture small enough: decided without opening anything."""

from collections.abc import Iterator

from bot.media.errors import CannotFitError
from bot.media.facts import Probe
from bot.media.formats import JPEG, WEBP
from bot.media.recipes import PictureRecipe

LONG_EDGES = (4096, 2560, 1920, 1440, 1080, 800, 640)
"""Discord shows a picture at most 550 wide in a message; 640 is the floor."""

QUALITIES = (90, 75)


def picture_recipes(probe: Probe, limit: int) -> Iterator[PictureRecipe]:
    """Give what to try, the gentlest first. Raises CannotFitError for a picture that moves."""
    if probe.animated:
        # A still of it would be another thing than what was made.
        raise CannotFitError(limit)
    width, height = probe.width or 1, probe.height or 1
    long = max(width, height)
    format_ = WEBP if probe.see_through else JPEG
    for edge in [long, *(edge for edge in LONG_EDGES if edge < long)]:
        shape = (max(1, round(side * edge / long)) for side in (width, height))
        across, down = shape
        for quality in QUALITIES:
            yield PictureRecipe(format_, across, down, quality)
