"""Painters of light itself: fire, small lights, light under water, music, silk."""

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
from bot.sandbox.palette import Sky, invented, ramp


def fire(view: View, _sky: Sky) -> Painter:
    """Raise flames from the lower edge, with embers that fly up."""
    # Woven sideways and turned, so that the window slides upwards.
    nets = [
        endless(cloth(view.rng, view.width, view.height * 2, rough=1.45, stretch=1.7), view.height)
        for _ in range(2)
    ]
    heat = ramp([0x000000, 0x4A0803, 0xB8240A, 0xF2600C, 0xFFA52E, 0xFFE9A8], 256)
    hearth = np.exp(-(((view.x - 0.5) * min(view.aspect, 1.4) / 0.36) ** 2))
    cooling = 1.75 * (1 - view.y) * (1.5 - 0.7 * hearth) + 1.2 * (1 - hearth) + 0.05
    ground = hearth * view.y**2
    embers = view.rng.random((4, 70))

    def paint(picture: Picture, time: float) -> None:
        slow = window(nets[0], view.height, time * 0.5 * view.height).T
        fast = window(nets[1], view.height, 90 + time * 0.9 * view.height).T
        flame = np.clip(0.95 * slow + 0.75 * fast - cooling, 0, 1)
        flicker = 0.4 + 0.06 * np.sin(time * 9) + 0.04 * np.sin(time * 23)
        shine(picture, (0.9, 0.3, 0.08), short(ground * flicker))
        mix(picture, heat[(flame * 255).astype(np.intp)], smooth(0.02, 0.35, flame))
        _embers(view, picture, embers, time)

    return paint


def _embers(
    view: View,
    picture: Picture,
    embers: NDArray[Any],
    time: float,
) -> None:
    x, y, beat, phase = embers
    part = (y + time * (0.16 + 0.22 * beat)) % 1
    across = 0.5 + (x - 0.5) * (0.5 + 0.6 * part) + 0.03 * np.sin(time * 3 * beat + phase * 6)
    light = np.sin(np.pi * part) * (0.6 + 0.4 * np.sin(time * 11 * beat + phase * 6))
    for which, size in ((beat < 0.7, 1.0), (beat >= 0.7, 1.8)):  # noqa: PLR2004 - a few big ones
        dots(
            picture,
            across[which] * view.width,
            (1 - part[which]) * view.height,
            size=size,
            colour=(1, 0.55, 0.15),
            light=light[which],
        )


def fireflies(view: View, _sky: Sky) -> Painter:
    """Let small warm lights wander and glow in turn."""
    return _lights(view, 46, (1.0, 0.9, 0.35), low=0.35, size=2.2, rise=0.0)


def bubbles(view: View, _sky: Sky) -> Painter:
    """Let bubbles rise."""
    return _lights(view, 60, (0.55, 0.85, 0.95), low=0.0, size=2.6, rise=0.12)


def dust(view: View, sky: Sky) -> Painter:
    """Let motes float in the light."""
    return _lights(view, 60, tint(sky.glow), low=0.0, size=1.5, rise=-0.01)


def _lights(
    view: View, count: int, colour: Colour, *, low: float, size: float, rise: float
) -> Painter:
    x, y, beat, phase = view.rng.random((4, count))

    def paint(picture: Picture, time: float) -> None:
        across = (x + 0.04 * np.sin(time * (0.4 + beat) + phase * 6) + 0.01 * time) % 1
        down = low + (1 - low) * (
            (y - time * rise * (0.5 + beat) + 0.02 * np.cos(time * beat + phase * 9)) % 1
        )
        light = 0.65 * np.clip(np.sin(time * (0.7 + 1.2 * beat) + phase * 6), 0, 1) + 0.05
        dots(
            picture, across * view.width, down * view.height, size=size, colour=colour, light=light
        )
        dots(
            picture,
            across * view.width,
            down * view.height,
            size=size * 2.6,
            colour=colour,
            light=light * 0.16,
        )

    return paint


def caustics(view: View, sky: Sky) -> Painter:
    """Let the light of the surface dance in shafts under water."""
    net = endless(cloth(view.rng, view.height, view.width * 2, rough=1.9), view.width)

    def paint(picture: Picture, time: float) -> None:
        one = window(net, view.width, time * 16)
        two = window(net, view.width, 700 - time * 11)[::-1]
        shine(
            picture,
            tint(sky.glow),
            smooth(0.86, 1, 1 - np.abs(one - two)) * (1 - view.y) ** 1.5 * np.float32(0.32),
        )
        shafts = (
            np.clip(np.sin((view.x + 0.25 * view.y) * 17 + np.sin(time * 0.5) * 1.5), 0, 1) ** 2
        )
        shine(picture, tint(sky.glow), short(shafts * (1 - view.y) ** 1.3 * 0.25))

    return paint


def ribbons(view: View, sky: Sky) -> Painter:
    """Draw music: ribbons of light that swing in a beat."""
    colours = [tuple(row) for row in invented(view.rng, 9)[1:8:2]]
    beats = view.rng.uniform(1.5, 3.5, len(colours))
    del sky

    def paint(picture: Picture, time: float) -> None:
        pulse = 0.6 + 0.4 * np.abs(np.sin(time * np.pi * 1.1))
        for number, (colour, beat) in enumerate(zip(colours, beats, strict=True)):
            swing = np.sin(view.x * (5 + 2 * number) + time * beat) * np.sin(view.x * np.pi)
            line = 0.52 + (0.2 * pulse * swing) + 0.05 * np.sin(view.x * 23 - time * beat * 2)
            away = np.abs(view.y - line)
            shine(picture, colour, short(np.exp(-away / 0.006) + 0.35 * np.exp(-away / 0.045)))

    return paint


def silk(view: View, _sky: Sky) -> Painter:
    """Paint a flowing silk of made-up colours, for words nobody taught us."""
    colours = invented(view.rng, 512)
    net = cloth(view.rng, view.height, view.width, rough=2.3)
    warp = cloth(view.rng, view.height, view.width, rough=2.6)
    rows, columns = np.arange(view.height)[:, None], np.arange(view.width)[None, :]
    speed = view.rng.uniform(0.5, 1.2) * view.rng.choice([-1, 1])

    def paint(picture: Picture, time: float) -> None:
        turn = 2 * np.pi * warp + time * speed
        down = (rows + (np.sin(turn) * 0.16 * view.height).astype(np.intp)) % view.height
        across = (columns + (np.cos(turn) * 0.16 * view.width).astype(np.intp)) % view.width
        depth = (net[down, across] * 1.6 + 0.5 * warp + 0.05 * time) % 1
        picture[:] = colours[(depth * 511).astype(np.intp)]
        fold = net[down, (across + 3) % view.width] - net[down, across]
        picture *= (1 + np.clip(fold * 9, -0.35, 0.5))[..., None]

    return paint
