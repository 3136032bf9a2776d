"""Follow a recipe: read a file's packets and write them into another, as they are or anew."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import av
from av.container import InputContainer

from bot.media.errors import NotReadableError
from bot.media.limits import Limits
from bot.media.reading import audio_of, open_media, video_of
from bot.media.recipes import AudioTarget, Recipe, VideoTarget
from bot.media.tracks import AudioTrack, CopiedTrack, VideoTrack

_OPTIONS = {"mp4": {"movflags": "+faststart"}}


class TooMuchError(Exception):
    """What is being written has grown over its limit; another recipe may do."""


class _Track(Protocol):
    def take(self, packet: av.Packet) -> list[av.Packet]: ...
    def finish(self) -> list[av.Packet]: ...


class _Output:
    """A file that is written until it holds `limit` bytes. Raises TooMuchError."""

    def __init__(self, path: Path, recipe: Recipe, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._written = 0
        muxer = recipe.format.muxer
        self.container = av.open(str(path), "w", format=muxer, options=_OPTIONS.get(muxer, {}))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.container.close()
        if kind is None and self._path.stat().st_size > self._limit:
            raise TooMuchError

    def write(self, packets: list[av.Packet]) -> None:
        self._written += sum(packet.size for packet in packets)
        if self._written > self._limit:
            raise TooMuchError
        self.container.mux(packets)


def make(source: Path, target: Path, recipe: Recipe, *, limit: int, limits: Limits) -> None:
    """Write `target` from `source`. Raises TooMuchError over `limit` bytes, and MediaErrors."""
    with open_media(source) as given, _Output(target, recipe, limit) as output:
        tracks = _tracks(given, output, recipe, limits)
        streams = [given.streams[index] for index in tracks]
        for packet in given.demux(streams):
            output.write(tracks[packet.stream_index].take(packet))
        for track in tracks.values():
            output.write(track.finish())


def _tracks(
    given: InputContainer, output: _Output, recipe: Recipe, limits: Limits
) -> dict[int, _Track]:
    tracks: dict[int, _Track] = {}
    # Streams may begin at any time of a tape; a file of its own begins at nought.
    start = Fraction(given.start_time or 0, av.time_base)
    video = video_of(given, limits) if recipe.video else None
    audio = audio_of(given) if recipe.audio else None
    if video is not None:
        if isinstance(recipe.video, VideoTarget):
            tracks[video.index] = VideoTrack(output.container, video, recipe.video, start, limits)
        else:
            tracks[video.index] = CopiedTrack(output.container, video, start)
    if audio is not None:
        if isinstance(recipe.audio, AudioTarget):
            tracks[audio.index] = AudioTrack(output.container, recipe.audio, start, limits)
        else:
            tracks[audio.index] = CopiedTrack(output.container, audio, start)
    if not tracks:
        raise NotReadableError("the file has nothing of what was asked for")
    return tracks
