"""How much a file from outside may take of this machine before it is given up."""

from dataclasses import dataclass

MIB = 1024 * 1024

THREADS = 2
"""Threads of a decoder or an encoder: the machines are small and the bot lives on them too."""

WALL_SECONDS = 300.0
"""Ten minutes of 720p video need about four minutes on two slow cores; nobody waits longer."""

MEMORY_BYTES = 1536 * MIB
"""Address space, not memory in use: a tenth of it is libraries. A 4096x2304 HEVC video fits."""

PIXELS = 4096 * 4096
"""A frame or picture: over 8K video, and about 70 MB in memory once."""

MEDIA_SECONDS = 600.0
"""Models make seconds to minutes; what is longer is not a result of theirs."""

FRAMES = 36_000
"""Ten minutes at 60 a second."""

PACKETS = 300_000
"""Ten minutes of the shortest Opus packets, 2.5 ms each, and a video beside them."""

STREAMS = 32
"""More than any real file has; each one costs memory before anything is decoded."""

DRAWING_BYTES = 16 * MIB
"""The largest poster or waveform picture that could come out; they have some 100 kB."""


@dataclass(frozen=True)
class Limits:
    """The limits of one piece of work; times are in seconds, sizes in bytes."""

    wall_seconds: float = WALL_SECONDS
    cpu_seconds: int = round(WALL_SECONDS) * THREADS
    memory_bytes: int = MEMORY_BYTES
    pixels: int = PIXELS
    media_seconds: float = MEDIA_SECONDS
    frames: int = FRAMES
    packets: int = PACKETS
