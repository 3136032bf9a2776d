"""Reading rendered files back, the way a listener or a player would."""

import io
from itertools import pairwise
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray


def samples_of(sound: bytes) -> NDArray[np.float64]:
    """Decode a sound to samples between -1 and 1, (channels, length)."""
    with av.open(io.BytesIO(sound), "r") as container:
        pieces: list[NDArray[Any]] = [
            frame.to_ndarray().reshape(-1, len(frame.layout.channels))
            for frame in container.decode(audio=0)
        ]
    return np.concatenate(pieces).astype(np.float64).T / 32768


def frames_of(video: bytes) -> list[NDArray[Any]]:
    """Decode a video to grey pictures."""
    with av.open(io.BytesIO(video), "r") as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def decibels(wave: NDArray[np.float64]) -> float:
    """Give the mean power in dBFS."""
    return float(10 * np.log10(np.mean(wave**2) + 1e-12))


def band_decibels(wave: NDArray[np.float64], low: float, high: float) -> float:
    """Give the power between two frequencies, in dBFS."""
    power = np.abs(np.fft.rfft(wave.mean(axis=0))) ** 2
    frequencies = np.fft.rfftfreq(wave.shape[1], 1 / 44_100)
    inside = (frequencies >= low) & (frequencies < high)
    return float(10 * np.log10(2 * power[inside].sum() / wave.shape[1] ** 2 + 1e-12))


def fingerprint(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the power in 24 bands from 30 Hz to 16 kHz, in dBFS, loudness taken out."""
    edges = np.geomspace(30, 16_000, 25)
    bands = [band_decibels(wave, low, high) for low, high in pairwise(edges)]
    return np.maximum(np.array(bands) - decibels(wave), -60)
