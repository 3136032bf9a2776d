"""The title of a picture: the prompt in letters, as a mask to lay over any frame."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Mask = NDArray[np.float32]

MOST_LINES = 3
_WIDER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")
"""Fonts with more than Latin letters, used when this machine has one and the prompt needs it."""


def title_masks(text: str, width: int, height: int) -> tuple[Mask, Mask]:
    """Give how much of each pixel is letter, and how much is the soft shade behind it, 0 to 1."""
    size = max(12, round(min(width * 0.042, height * 0.058)))
    font, drawable = _font_for(text, size)
    lines = wrapped(drawable, font, width * 0.86)
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    foot = height - round(height * 0.06)
    for number, line in enumerate(reversed(lines)):
        place = (width / 2, foot - number * size * 1.25)
        draw.text(place, line, font=font, fill=255, anchor="ms")
    shade = image.filter(ImageFilter.GaussianBlur(size * 0.35))
    return _mask(image), np.minimum(np.float32(1), _mask(shade) * np.float32(1.7))


def _mask(image: Image.Image) -> Mask:
    mask: Mask = np.asarray(image, np.float32) / np.float32(255)
    return mask


def wrapped(text: str, font: Font, width: float) -> list[str]:
    """Break a text into a few lines that fit; what is too long ends in dots."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        kept[-1] += " ..."
    return [_cut(line, font, width) for line in kept]


def _cut(line: str, font: Font, width: float) -> str:
    """Shorten a line without a place to break."""
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "...") > width:
        line = line[:-1]
    return line + "..."


def _font_for(text: str, size: int) -> tuple[Font, str]:
    """Choose a font, and leave out what it cannot draw; accents may be lost, words stay."""
    own: Font = ImageFont.load_default(size=size)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if _has(own, c))
    if sum(map(str.isalpha, plain)) == sum(map(str.isalpha, text)):
        return own, plain
    for name in _WIDER_FONTS:
        try:
            wide = ImageFont.truetype(name, size)
        except OSError:
            continue
        return wide, "".join(c for c in text if _has(wide, c))
    return own, plain


@cache
def _has(font: Font, character: str) -> bool:
    """Say whether the font has a picture of its own for a character."""
    if character.isspace():
        return True
    missing = font.getmask("\uffff")
    return bytes(font.getmask(character)) != bytes(missing)
