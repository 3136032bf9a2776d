"""Sound from words: the layers a prompt calls, in one room, as FLAC.

The same prompt, length and seed give the same samples; a word in the negative prompt takes its
layer away and leaves the others as they are.
"""

import io

import av
import numpy as np
from numpy.typing import NDArray

from bot.sandbox import things
from bot.sandbox.acoustics import (
    RATE,
    Stage,
    Wave,
    loudness_when_active,
    passed,
    reverberated,
)
from bot.sandbox.layers import LAYERS, layers_of
from bot.sandbox.words import forms_of, found_in, seed_of, words_of

COMMENT = "Sandbox rendering by Foley; not made by NetMind"
LOUDNESS_DBFS = -20.0
PEAK = 0.88
"""The highest sample there ever is, of 1: a little under -1 dBFS."""

_MANNERS = {
    "distant": "far distant distance away faint muffled remote",
    "loud": "loud heavy huge giant close near violent",
    "soft": "soft gentle quiet calm light tender whisper",
    "night": "night midnight dark",
}
_ROOMS = {
    "hall": "hall cathedral church cave cavern tunnel temple",
    "inside": "room indoor inside attic cafe kitchen house",
}
_MANNER_DB = {"distant": -6.0, "loud": 3.0, "soft": -4.0, "night": -1.0}


def render_sound(prompt: str, *, seconds: float, seed: int, negative_prompt: str = "") -> bytes:
    """Render FLAC, 44.1 kHz, 16 bit, stereo, of exactly this length (1 to 120 s)."""
    wave = compose(prompt, seconds=seconds, seed=seed, negative_prompt=negative_prompt)
    return _encoded(np.rint(wave * 32767).astype(np.int16), title=prompt)


def compose(prompt: str, *, seconds: float, seed: int, negative_prompt: str = "") -> Wave:
    """Give the stereo wave of a prompt, finished: mixed, placed in a room, levelled, faded."""
    length = round(seconds * RATE)
    manners = found_in(prompt, _MANNERS)
    wave = _mixed(prompt, layers_of(prompt, negative_prompt), length, seed)
    room = Stage(np.random.default_rng(seed_of(seed, prompt, "room")), length)
    wave = _in_its_place(room, wave, manners, found_in(prompt, _ROOMS))
    loudness = LOUDNESS_DBFS + sum(_MANNER_DB[manner] for manner in manners)
    return _faded(_levelled(wave, loudness))


def _mixed(prompt: str, names: list[str], length: int, seed: int) -> Wave:
    """Play every layer with a chance of its own and add them up; the unknown becomes a drone."""
    words = frozenset(form for word in words_of(prompt) for form in (word, *forms_of(word)))
    total = np.zeros((2, length))
    for name in names or ["drone"]:
        stage = Stage(np.random.default_rng(seed_of(seed, prompt, name)), length, words)
        layer = LAYERS.get(name)
        wave = layer.play(stage) if layer else things.drone(stage)
        weight = layer.weight if layer else 1.0
        total += (weight / max(loudness_when_active(wave), 1e-9)) * wave
    return total


def _in_its_place(room: Stage, wave: Wave, manners: list[str], rooms: list[str]) -> Wave:
    """Let the air and the walls have their say: distance and night swallow the bright part."""
    distant, dim = "distant" in manners, not {"night", "soft"}.isdisjoint(manners)
    wave = passed(wave, 25, 700 if distant else 7000 if dim else 19_000)
    if "hall" in rooms:
        return reverberated(room, wave, 3.2, 0.7, bright=4500)
    if distant:
        return reverberated(room, wave, 2.4, 0.8, bright=1200)
    return reverberated(room, wave, 0.6 if "inside" in rooms else 1.1, 0.18, bright=5000)


def _levelled(wave: Wave, loudness: float) -> Wave:
    """Scale to the loudness in dBFS, as far as the peaks allow, and round off what sticks out."""
    power, peak = float(np.sqrt(np.mean(wave**2))), float(np.abs(wave).max())
    scale = min(10 ** (loudness / 20) / max(power, 1e-9), 1.5 * PEAK / max(peak, 1e-9))
    wave = wave * scale
    knee = 0.5 * PEAK
    over = np.abs(wave) > knee
    bent = knee + (PEAK - knee) * np.tanh((np.abs(wave) - knee) / (PEAK - knee))
    return np.where(over, np.sign(wave) * bent, wave)


def _faded(wave: Wave) -> Wave:
    """Begin and end in silence, without a click."""
    length = wave.shape[1]
    rise, fall = min(length // 4, RATE // 25), min(length // 3, RATE // 2)
    envelope = np.ones(length)
    envelope[:rise] = np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    envelope[-fall:] = np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
    return wave * envelope


def _encoded(samples: NDArray[np.int16], *, title: str) -> bytes:
    """Pack the samples, (2, length), as FLAC."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac") as container:
        container.metadata.update({"title": title, "comment": COMMENT})
        stream = container.add_stream("flac", rate=RATE, layout="stereo", format="s16")
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - what a flac stream is
        packed = np.ascontiguousarray(samples.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout="stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()
