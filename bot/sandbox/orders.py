"""What one generation has to render, read from a config that nobody has checked yet."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["audio", "video", "image"]
"""What a model makes."""

LONGEST_SECONDS = 120
LARGEST_SIDE = 1920
MOST_FRAMES = 241
DEFAULT_SECONDS = 8
DEFAULT_WIDTH = 960
DEFAULT_HEIGHT = 544
DEFAULT_FRAMES = 61
DEFAULT_FPS = 24

_CONTENT_TYPES: dict[Kind, tuple[str, str]] = {
    "audio": ("sound.flac", "audio/flac"),
    "video": ("video.mp4", "video/mp4"),
    "image": ("image.png", "image/png"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to render; seconds is for sound, width to fps for pictures."""

    kind: Kind
    prompt: str
    seed: int
    negative_prompt: str = ""
    seconds: float = DEFAULT_SECONDS
    width: int = DEFAULT_WIDTH
    height: int = DEFAULT_HEIGHT
    frames: int = DEFAULT_FRAMES
    fps: int = DEFAULT_FPS

    @property
    def file_name(self) -> str:
        """The name the result gets."""
        return _CONTENT_TYPES[self.kind][0]

    @property
    def content_type(self) -> str:
        """The media type of the result."""
        return _CONTENT_TYPES[self.kind][1]


def complaints(kind: Kind, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything wrong with a config, in the words of a validating backend; empty = fine."""
    found = [*_about_text(config), *_about_integer(config, "seed", least=-1, most=2**63 - 1)]
    if kind == "audio":
        return [*found, *_about_duration(config)]
    found += _about_integer(config, "width", least=64, most=LARGEST_SIDE, step=16)
    found += _about_integer(config, "height", least=64, most=LARGEST_SIDE, step=16)
    if kind == "video":
        found += _about_integer(config, "num_frames", least=1, most=MOST_FRAMES, step=4, start=1)
        found += _about_integer(config, "fps", least=1, most=60)
    return found


def failure_text(found: list[dict[str, Any]]) -> str:
    """Write the log line a generation with a bad config ends with."""
    return f"Something error: 422: {json.dumps({'detail': found})}"


def read_order(kind: Kind, config: Mapping[str, Any]) -> Order:
    """Give the order of a config without complaints; a seed of -1, or none, is drawn at random."""
    seed = config.get("seed")
    return Order(
        kind=kind,
        prompt=config["prompt"],
        seed=random.randrange(2**31) if seed in (None, -1) else int(seed),  # noqa: S311 - a look
        negative_prompt=config.get("negative_prompt") or "",
        seconds=float(config.get("duration", DEFAULT_SECONDS)),
        width=config.get("width", DEFAULT_WIDTH),
        height=config.get("height", DEFAULT_HEIGHT),
        frames=config.get("num_frames", DEFAULT_FRAMES),
        fps=config.get("fps", DEFAULT_FPS),
    )


def _about_text(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    prompt = config.get("prompt")
    if prompt is None:
        found.append(_complaint("prompt", "Field required", "missing"))
    elif not isinstance(prompt, str) or not prompt.strip():
        found.append(_complaint("prompt", "Input should be a non-empty string", "string_type"))
    if not isinstance(config.get("negative_prompt") or "", str):
        found.append(_complaint("negative_prompt", "Input should be a string", "string_type"))
    return found


def _about_duration(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    value = config.get("duration", DEFAULT_SECONDS)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [_complaint("duration", "Input should be a valid number", "float_type")]
    if not 1 <= value <= LONGEST_SECONDS:
        text = f"Input should be between 1 and {LONGEST_SECONDS}"
        return [_complaint("duration", text, "value_error")]
    return []


def _about_integer(
    config: Mapping[str, Any], name: str, *, least: int, most: int, step: int = 1, start: int = 0
) -> list[dict[str, Any]]:
    """Complain unless the value is absent, or a whole number start + k * step in the range."""
    value = config.get(name)
    if value is None:
        return []
    if isinstance(value, bool) or not isinstance(value, int):
        return [_complaint(name, "Input should be a valid integer", "int_type")]
    if not least <= value <= most:
        return [_complaint(name, f"Input should be between {least} and {most}", "value_error")]
    if (value - start) % step:
        text = f"Input should be a multiple of {step}" + (f" plus {start}" if start else "")
        return [_complaint(name, text, "value_error")]
    return []


def _complaint(name: str, message: str, kind: str) -> dict[str, Any]:
    return {"loc": ["body", "config", name], "msg": message, "type": kind}
