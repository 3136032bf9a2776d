"""The workshop of sound: noise of any colour, slow curves, grains, places in the stereo field.

A wave is an array of samples at 44.1 kHz; a stereo wave has the shape (2, samples). Frequencies are
in hertz, times in seconds, levels about 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

RATE = 44_100
COARSE = 100
"""Slow curves are reckoned once in so many samples, with straight lines between."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a layer plays: its own chance, its length, and the words that colour it."""

    rng: np.random.Generator
    length: int
    words: frozenset[str] = frozenset()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.length / RATE

    @property
    def time(self) -> Wave:
        """Give the time of each sample."""
        return np.arange(self.length) / RATE

    def silence(self) -> Wave:
        """Give an empty stereo wave to write on."""
        return np.zeros((2, self.length))

    def happens(self, chance: float) -> bool:
        """Throw the dice: true this often, of 1."""
        return bool(self.rng.random() < chance)

    def says(self, *words: str) -> bool:
        """Say whether the prompt has one of these words."""
        return not self.words.isdisjoint(words)


def good_size(length: int) -> int:
    """Give a length at least this long whose Fourier transform is quick."""
    step = 1 << max(0, length.bit_length() - 4)
    return -(-length // step) * step


def band(frequencies: NDArray[Any], low: float, high: float, *, slope: float = 4.0) -> Wave:
    """Give the gain of a soft band-pass at each frequency."""
    most = 1e36 ** (1 / slope)  # its power is the largest a short float holds
    below = np.minimum(low / np.maximum(frequencies, 1e-3), most)
    above = np.minimum(frequencies / high, most)
    gain: Wave = 1 / ((1 + below**slope) * (1 + above**slope))
    return gain


def noise(stage: Stage, low: float, high: float, *, tilt: float = 0.0, slope: float = 4.0) -> Wave:
    """Give stereo noise of a band at level 1; tilt is the fall in dB per octave / 6."""
    size = good_size(stage.length)
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    gain = band(frequencies, low, high, slope=slope)
    gain *= np.maximum(frequencies, 20.0) ** -tilt
    shape = (2, len(frequencies), 2)
    chance = stage.rng.standard_normal(shape).view(np.complex128)[..., 0]
    wave = np.fft.irfft(chance * gain, size)[:, : stage.length]
    return level(wave)


def filtered(wave: Wave, gains: Sequence[tuple[float, float, float]]) -> Wave:
    """Pass a wave through resonances (centre, width, gain) and nothing else."""
    size = good_size(wave.shape[-1])
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    shape = np.zeros_like(frequencies)
    for centre, width, gain in gains:
        shape += gain / (1 + ((frequencies - centre) / width) ** 2)
    return np.fft.irfft(np.fft.rfft(wave, size) * shape, size)[..., : wave.shape[-1]]


def passed(wave: Wave, low: float, high: float) -> Wave:
    """Pass a wave through a soft band."""
    size = good_size(wave.shape[-1])
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    spectrum = np.fft.rfft(wave, size) * band(frequencies, low, high)
    return np.fft.irfft(spectrum, size)[..., : wave.shape[-1]]


def level(wave: Wave) -> Wave:
    """Scale to a mean power of 1."""
    power = float(np.sqrt(np.mean(np.square(wave))))
    return wave / power if power > 0 else wave


def loudness_when_active(wave: Wave) -> float:
    """Give the level of the loudest third of a wave, so that rare sounds are not blown up."""
    step = RATE // 20
    used = wave.shape[-1] // step * step or wave.shape[-1]
    squares = np.square(wave[:, :used]).mean(axis=0).reshape(-1, min(step, used)).mean(axis=1)
    loudest = np.sort(squares)[-max(1, len(squares) // 3) :]
    return float(np.sqrt(loudest.mean()))


def slow(stage: Stage, per_second: float) -> Wave:
    """Give a smooth random curve between 0 and 1 with so many turns a second."""
    count = max(4, int(stage.seconds * per_second) + 4)
    points = stage.rng.random(count)
    points = (points - points.min()) / max(float(np.ptp(points)), 1e-6)
    place = np.linspace(0, count - 2, stage.length // COARSE + 2)
    whole = place.astype(np.intp)
    part = place - whole
    part = part * part * (3 - 2 * part)
    curve: Wave = points[whole] * (1 - part) + points[whole + 1] * part
    between = np.linspace(0, 1, COARSE, endpoint=False)
    fine = curve[:-1, None] + np.diff(curve)[:, None] * between
    return fine.reshape(-1)[: stage.length]


def fading(seconds: float, *, attack: float = 0.002, sharpness: float = 5.0) -> Wave:
    """Give an envelope that rises quickly and dies away within the time."""
    time = np.arange(max(2, int(seconds * RATE))) / RATE
    rise = np.minimum(1, time / attack)
    fall: Wave = np.exp(-sharpness * time / seconds) - np.exp(-sharpness)
    return rise * fall


def partials(
    seconds: float, tones: Iterable[tuple[float, float, float]], *, attack: float = 0.003
) -> Wave:
    """Give a struck sound: tones of (frequency, gain, decay time to 1/e)."""
    time = np.arange(int(seconds * RATE)) / RATE
    wave = np.zeros_like(time)
    for frequency, gain, decay in tones:
        if frequency < RATE * 0.45:
            wave += gain * np.exp(-time / decay) * np.sin(2 * np.pi * frequency * time)
    ease = np.minimum(1, (seconds - time) / min(0.05, seconds / 4))
    return wave * np.minimum(1, time / attack) * ease


def gliding(frequency: Wave) -> Wave:
    """Give the phase, in radians, of a tone whose frequency changes."""
    return 2 * np.pi * np.cumsum(frequency) / RATE


def harmonics(phase: Wave, count: int, *, fall: float = 1.0) -> Wave:
    """Sound a tone and its overtones, each weaker than the one before."""
    wave = np.zeros_like(phase)
    for number in range(1, count + 1):
        wave += np.sin(number * phase) / number**fall
    return wave


def burst(stage: Stage, seconds: float, low: float, high: float, *, sharpness: float = 5.0) -> Wave:
    """Give a short one-channel burst of noise that dies away."""
    short = Stage(stage.rng, max(64, int(seconds * RATE)))
    envelope = fading(seconds, sharpness=sharpness)
    wave = noise(short, low, high)[0]
    piece: Wave = wave[: len(envelope)] * envelope[: wave.shape[-1]]
    return piece


def panned(wave: Wave, position: float | Wave) -> Wave:
    """Put one channel in the stereo field: -1 left, 1 right."""
    angle = (np.asarray(position) + 1) * np.pi / 4
    return np.stack([wave * np.cos(angle), wave * np.sin(angle)])


def put(target: Wave, wave: Wave, at: float, *, gain: float = 1.0, position: float = 0.0) -> None:
    """Add one channel to a stereo wave at a time; what reaches past the end is cut."""
    start = int(at * RATE)
    piece = wave[max(0, -start) : max(0, target.shape[1] - start)]
    if len(piece) == 0:
        return
    angle = (position + 1) * np.pi / 4
    first = max(0, start)
    target[0, first : first + len(piece)] += gain * np.cos(angle) * piece
    target[1, first : first + len(piece)] += gain * np.sin(angle) * piece


def strew(
    stage: Stage, grains: Sequence[Wave], per_second: float, *, density: Wave | None = None
) -> Wave:
    """Strew grains at random times, few of them loud; density thins them out over time."""
    out = stage.silence()
    count = stage.rng.poisson(per_second * stage.seconds)
    times = stage.rng.uniform(0, stage.seconds, count)
    gains = np.exp(stage.rng.normal(-1.2, 0.8, count))
    if density is not None:
        there = (times * RATE).astype(np.intp).clip(0, stage.length - 1)
        gains *= stage.rng.random(count) < density[there]
    places = stage.rng.uniform(-0.9, 0.9, count)
    chosen = stage.rng.integers(0, len(grains), count)
    for time, gain, place, which in zip(times, gains, places, chosen, strict=True):
        if gain > 0:
            put(out, grains[which], time, gain=gain, position=place)
    return out


def beats(stage: Stage, gap: float, *, wobble: float = 0.05, first: float = 0.1) -> Wave:
    """Give the times of a regular happening, each a little early or late."""
    times = np.arange(first, max(stage.seconds, first + 1e-3), gap)
    shifts: Wave = stage.rng.normal(0, wobble * gap, len(times)).clip(-gap / 3, gap / 3)
    return times + shifts


def reverberated(stage: Stage, wave: Wave, seconds: float, amount: float, *, bright: float) -> Wave:
    """Add the echo of a room that dies within the time; bright is its highest frequency."""
    room = Stage(stage.rng, int(seconds * RATE))
    tail = noise(room, 120, bright) * np.exp(-6.0 * np.arange(room.length) / room.length)
    tail[:, : RATE // 100] *= 0.2
    tail /= np.sqrt(np.square(tail).sum(axis=1, keepdims=True))
    size = good_size(wave.shape[1] + room.length)
    wet = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(tail, size), size)
    return wave + amount * wet[:, : wave.shape[1]]
