"""Colours: what a sky looks like from top to horizon, and what stands before it."""

import colorsys
from dataclasses import dataclass

import numpy as np

from bot.sandbox.canvas import Colour, Field, short, tint


@dataclass(frozen=True, slots=True)
class Sky:
    """The colours of a mood; light falls from glow, things before it are shade."""

    bands: tuple[int, ...]
    glow: int
    shade: int
    water: int
    cloud: int

    def gradient(self, steps: int) -> Field:
        """Give a column of colours from the top to the bottom, (steps, 3)."""
        return ramp(self.bands, steps)


SKIES: dict[str, Sky] = {
    "space": Sky((0x05030F, 0x130A33, 0x2A1250, 0x0B0620), 0xC9B8FF, 0x030208, 0x0A0930, 0x5B2A86),
    "underwater": Sky(
        (0x3FC1C9, 0x14839C, 0x0A4A73, 0x041C38), 0xC8FFF4, 0x021226, 0x0A4A73, 0x7FE6E0
    ),
    "ember": Sky((0x0A0508, 0x1B0A0E, 0x3A1210, 0x5E1F10), 0xFFB45A, 0x0A0405, 0x2A0F12, 0x4A1D18),
    "storm": Sky((0x161D2A, 0x2C394A, 0x4E5E6D, 0x80909A), 0xBFD4E6, 0x090D13, 0x1A2A38, 0x2C3742),
    "sunset": Sky(
        (0x1F1B4D, 0x6B2C72, 0xE0566B, 0xFFB25E, 0xFFE3A0), 0xFFF0C2, 0x1A1030, 0x4A2560, 0xFF8F70
    ),
    "night": Sky((0x050716, 0x0B1437, 0x1A2A5E, 0x38487F), 0xF4F1DA, 0x04060F, 0x0B1A3E, 0x26335F),
    "winter": Sky((0x6F89AD, 0x9DB4CE, 0xC9D7E4, 0xEEF2F6), 0xFFFFFF, 0x4B5D78, 0x6C88A6, 0xF5F8FB),
    "mist": Sky((0x8D9AA0, 0xA9B4B6, 0xC6CCC8, 0xDDDFD8), 0xFFFBEA, 0x56646A, 0x7F9196, 0xE6E8E4),
    "forest": Sky((0x7FB7A3, 0xA8CFA3, 0xD5E4A8, 0xF3EFC4), 0xFFF6C8, 0x173A2A, 0x2F6B5E, 0xE9F5DC),
    "day": Sky((0x2A6FC4, 0x5AA2E0, 0x9CCCF0, 0xE3F2F7), 0xFFF8DC, 0x24506B, 0x1C6FA3, 0xFFFFFF),
}
"""The moods, the strongest first: storm wins over night, night over day."""

SKY_WORDS = {
    "space": "space galaxy cosmic cosmos planet nebula universe asteroid",
    "underwater": "underwater reef fish whale submarine coral aquarium jellyfish",
    "storm": "storm stormy thunder thunderstorm lightning hurricane tornado rain rainy downpour",
    "sunset": "sunset sunrise dusk dawn evening golden twilight",
    "night": "night midnight star moon aurora northern dark city neon firefly skyline owl lantern",
    "ember": "fire campfire bonfire flame lava volcano burn torch fireplace ember",
    "winter": "snow snowy winter ice frost blizzard snowfall arctic",
    "mist": "fog foggy mist misty haze ghost",
    "forest": "forest tree willow wood jungle leaf meadow garden bamboo grass",
    "day": "day sun sunny sea ocean beach sky cloud wave coast mountain hill desert bird wind "
    "lighthouse river lake summer spring island valley field",
}


def ramp(colours: tuple[int, ...] | list[int], steps: int) -> Field:
    """Blend colours into each other over so many steps, (steps, 3)."""
    stops = np.array([tint(colour) for colour in colours])
    places = np.linspace(0, len(stops) - 1, steps)
    known = np.arange(len(stops))
    return short(np.stack([np.interp(places, known, stops[:, part]) for part in range(3)], axis=1))


def invented(rng: np.random.Generator, steps: int) -> Field:
    """Make up a palette for words nobody taught us: deep, rich, bright and back."""
    hue, turn = rng.random(), rng.uniform(0.08, 0.3) * rng.choice([-1, 1])
    plan = ((0, 0.85, 0.12), (0.6, 0.8, 0.45), (1.2, 0.65, 0.85), (1.8, 0.3, 1.0), (0.9, 0.8, 0.55))
    colours = [
        colorsys.hsv_to_rgb((hue + step * turn) % 1, rich, light)
        for step, rich, light in (*plan, plan[0])
    ]
    return ramp([whole(colour) for colour in colours], steps)


def whole(colour: Colour) -> int:
    """Write a colour as 0xRRGGBB."""
    red, green, blue = (round(255 * min(1, part)) for part in colour)
    return red << 16 | green << 8 | blue


def is_dark(sky: Sky) -> bool:
    """Say whether it is a sky of the night."""
    return sum(tint(sky.bands[1])) < 1.0


def between(one: Colour, other: Colour, part: float) -> Colour:
    """Blend two colours."""
    red, green, blue = (a + (b - a) * part for a, b in zip(one, other, strict=True))
    return red, green, blue
