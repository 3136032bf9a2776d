"""One stream of a file on its way into another: copied, or decoded and encoded anew."""

from fractions import Fraction

import av
from av.container import OutputContainer
from av.filter import Graph

from bot.media.errors import TooHeavyError
from bot.media.limits import THREADS, Limits
from bot.media.reading import check_pixels, decoded
from bot.media.recipes import AudioTarget, VideoTarget

_TICKS = 90_000
"""Video's usual clock; it holds every frame rate there is."""
_QUALITY = "20"
"""x264's constant quality: what has bits enough does not get more than are seen."""
_PRESET = "faster"
_SLACK = 0.9
"""Of the time between two frames: stamps are rounded, a frame a little early is on time."""
_GAP = 0.1
"""Seconds without sound that are meant."""
_TURNS = {90: "cclock", 180: "180", 270: "clock"}


class CopiedTrack:
    """Packets as they are, moved to begin at nought."""

    def __init__(
        self,
        output: OutputContainer,
        given: av.VideoStream | av.AudioStream,
        start: Fraction,
    ) -> None:
        self._stream = output.add_stream_from_template(given)
        self._start = start

    def take(self, packet: av.Packet) -> list[av.Packet]:
        """Give the packet to write; the empty one at the end gives none."""
        if not packet.size:
            return []
        shift = round(self._start / packet.time_base) if packet.time_base else 0
        if packet.pts is not None:
            packet.pts -= shift
        if packet.dts is not None:
            packet.dts -= shift
        packet.stream = self._stream
        return [packet]

    def finish(self) -> list[av.Packet]:
        """Give nothing more."""
        return []


class VideoTrack:
    """H.264 of one shape, whatever comes: other shapes, depths, rates, missing times."""

    def __init__(
        self,
        output: OutputContainer,
        given: av.VideoStream,
        target: VideoTarget,
        start: Fraction,
        limits: Limits,
    ) -> None:
        rate = Fraction(target.frames_per_second).limit_denominator(1001)
        self._stream = output.add_stream("libx264", rate=rate)
        self._stream.width, self._stream.height = target.width, target.height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS)
        self._stream.codec_context.thread_count = THREADS
        kilobits = max(1, target.bit_rate // 1000)
        self._stream.options = {
            "preset": _PRESET,
            "crf": _QUALITY,
            "x264-params": f"vbv-maxrate={kilobits}:vbv-bufsize={kilobits}",
        }
        given.thread_type = "AUTO"
        self._target = target
        self._timing = _Timing(target, start, limits)
        self._limits = limits
        self._turning: _Turning | None = None

    def take(self, packet: av.Packet) -> list[av.Packet]:
        """Give what the encoder makes of the packet's frames."""
        packets = []
        for frame in decoded(packet):
            if isinstance(frame, av.VideoFrame):
                packets += self._encoded(frame)
        return packets

    def finish(self) -> list[av.Packet]:
        """Give what the encoder held back."""
        return self._stream.encode(None)

    def _encoded(self, frame: av.VideoFrame) -> list[av.Packet]:
        check_pixels(frame.width, frame.height, self._limits)
        ticks = self._timing.ticks(frame)
        if ticks is None:
            return []
        shaped = self._shaped(frame)
        shaped.pts, shaped.time_base = ticks, Fraction(1, _TICKS)
        # A first frame of another kind would make the encoder begin every picture anew.
        shaped.pict_type = 0
        return self._stream.encode(shaped)

    def _shaped(self, frame: av.VideoFrame) -> av.VideoFrame:
        width, height = self._target.width, self._target.height
        turn = frame.rotation % 360
        if turn % 180:
            width, height = height, width
        small = frame.reformat(
            width, height, "yuv420p", interpolation="BICUBIC", dst_color_range="MPEG"
        )
        if turn not in _TURNS:
            return small
        if self._turning is None or self._turning.degrees != turn:
            self._turning = _Turning(turn, width, height)
        return self._turning.turned(small)


class AudioTrack:
    """Sound by one encoder, whatever comes: other rates and layouts."""

    def __init__(
        self, output: OutputContainer, target: AudioTarget, start: Fraction, limits: Limits
    ) -> None:
        layout = "mono" if target.channels == 1 else "stereo"
        stream = output.add_stream(target.codec, rate=target.sample_rate)
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{target.codec} does not encode sound")
        self._stream = stream
        self._stream.codec_context.layout = layout
        self._stream.codec_context.format = target.sample_format
        if target.bit_rate:
            self._stream.bit_rate = target.bit_rate
        self._resampling = av.AudioResampler(target.sample_format, layout, target.sample_rate)
        self._rate = target.sample_rate
        self._most = round(limits.media_seconds * target.sample_rate)
        self._start = float(start)
        self._next = 0

    def take(self, packet: av.Packet) -> list[av.Packet]:
        """Give what the encoder makes of the packet's sound."""
        packets = []
        for frame in decoded(packet):
            if isinstance(frame, av.AudioFrame):
                if frame.time is not None:
                    self._go_on_at(frame.time - self._start)
                packets += self._encoded(self._resampling.resample(frame))
        return packets

    def finish(self) -> list[av.Packet]:
        """Give what the encoder held back."""
        return self._encoded(self._resampling.resample(None)) + self._stream.encode(None)

    def _go_on_at(self, seconds: float) -> None:
        """Leave a gap where the sound has one; small steps are a rounding of its stamps."""
        place = round(seconds * self._rate)
        if place > self._next + self._rate * _GAP:
            self._next = place

    def _encoded(self, frames: list[av.AudioFrame]) -> list[av.Packet]:
        packets: list[av.Packet] = []
        for frame in filter(None, frames):
            frame.pts, frame.time_base = self._next, Fraction(1, self._rate)
            self._next += frame.samples
            if self._next > self._most:
                raise TooHeavyError("the sound is too long")
            packets += self._stream.encode(frame)
        return packets


class _Timing:
    """When a frame is shown, in ticks from the start; None for one too many."""

    def __init__(self, target: VideoTarget, start: Fraction, limits: Limits) -> None:
        self._usual = 1 / target.frames_per_second
        self._least = _SLACK / target.most_frames
        self._start = float(start)
        self._limits = limits
        self._last: float | None = None
        self._frames = 0

    def ticks(self, frame: av.VideoFrame) -> int | None:
        self._frames += 1
        last = self._last
        if frame.pts is None:
            time = 0.0 if last is None else last + self._usual
        else:
            time = max(0.0, frame.time - self._start)
        if self._frames > self._limits.frames or time > self._limits.media_seconds:
            raise TooHeavyError("the video is too long")
        if last is not None and time - last < self._least:
            return None
        self._last = time
        return round(time * _TICKS)


class _Turning:
    """Turns frames of one size upright."""

    def __init__(self, degrees: int, width: int, height: int) -> None:
        self.degrees = degrees
        self._graph = Graph()
        source = self._graph.add_buffer(
            width=width,
            height=height,
            format=av.VideoFormat("yuv420p"),
            time_base=Fraction(1, _TICKS),
        )
        steps = [source]
        for _ in range(2 if _TURNS[degrees] == "180" else 1):
            turn = "clock" if _TURNS[degrees] == "180" else _TURNS[degrees]
            steps.append(self._graph.add("transpose", turn))
        steps.append(self._graph.add("buffersink"))
        self._graph.link_nodes(*steps).configure()

    def turned(self, frame: av.VideoFrame) -> av.VideoFrame:
        self._graph.vpush(frame)
        return self._graph.vpull()
