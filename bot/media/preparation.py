"""Make a file ready for posting: look at it, and try the recipes until one fits."""

from collections.abc import Iterator
from pathlib import Path

from bot.media import sound_plan, video_plan
from bot.media.errors import CannotFitError, NotReadableError
from bot.media.examination import examine
from bot.media.facts import Probe
from bot.media.formats import MP4, OGG, PICTURES, Format
from bot.media.limits import Limits
from bot.media.making import TooMuchError, make
from bot.media.picture import make_picture
from bot.media.picture_plan import picture_recipes
from bot.media.prepared import Change, Prepared, prepared
from bot.media.recipes import PictureRecipe, Recipe


def prepare(source: Path, target: Path, limit: int, limits: Limits) -> Prepared:
    """Write `target` unless the source will do. Raises the MediaErrors of bot.media.errors."""
    before = examine(source, limits)
    ready = _format_if_it_plays(before)
    if ready and before.size <= limit:
        return prepared(source, ready, None, before, before)
    smallest: int | None = None
    for recipe in _recipes(before, limit):
        if not _made(source, target, recipe, limit, limits):
            continue
        after = examine(target, limits)
        if after.size <= limit:
            changed: Change = "playable" if before.size <= limit else "smaller"
            return prepared(target, recipe.format, changed, before, after)
        smallest = after.size
    raise CannotFitError(limit, smallest)


def make_voice(source: Path, target: Path, limit: int, limits: Limits) -> None:
    """Write Opus in Ogg, 48 kHz; what is that already is taken over. Raises as `prepare`."""
    before = examine(source, limits)
    if before.audio_codec is None:
        raise NotReadableError(f"{source.name} has no sound")
    if before.audio_codec == "opus" and (before.channels or 0) <= 2:  # noqa: PLR2004 - stereo
        recipes = [Recipe(OGG, audio="copy")]
    else:
        recipes = []
    for recipe in [*recipes, *sound_plan.opus_recipes(before, limit)]:
        if _made(source, target, recipe, limit, limits):
            return
    raise CannotFitError(limit)


def _format_if_it_plays(probe: Probe) -> Format | None:
    if probe.picture:
        return PICTURES[probe.picture]
    if probe.kind == "video":
        return MP4 if video_plan.plays(probe) else None
    return sound_plan.format_of(probe) if sound_plan.plays(probe) else None


def _recipes(probe: Probe, limit: int) -> Iterator[Recipe | PictureRecipe]:
    if probe.picture:
        return picture_recipes(probe, limit)
    if probe.kind == "video":
        return video_plan.video_recipes(probe, limit)
    return sound_plan.sound_recipes(probe, limit)


def _made(
    source: Path, target: Path, recipe: Recipe | PictureRecipe, limit: int, limits: Limits
) -> bool:
    """Follow a recipe; False if it came out too large, or a copy cannot be had."""
    if isinstance(recipe, PictureRecipe):
        make_picture(source, target, recipe, limits)
        return True
    try:
        make(source, target, recipe, limit=limit, limits=limits)
    except TooMuchError:
        return False
    except NotReadableError:
        # Some containers keep packets in a form that another cannot take over.
        if not recipe.copies_only:
            raise
        return False
    return True
