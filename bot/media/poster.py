"""One still of a video that tells what is in it."""

from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageFilter, UnidentifiedImageError

from bot.media.errors import NotReadableError
from bot.media.limits import Limits
from bot.media.picture import open_picture
from bot.media.reading import check_pixels, decoded, open_media, video_of

WIDEST = 1280
QUALITY = 85
BLUR_SHARE = 1 / 20
"""Of the width: shapes and colours are left, no faces and no letters."""

_LOOKS = (0.1, 0.35, 0.6)
"""Where in the video to look, as shares of its length; the one with most to see is taken."""
_PATIENCE = 240
"""Packets to read for one look; a frame may need those before it."""


def make_poster(source: Path, target: Path, limits: Limits, *, blurred: bool) -> None:
    """Write a JPEG, at most 1280 wide. Raises NotReadableError, TooHeavyError."""
    image = _picture(source, limits) or _still(source, limits)
    if image.width > WIDEST:
        height = max(1, round(image.height * WIDEST / image.width))
        image = image.resize((WIDEST, height), Image.Resampling.LANCZOS)
    if blurred:
        image = image.filter(ImageFilter.GaussianBlur(max(2.0, image.width * BLUR_SHARE)))
    image.save(target, "JPEG", quality=QUALITY)


def _picture(source: Path, limits: Limits) -> Image.Image | None:
    try:
        with open_picture(source, limits) as image:
            return image.convert("RGB")
    except UnidentifiedImageError:
        return None


def _still(source: Path, limits: Limits) -> Image.Image:
    stills = []
    for share in _LOOKS:
        frame = _frame_at(source, share, limits)
        if frame is not None:
            stills.append(_image(frame))
    if not stills:
        raise NotReadableError(f"{source.name} has no frame that can be decoded")
    return max(stills, key=_interest)


def _frame_at(source: Path, share: float, limits: Limits) -> av.VideoFrame | None:
    with open_media(source) as container:
        video = video_of(container, limits)
        if video is None:
            raise NotReadableError(f"{source.name} has no video")
        time = int((container.duration or 0) * share)
        if time:
            container.seek((container.start_time or 0) + time)
        latest = None
        for number, packet in enumerate(container.demux(video)):
            for frame in decoded(packet):
                if isinstance(frame, av.VideoFrame):
                    check_pixels(frame.width, frame.height, limits)
                    latest = frame
            reached = latest is not None and (latest.time or 0) * av.time_base >= time
            if reached or number >= _PATIENCE:
                break
        return latest


def _image(frame: av.VideoFrame) -> Image.Image:
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # av leaves it untyped
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _interest(image: Image.Image) -> float:
    """Measure how much there is to see: a black or blank frame has next to nothing."""
    return float(np.asarray(image.convert("L").resize((64, 64)), np.float32).std())
