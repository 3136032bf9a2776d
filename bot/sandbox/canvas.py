"""The workshop of pictures: clouds of noise, windows that slide over them, soft dots.

A picture is an array (height, width, 3) of light from 0 to 1; a field has no colour. Places are
parts of the width or height, so a scene looks the same at any size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
Field = NDArray[np.float32]
Painter = Callable[[Picture, float], None]
"""Paints onto a picture what is there at a time, in seconds."""
Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """What a painter is given: the size in pixels, its own chance, and the words of the prompt."""

    width: int
    height: int
    rng: np.random.Generator
    words: frozenset[str]

    @property
    def x(self) -> Field:
        """Give the place of each column, 0 left to 1 right."""
        return np.linspace(0, 1, self.width, dtype=np.float32)[None, :]

    @property
    def y(self) -> Field:
        """Give the place of each row, 0 top to 1 bottom."""
        return np.linspace(0, 1, self.height, dtype=np.float32)[:, None]

    @property
    def aspect(self) -> float:
        """Say how much wider than high it is."""
        return self.width / self.height

    def says(self, *words: str) -> bool:
        """Say whether the prompt has one of these words."""
        return not self.words.isdisjoint(words)


def short(values: NDArray[Any]) -> Field:
    """Give an array in the short floats that pictures are made of."""
    return values.astype(np.float32, copy=False)


def tint(rgb: int) -> Colour:
    """Give the light of a colour written 0xRRGGBB."""
    return ((rgb >> 16) / 255, (rgb >> 8 & 255) / 255, (rgb & 255) / 255)


def smooth(low: float, high: float, field: NDArray[Any]) -> Field:
    """Rise softly from 0 to 1 between two values."""
    part = np.clip((field - low) / (high - low), 0, 1)
    return short(part * part * (3 - 2 * part))


def cloth(
    rng: np.random.Generator, height: int, width: int, *, rough: float = 1.7, stretch: float = 1.0
) -> Field:
    """Weave a seamless noise field from 0 to 1; rough near 1 is grainy, near 3 is silk.

    A stretch above 1 draws its shapes out sideways.
    """
    down = np.fft.fftfreq(height)[:, None] * height
    across = np.fft.rfftfreq(width)[None, :] * height * stretch
    distance = np.hypot(down, across)
    distance[0, 0] = np.inf
    shape = (height, width // 2 + 1)
    chance = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    field = np.fft.irfft2(chance * distance**-rough, (height, width))
    low, high = np.percentile(field, (1, 99))
    return short(np.clip((field - low) / (high - low), 0, 1))


def endless(field: Field, width: int) -> Field:
    """Repeat the beginning of a seamless field at its right end, for a window of this width."""
    return np.concatenate([field, field[:, : width + 1]], axis=1)


def window(field: Field, width: int, offset: float) -> Field:
    """Look at an endless field from this column on; parts of a pixel count."""
    turn = offset % (field.shape[1] - width - 1)
    whole, part = int(turn), np.float32(turn % 1)
    return field[:, whole : whole + width] * (1 - part) + (
        field[:, whole + 1 : whole + width + 1] * part
    )


def mix(picture: Picture, colour: Colour | NDArray[Any], amount: NDArray[Any]) -> None:
    """Cover a picture with a colour as far as the amount says."""
    picture += (np.asarray(colour, np.float32) - picture) * amount[..., None]


def shine(picture: Picture, colour: Colour, amount: Field) -> None:
    """Add light."""
    picture += amount[..., None] * np.asarray(colour, np.float32)


def dots(
    picture: Picture,
    x: NDArray[Any],
    y: NDArray[Any],
    *,
    size: float,
    colour: Colour,
    light: NDArray[Any] | float = 1.0,
) -> None:
    """Add soft round dots at pixel places; size is their radius in pixels."""
    height, width = picture.shape[:2]
    reach = int(size)
    flat, tone = picture.reshape(-1, 3), np.asarray(colour, np.float32)
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    for down in range(-reach, reach + 2):
        for across in range(-reach, reach + 2):
            column, row = left + across, top + down
            away = np.hypot(column - x, row - y) / max(size, 0.7)
            gain = np.clip(1 - away * away * 0.8, 0, 1) ** 2 * light
            seen = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (gain > 0)
            places = row[seen] * width + column[seen]
            np.add.at(flat, places, short(gain[seen])[:, None] * tone)


def ridge(rng: np.random.Generator, width: int, *, rough: float, turns: float) -> Field:
    """Give an endless outline from 0 to 1 with about so many turns in a window of this width."""
    count = width * 4
    frequencies = np.fft.rfftfreq(count) * count
    gain = np.maximum(frequencies, turns * 4) ** -rough
    gain[0] = 0
    chance = rng.standard_normal(len(gain)) + 1j * rng.standard_normal(len(gain))
    line = np.fft.irfft(chance * gain, count)
    line = (line - line.min()) / max(float(np.ptp(line)), 1e-9)
    return endless(short(line)[None, :], width)
