"""What one generation has to render, read from a config that nobody has checked yet."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.netmind.magic import sniff

Kind = Literal["audio", "video", "image", "speech"]
"""What a model makes."""

LONGEST_SECONDS = 120
LARGEST_SIDE = 1920
MOST_FRAMES = 241
DEFAULT_SECONDS = 8
DEFAULT_WIDTH = 960
DEFAULT_HEIGHT = 544
DEFAULT_FRAMES = 61
DEFAULT_FPS = 24
IMAGE_SIZES = {
    "square_hd": (1024, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
    "portrait_3_4": (768, 1024),
    "portrait_9_16": (576, 1024),
}
"""What some image models take in place of a width and a height."""

SLOWEST, FASTEST = 0.5, 2.0
_VOICES = ("voice", "voice_setting.voice_id")
_SPEEDS = ("speed", "voice_setting.speed")

_CONTENT_TYPES: dict[Kind, tuple[str, str]] = {
    "audio": ("sound.flac", "audio/flac"),
    "video": ("video.mp4", "video/mp4"),
    "image": ("image.png", "image/png"),
    "speech": ("speech.mp3", "audio/mpeg"),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model makes, and the names of its inputs; a dot leads into an object."""

    kind: Kind
    prompt_key: str = "prompt"
    video_key: str | None = None
    """The name of the link of a video that gets a sound; None: the model takes no video."""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to render, of the kind that comes out.

    seconds is for sound, width to fps for pictures, voice and speed for speech. A video that stands
    here gets a sound.
    """

    kind: Kind
    prompt: str
    seed: int
    negative_prompt: str = ""
    seconds: float = DEFAULT_SECONDS
    width: int = DEFAULT_WIDTH
    height: int = DEFAULT_HEIGHT
    frames: int = DEFAULT_FRAMES
    fps: int = DEFAULT_FPS
    voice: str = ""
    speed: float = 1.0
    video: bytes = field(default=b"", repr=False)

    @property
    def file_name(self) -> str:
        """The name the result gets."""
        return _CONTENT_TYPES[self.kind][0]

    @property
    def content_type(self) -> str:
        """The media type of the result."""
        return _CONTENT_TYPES[self.kind][1]


def complaints(recipe: Recipe, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything wrong with a config, in the words of a validating backend; empty = fine."""
    found = [*_about_text(recipe.prompt_key, config)]
    found += _about_integer(config, "seed", least=-1, most=2**63 - 1)
    if recipe.kind == "audio":
        return [*found, *_about_duration(config)]
    if recipe.kind == "speech":
        return [*found, *_about_speech(config)]
    found += _about_integer(config, "width", least=64, most=LARGEST_SIDE, step=16)
    found += _about_integer(config, "height", least=64, most=LARGEST_SIDE, step=16)
    if recipe.kind == "image":
        found += _about_image_size(config)
    if recipe.kind == "video":
        found += _about_integer(config, "num_frames", least=1, most=MOST_FRAMES, step=4, start=1)
        found += _about_integer(config, "fps", least=1, most=60)
    return found


def video_link(recipe: Recipe, config: Mapping[str, Any]) -> object:
    """Return what stands where the link of a video belongs; None if nothing does."""
    return value_of(config, recipe.video_key) if recipe.video_key else None


def about_video(recipe: Recipe, link: object, body: bytes | None) -> list[dict[str, Any]]:
    """Complain about the video of a config; `body` is what its link opens, or None."""
    name = recipe.video_key or ""
    if link is None:
        return []
    if not isinstance(link, str):
        return [_complaint(name, "Input should be a valid URL", "url_type")]
    if body is None:
        return [_complaint(name, "The video could not be fetched", "value_error")]
    media = sniff(body)
    if media is None or media.kind != "video":
        return [_complaint(name, "Input should be a video file", "value_error")]
    return []


def value_of(config: Mapping[str, Any], name: str) -> Any:
    """Return what stands under a name, within objects where the name has dots; None: nothing."""
    value: Any = config
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def failure_text(found: list[dict[str, Any]]) -> str:
    """Write the log line a generation with a bad config ends with."""
    return f"Something error: 422: {json.dumps({'detail': found})}"


def read_order(recipe: Recipe, config: Mapping[str, Any], video: bytes = b"") -> Order:
    """Give the order of a config without complaints; a seed of -1, or none, is drawn at random."""
    seed = config.get("seed")
    width, height = IMAGE_SIZES.get(config.get("image_size", ""), (DEFAULT_WIDTH, DEFAULT_HEIGHT))
    return Order(
        kind="video" if video else recipe.kind,
        prompt=value_of(config, recipe.prompt_key),
        seed=random.randrange(2**31) if seed in (None, -1) else int(seed),  # noqa: S311 - a look
        negative_prompt=config.get("negative_prompt") or "",
        seconds=float(config.get("duration", DEFAULT_SECONDS)),
        width=config.get("width", width),
        height=config.get("height", height),
        frames=config.get("num_frames", DEFAULT_FRAMES),
        fps=config.get("fps", DEFAULT_FPS),
        voice=_either(config, _VOICES) or "",
        speed=float(_either(config, _SPEEDS) or 1.0),
        video=video,
    )


def _either(config: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((value for name in names if (value := value_of(config, name)) is not None), None)


def _about_text(name: str, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    prompt = value_of(config, name)
    if prompt is None:
        found.append(_complaint(name, "Field required", "missing"))
    elif not isinstance(prompt, str) or not prompt.strip():
        found.append(_complaint(name, "Input should be a non-empty string", "string_type"))
    if not isinstance(config.get("negative_prompt") or "", str):
        found.append(_complaint("negative_prompt", "Input should be a string", "string_type"))
    return found


def _about_speech(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    unfit = f"Input should be between {SLOWEST} and {FASTEST}"
    return [
        *(
            _complaint(name, "Input should be a string", "string_type")
            for name in _VOICES
            if not isinstance(value_of(config, name) or "", str)
        ),
        *(
            _complaint(name, unfit, "value_error")
            for name in _SPEEDS
            if not _is_speed(value_of(config, name))
        ),
    ]


def _is_speed(value: Any) -> bool:
    if value is None:
        return True
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and SLOWEST <= value <= FASTEST


def _about_image_size(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    size = config.get("image_size")
    if size is None or (isinstance(size, str) and size in IMAGE_SIZES):
        return []
    return [_complaint("image_size", f"Input should be {', '.join(IMAGE_SIZES)}", "enum")]


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
    return {"loc": ["body", "config", *name.split(".")], "msg": message, "type": kind}
