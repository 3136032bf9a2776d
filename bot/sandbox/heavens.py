"""Painters of what is above: sun, moon, stars, clouds, rain, snow, lightning."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.sandbox.canvas import (
    Colour,
    Painter,
    Picture,
    View,
    cloth,
    dots,
    endless,
    mix,
    shine,
    short,
    smooth,
    tint,
    window,
)
from bot.sandbox.palette import Sky


def air(view: View, sky: Sky) -> Painter:
    """Fill the picture with the gradient of the sky."""
    gradient = sky.gradient(view.height)[:, None, :]

    def paint(picture: Picture, time: float) -> None:
        picture[:] = gradient * np.float32(1 + 0.02 * np.sin(time * 0.9))

    return paint


def clouds(view: View, sky: Sky) -> Painter:
    """Draw clouds over the upper part, the nearer ones faster."""
    nets = [
        endless(cloth(view.rng, view.height, view.width * 2, stretch=2.2), view.width)
        for _ in range(2)
    ]
    heavy = view.says("storm", "stormy", "rain", "thunder", "cloudy", "cloud")
    fade = (1 - view.y) ** 0.7 * (0.95 if heavy else 0.6)
    start = 0.35 if heavy else 0.5

    def paint(picture: Picture, time: float) -> None:
        for net, speed in zip(nets, (0.02, 0.045), strict=True):
            there = window(net, view.width, time * speed * view.width)
            mix(picture, tint(sky.cloud), smooth(start, 0.95, there) * fade * np.float32(0.7))

    return paint


def sun(view: View, sky: Sky) -> Painter:
    """Put a sun, with a wide glow, where its mood wants it."""
    low = view.says("sunset", "sunrise", "dusk", "dawn", "evening")
    return _disc(
        view, at=(0.66, 0.56 if low else 0.2), size=0.075, colour=tint(sky.glow), glow=0.75
    )


def moon(view: View, sky: Sky) -> Painter:
    """Put a moon, with a pale glow."""
    return _disc(view, at=(0.74, 0.2), size=0.055, colour=tint(sky.glow), glow=0.32)


def _disc(
    view: View, *, at: tuple[float, float], size: float, colour: Colour, glow: float
) -> Painter:
    away = np.hypot((view.x - at[0]) * view.aspect, view.y - at[1]) / min(1.0, view.aspect)
    disc = 1 - smooth(size * 0.94, size * 1.06, away)
    light = short(glow * np.exp(-away / 0.17) + 0.5 * glow * np.exp(-away / 0.45))

    def paint(picture: Picture, time: float) -> None:
        shine(picture, colour, light * np.float32(0.75 + 0.08 * np.sin(time * 1.3)))
        mix(picture, colour, disc)

    return paint


def stars(view: View, _sky: Sky) -> Painter:
    """Strew stars that twinkle, and let one fall now and then."""
    count = 260 if view.says("space", "galaxy", "star", "universe", "nebula") else 130
    x, y = view.rng.random(count) * view.width, view.rng.random(count) ** 1.4 * view.height * 0.75
    beat, phase = view.rng.uniform(0.8, 4, count), view.rng.uniform(0, 6, count)
    bright = view.rng.random(count) ** 2.5
    big = bright > np.quantile(bright, 0.93)

    def paint(picture: Picture, time: float) -> None:
        light = (0.25 + 0.75 * bright) * (0.65 + 0.35 * np.sin(beat * time + phase))
        drift = (x + time * 1.2) % view.width
        for which, size in ((~big, 0.8), (big, 1.9)):
            dots(
                picture,
                drift[which],
                y[which],
                size=size,
                colour=(1, 0.97, 0.9),
                light=light[which],
            )
        _falling_star(view, picture, time)

    return paint


def _falling_star(view: View, picture: Picture, time: float) -> None:
    """Draw the trail of a star in the second half of every third second."""
    part = (time % 3 - 1.2) / 0.5
    if not 0 < part < 1:
        return
    tail = np.linspace(0, 0.16, 24)
    x = (0.15 + 0.13 * (time // 3 % 5) + 0.3 * part - tail) * view.width
    y = (0.08 + 0.18 * part - tail * 0.6) * view.height
    light = (1 - tail / 0.16) * np.sin(np.pi * part)
    dots(picture, x, y, size=1.0, colour=(1, 1, 1), light=light)


def nebula(view: View, sky: Sky) -> Painter:
    """Hang veils of coloured gas that drift against each other."""
    first, second = (
        endless(cloth(view.rng, view.height, view.width * 2, rough=1.9), view.width)
        for _ in range(2)
    )

    def paint(picture: Picture, time: float) -> None:
        one = window(first, view.width, time * 14)
        two = window(second, view.width, 300 - time * 9)
        shine(picture, tint(sky.cloud), one * one * two * np.float32(1.3))
        shine(picture, tint(0x1E6FA8), (1 - one) * two * two * np.float32(0.9))
        shine(picture, tint(0xFF7FB0), smooth(0.6, 1, one) * smooth(0.5, 1, two) * np.float32(0.6))

    return paint


def aurora(view: View, _sky: Sky) -> Painter:
    """Hang curtains of green and violet light."""
    net = endless(cloth(view.rng, 8, view.width * 3, rough=1.2), view.width)

    def paint(picture: Picture, time: float) -> None:
        for number, (colour, base) in enumerate(
            ((0x3CFFA0, 0.5), (0x9A5CFF, 0.42), (0x35D0FF, 0.58))
        ):
            rays = window(net, view.width, (time * (14 + 9 * number)) + 200 * number)[
                number : number + 1
            ]
            foot = base + 0.07 * np.sin(view.x * (5 + number) + time * 0.7 + number * 2)
            up = np.clip((foot - view.y) / 0.42, -0.15, 1)
            veil = np.where(up > 0, np.exp(-up * 3.2), np.exp(up * 40))
            shine(picture, tint(colour), short(veil * (0.15 + rays**2) * 0.62))

    return paint


def rain(view: View, _sky: Sky) -> Painter:
    """Let streaks fall, slanted by the wind, the near ones longer and faster."""
    count = 420
    x, y, near = view.rng.random(count), view.rng.random(count), view.rng.random(count)
    slant = 0.28 if view.says("storm", "wind", "stormy", "windy") else 0.1
    along = np.linspace(0, 1, 18)

    def paint(picture: Picture, time: float) -> None:
        fall = (y + time * (1.3 + 1.5 * near)) % 1.2 - 0.1
        length = 0.03 + 0.06 * near
        down = fall[:, None] + along * length[:, None]
        across = (x[:, None] - slant * down) % 1.0
        light = (0.1 + 0.24 * near)[:, None] * along * np.ones_like(down)
        dots(
            picture,
            across.ravel() * view.width,
            down.ravel() * view.height,
            size=0.6,
            colour=(0.78, 0.87, 1.0),
            light=light.ravel(),
        )

    return paint


def snow(view: View, _sky: Sky) -> Painter:
    """Let flakes sink and sway, in three depths."""
    depths = [(160, 0.9, 0.05), (90, 1.7, 0.09), (34, 3.6, 0.15)]
    flakes = [(view.rng.random((4, count)), size, speed) for count, size, speed in depths]

    def paint(picture: Picture, time: float) -> None:
        for (x, y, beat, phase), size, speed in flakes:
            sway = 0.02 * np.sin(time * (0.6 + beat) + phase * 6)
            across = (x + sway + time * speed * 0.3) % 1.04 - 0.02
            down = (y + time * speed * (0.8 + 0.4 * beat)) % 1.08 - 0.04
            dots(
                picture,
                across * view.width,
                down * view.height,
                size=size,
                colour=(1, 1, 1),
                light=0.85 - 0.12 * size,
            )

    return paint


def lightning(view: View, _sky: Sky) -> Painter:
    """Strike at moments of its own: a flash over all, and a bolt."""
    strikes = np.cumsum(view.rng.uniform(0.7, 2.2, 40))
    bolts = [_bolt(view) for _ in strikes]

    def paint(picture: Picture, time: float) -> None:
        for strike, (x, y) in zip(strikes, bolts, strict=True):
            since = time - strike + 0.35
            if 0 <= since < 0.5:  # noqa: PLR2004 - half a second of light
                light = np.exp(-since * 9) * (0.65 + 0.35 * np.cos(since * 70))
                picture += np.float32(0.6 * light) * np.array([0.75, 0.8, 1], np.float32)
                dots(picture, x, y, size=1.5, colour=(1, 1, 1), light=2.2 * light)
                dots(picture, x[::2], y[::2], size=5, colour=(0.5, 0.5, 0.9), light=0.25 * light)

    return paint


def _bolt(
    view: View,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Walk a crooked way from the clouds to the ground."""
    steps = int(view.height * 0.62)
    kinks = view.rng.normal(0, 1, 26).cumsum() * 0.022
    x = view.rng.uniform(0.2, 0.8) + np.interp(np.linspace(0, 25, steps), np.arange(26), kinks)
    return x * view.width, np.arange(steps, dtype=np.float64)


def fog(view: View, sky: Sky) -> Painter:
    """Roll banks of fog over the ground, two against each other."""
    nets = [
        endless(cloth(view.rng, view.height, view.width * 2, rough=2.0, stretch=2.5), view.width)
        for _ in range(2)
    ]
    low = smooth(0.25, 0.85, view.y) * np.float32(0.6)

    def paint(picture: Picture, time: float) -> None:
        for net, speed in zip(nets, (0.05, -0.03), strict=True):
            there = window(net, view.width, 500 + time * speed * view.width)
            mix(picture, tint(sky.cloud), there * low)

    return paint


def birds(view: View, sky: Sky) -> Painter:
    """Let a small flock cross, beating its wings."""
    count = 9
    place = view.rng.random((3, count))
    wing = np.linspace(-1, 1, 17)

    def paint(picture: Picture, time: float) -> None:
        for x, y, phase in place.T:
            size = (0.010 + 0.012 * y) * view.height
            beat = np.sin(time * (7 + 3 * phase) + phase * 6)
            across = ((x + time * (0.05 + 0.04 * y)) % 1.2 - 0.1) * view.width
            rise = np.abs(wing) * (0.35 + 0.6 * beat) - 0.25 * wing**2
            down = (0.14 + 0.3 * y + 0.01 * np.sin(time + phase * 6)) * view.height - rise * size
            _dark_dots(picture, across + wing * size * 1.5, down, tint(sky.shade))

    return paint


def _dark_dots(
    picture: Picture,
    x: NDArray[Any],
    y: NDArray[Any],
    colour: Colour,
) -> None:
    lost = (colour[0] - 0.7, colour[1] - 0.7, colour[2] - 0.7)
    dots(picture, x, y, size=0.9, colour=lost, light=0.8)
