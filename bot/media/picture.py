"""Still pictures: what they are, and smaller ones of them, with Pillow."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.media.errors import NotReadableError, TooHeavyError
from bot.media.facts import Probe
from bot.media.formats import PICTURES
from bot.media.limits import Limits
from bot.media.reading import check_pixels
from bot.media.recipes import PictureRecipe

_CLEAR = ("RGBA", "LA", "PA")


@contextmanager
def open_picture(path: Path, limits: Limits) -> Iterator[Image.Image]:
    """Open a picture and check its size before anything is decoded.

    Raises UnidentifiedImageError for no picture, NotReadableError for a broken one.
    """
    with warnings.catch_warnings():
        # Pillow warns of large pictures by a measure of its own; ours is check_pixels.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=tuple(PICTURES)) as image:
                check_pixels(*image.size, limits)
                yield image
        except UnidentifiedImageError:
            raise
        except Image.DecompressionBombError:
            # Pillow's own alarm goes off before the measures can be read.
            raise TooHeavyError("a picture of so many pixels is too large") from None
        except (OSError, SyntaxError, ValueError) as error:
            raise NotReadableError(f"{path.name} is a broken picture") from error


def examine_picture(path: Path, limits: Limits) -> Probe | None:
    """Decode a picture and measure it; None if the file is no picture."""
    try:
        with open_picture(path, limits) as image:
            image.load()
            return Probe(
                size=path.stat().st_size,
                seconds=0.0,
                width=image.width,
                height=image.height,
                picture=image.format,
                animated=bool(getattr(image, "is_animated", False)),
                see_through=image.mode in _CLEAR or "transparency" in image.info,
            )
    except UnidentifiedImageError:
        return None


def make_picture(source: Path, target: Path, recipe: PictureRecipe, limits: Limits) -> None:
    """Write the picture as the recipe says; it stands upright, its notes are left out."""
    with open_picture(source, limits) as image:
        upright = ImageOps.exif_transpose(image)
        shape = (recipe.width, recipe.height)
        if upright.size != image.size and upright.width == image.height:
            shape = (recipe.height, recipe.width)
        clear = recipe.format.muxer == "WEBP"
        flat = upright.convert("RGBA" if clear else "RGB")
        small = flat if flat.size == shape else flat.resize(shape, Image.Resampling.LANCZOS)
        small.save(target, recipe.format.muxer, quality=recipe.quality)
