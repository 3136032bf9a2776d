"""The words the sandbox knows, and the layer of sound each of them calls."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox import nature, things
from bot.sandbox.acoustics import Stage, Wave
from bot.sandbox.words import found_in


@dataclass(frozen=True, slots=True)
class Layer:
    """A sound with the words that call it; weight is its level in the mix."""

    play: Callable[[Stage], Wave]
    words: str
    weight: float = 1.0


LAYERS: dict[str, Layer] = {
    "wind": Layer(
        nature.wind, "wind windy breeze gust gale storm stormy blizzard tornado hurricane howl", 0.8
    ),
    "leaves": Layer(
        nature.leaves, "leaf leaves willow branch tree forest wood rustle bush reed grass", 0.45
    ),
    "rain": Layer(
        nature.rain, "rain rainy drizzle downpour storm thunderstorm shower monsoon pour", 0.7
    ),
    "sea": Layer(
        nature.sea, "sea ocean wave surf beach shore tide coast lighthouse harbour harbor", 0.8
    ),
    "river": Layer(
        nature.river, "river stream brook creek waterfall fountain water babble spring rapids", 0.7
    ),
    "drips": Layer(nature.drips, "drip drop cave tap leak faucet", 0.7),
    "fire": Layer(
        nature.fire, "fire campfire bonfire flame fireplace burn hearth crackle torch", 0.8
    ),
    "thunder": Layer(
        nature.thunder, "thunder thunderstorm storm stormy lightning rumble thunderclap", 1.0
    ),
    "birds": Layer(
        nature.birds, "bird birdsong robin sparrow nightingale songbird chirp tweet dawn", 0.5
    ),
    "insects": Layer(nature.insects, "insect cricket cicada grasshopper summer night meadow", 0.28),
    "bees": Layer(nature.bees, "bee bumblebee fly flies mosquito wasp hive buzz", 0.6),
    "dogs": Layer(nature.dogs, "dog puppy bark hound woof", 0.9),
    "cats": Layer(nature.cats, "cat kitten meow", 0.9),
    "owls": Layer(nature.owls, "owl hoot", 0.7),
    "underwater": Layer(nature.underwater, "underwater submarine aquarium bubble dive", 0.8),
    "space": Layer(
        nature.space, "space star galaxy cosmic cosmos planet nebula universe moon", 0.7
    ),
    "bells": Layer(things.bells, "bell chime church gong jingle sleigh carillon", 0.9),
    "engine": Layer(
        things.engine,
        "engine car motor truck motorcycle motorbike tractor vehicle traffic bus chainsaw boat",
        0.8,
    ),
    "helicopter": Layer(things.helicopter, "helicopter chopper rotor propeller", 0.8),
    "train": Layer(things.train, "train locomotive railway rail subway metro tram", 0.9),
    "steps": Layer(
        things.steps, "step footstep walk walker run runner stairs march heel boot", 0.9
    ),
    "crowd": Layer(
        things.crowd,
        "crowd people voice talk speech chatter cafe market bar pub restaurant whisper "
        "babble audience laugh street city town",
        0.6,
    ),
    "applause": Layer(things.applause, "applause clap cheer ovation", 0.8),
    "music": Layer(
        things.music,
        "music melody song piano guitar harp orchestra tune lullaby jazz lofi chord harmony violin "
        "ambient techno synth dance waltz party",
        0.8,
    ),
    "drums": Layer(things.drums, "drum drummer percussion beat rock", 0.9),
    "heartbeat": Layer(things.heartbeat, "heart heartbeat pulse", 1.0),
    "clock": Layer(things.clock, "clock tick tock watch timer", 0.8),
    "door": Layer(things.door, "door knock creak hinge slam gate", 0.9),
    "siren": Layer(things.siren, "siren alarm police ambulance emergency", 0.7),
    "horn": Layer(things.horn, "horn foghorn lighthouse ship ferry steamer", 0.6),
    "laser": Layer(things.laser, "laser blaster zap ray spaceship scifi", 0.8),
    "robot": Layer(things.robot, "robot computer beep android machine droid arcade", 0.6),
    "explosion": Layer(things.explosion, "explosion explode bomb blast boom cannon firework", 1.1),
    "keyboard": Layer(things.keyboard, "keyboard typing typewriter type keys", 0.8),
}

_LOUD_NIGHTS = frozenset({"rain", "thunder", "wind", "sea", "space"})
"""Nights in which no cricket sings."""


def layers_of(prompt: str, negative_prompt: str = "") -> list[str]:
    """Name the layers a prompt calls and its negative does not forbid; none = nothing known."""
    called = found_in(prompt, {name: layer.words for name, layer in LAYERS.items()})
    if not _LOUD_NIGHTS.isdisjoint(called) and not found_in(prompt, {"": "cricket insect cicada"}):
        called = [name for name in called if name != "insects"]
    words = {name: f"{layer.words} {name}" for name, layer in LAYERS.items()}
    forbidden = found_in(negative_prompt, words)
    return [name for name in called if name not in forbidden]
