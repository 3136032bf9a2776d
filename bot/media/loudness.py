"""Measure how loud a sound is to the ear, as ITU-R BS.1770 and EBU R 128 do: momentary loudness."""

import math

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from bot.media.errors import NotReadableError, TooHeavyError
from bot.media.limits import Limits

SILENCE = -70.0
"""LUFS; R 128 hears nothing below."""
_RATE = 48_000
_STEP = _RATE // 10
"""Samples of 100 ms."""
_MOMENT = 4
"""Steps that are heard together."""
_NOTHING = 1e-12
"""A power far below SILENCE that has a logarithm."""
_OFFSET = -0.691
"""BS.1770's: makes up for what the filters do to a tone of 1 kHz."""
_HEAD = (
    "b0=1.53512485958697:b1=-2.69169618940638:b2=1.19839281085285"
    ":a0=1:a1=-1.69065929318241:a2=0.73248077421585"
)
_EARS = "b0=1:b1=-2:b2=1:a0=1:a1=-1.99004745483398:a2=0.99007225036621"
"""The two filters of BS.1770 at 48 kHz: what a head does to sound, and that ears hear less of
what is deep."""


class LoudnessMeter:
    """Takes a sound frame by frame; `finish` gives its loudest moment."""

    def __init__(self, limits: Limits) -> None:
        self._left = round(limits.media_seconds * _RATE)
        self._resampling = av.AudioResampler("fltp", "stereo", _RATE)
        self._weighting = _weighting()
        self._rest = np.zeros((2, 0), np.float32)
        self._powers: list[NDArray[np.float64]] = []

    @property
    def heard(self) -> bool:
        """Whether there was anything to measure."""
        return bool(self._powers)

    def add(self, frame: av.AudioFrame) -> None:
        """Take the next frame, of any rate and layout. Raises TooHeavyError, NotReadableError."""
        self._take(self._resampling.resample(frame))

    def finish(self) -> float:
        """Return how loud the loudest 400 ms are, in LUFS; SILENCE at least."""
        self._take(self._resampling.resample(None))
        if self._rest.shape[1]:
            self._measure(np.zeros((2, _STEP - self._rest.shape[1]), np.float32))
        powers = np.concatenate([np.zeros(_MOMENT), *self._powers])
        loudest = np.convolve(powers, np.full(_MOMENT, 1 / _MOMENT), "valid").max()
        return max(SILENCE, _OFFSET + 10 * math.log10(max(loudest, _NOTHING)))

    def _take(self, frames: list[av.AudioFrame]) -> None:
        for frame in filter(None, frames):
            self._left -= frame.samples
            if self._left < 0:
                raise TooHeavyError("the sound is too long")
            # Stamps may have gaps; what is measured is what there is to hear.
            frame.pts = None
            self._weighting.push(frame)
            weighted = self._weighting.pull().to_ndarray()
            self._measure(weighted.astype(np.float32, copy=False))

    def _measure(self, samples: NDArray[np.float32]) -> None:
        """Note the power of each whole step, both channels together."""
        waiting = np.concatenate([self._rest, samples], axis=1)
        whole = waiting.shape[1] // _STEP * _STEP
        steps = waiting[:, :whole].reshape(2, -1, _STEP).astype(np.float64)
        powers = (steps**2).mean(axis=2).sum(axis=0)
        if not np.isfinite(powers).all():
            raise NotReadableError("the sound has samples that are no numbers")
        self._powers.append(powers)
        self._rest = waiting[:, whole:]


def _weighting() -> Graph:
    graph = Graph()
    source = graph.add_abuffer(sample_rate=_RATE, format="fltp", layout="stereo")
    filters = [graph.add("biquad", coefficients) for coefficients in (_HEAD, _EARS)]
    graph.link_nodes(source, *filters, graph.add("abuffersink")).configure()
    return graph
