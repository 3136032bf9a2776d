"""From words to a scene: which sky, which painters, in which order."""

from collections.abc import Callable

import numpy as np

from bot.sandbox import grounds, heavens, lights
from bot.sandbox.canvas import Painter, View
from bot.sandbox.palette import SKIES, SKY_WORDS, Sky
from bot.sandbox.words import forms_of, found_in, seed_of, words_of

Maker = Callable[[View, Sky], Painter]

MAKERS: dict[str, tuple[Maker, str]] = {
    "nebula": (heavens.nebula, "space galaxy nebula cosmic cosmos universe planet"),
    "stars": (heavens.stars, "star night midnight space galaxy universe cosmos moon aurora nebula"),
    "aurora": (heavens.aurora, "aurora northern borealis polar"),
    "moon": (heavens.moon, "moon moonlight night midnight owl"),
    "sun": (
        heavens.sun,
        "sun sunny sunset sunrise dawn dusk evening day beach summer desert golden mist misty",
    ),
    "clouds": (
        heavens.clouds,
        (
            "cloud cloudy sky day wind storm stormy rain thunder sea ocean mountain hill "
            "lighthouse sunset"
        ),
    ),
    "birds": (heavens.birds, "bird birdsong gull seagull flock crow swallow"),
    "mountains": (
        grounds.mountains,
        "mountain alps peak canyon volcano valley desert winter snow snowy",
    ),
    "hills": (grounds.hills, "hill field countryside meadow bell church train valley"),
    "caustics": (lights.caustics, SKY_WORDS["underwater"]),
    "sea": (
        grounds.sea,
        "sea ocean wave beach shore coast lake river harbour harbor lighthouse ship boat island",
    ),
    "city": (grounds.city, "city town skyline street neon traffic crowd siren car"),
    "lighthouse": (grounds.lighthouse, "lighthouse"),
    "trees": (grounds.trees, "forest tree wood jungle bamboo park"),
    "meadow": (grounds.meadow, "meadow grass field garden cricket insect summer willow"),
    "willow": (grounds.willow, "willow branch vine leaf"),
    "fire": (lights.fire, "fire campfire bonfire flame burn lava torch fireplace ember volcano"),
    "ribbons": (
        lights.ribbons,
        "music melody song piano guitar orchestra synth harp jazz dance party techno",
    ),
    "fog": (heavens.fog, "fog foggy mist misty haze ghost steam smoke"),
    "lightning": (heavens.lightning, "lightning thunder thunderstorm storm stormy"),
    "rain": (heavens.rain, "rain rainy downpour drizzle storm stormy thunderstorm shower"),
    "snow": (heavens.snow, "snow snowy snowfall winter blizzard"),
    "fireflies": (lights.fireflies, "firefly lantern magic fairy cricket"),
    "bubbles": (lights.bubbles, SKY_WORDS["underwater"] + " bubble"),
    "dust": (lights.dust, "dust golden forest ghost sunbeam pollen"),
}
"""What can be in a picture, from the back to the front, with the words that call it."""

_HIDDEN_BY = {
    "sun": {"storm", "night", "space", "ember"},
    "moon": {"storm", "space", "sunset"},
    "stars": {"storm", "sunset"},
    "mountains": {"night"},
}
"""Skies before which a thing is not seen."""

_OPEN_SKIES = {"storm", "sunset", "night", "winter", "mist", "day"}
"""Skies that want some land under them."""
_GROUNDS = {"mountains", "hills", "sea", "city", "trees", "willow", "fire", "ribbons", "aurora"}


def painters_of(prompt: str, *, width: int, height: int, seed: int) -> list[Painter]:
    """Give the painters of a prompt, the back of the picture first."""
    words = frozenset(form for word in words_of(prompt) for form in (word, *forms_of(word)))

    def view(name: str) -> View:
        chance = np.random.default_rng(seed_of(seed, prompt, name))
        return View(width, height, chance, words)

    sky_name, names = plan(prompt)
    if not sky_name and not names:
        return [lights.silk(view("silk"), SKIES["day"]), lights.dust(view("dust"), SKIES["day"])]
    sky = SKIES[sky_name or "night"]
    return [heavens.air(view("air"), sky), *(MAKERS[name][0](view(name), sky) for name in names)]


def plan(prompt: str) -> tuple[str | None, list[str]]:
    """Name the sky a prompt has, if any, and the things before it."""
    skies = found_in(prompt, SKY_WORDS)
    sky = skies[0] if skies else None
    called = found_in(prompt, {name: known for name, (_, known) in MAKERS.items()})
    seen = [name for name in called if sky not in _HIDDEN_BY.get(name, ())]
    if sky in _OPEN_SKIES and _GROUNDS.isdisjoint(seen):
        seen = [name for name in MAKERS if name in {*seen, "hills"}]
    return sky, seen
