"""Looking at results: what it adds to the work on a file before it is posted.

The floor is the same file made to play, where it does not, and read through, where it does.
"""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

from bot.media.limits import MIB
from bot.media.workshop import Workshop
from tests.benchmarks.report import Report, percentile, ratio, seconds
from tests.media import files

PROMISED = 0.5
"""Of the time that making a video play takes."""
VIDEO_SECONDS, SOUND_SECONDS = 5, 60
_TIMES = 5


async def run() -> Report:
    """Measure it as it is promised."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        frames = VIDEO_SECONDS * files.RATE
        video = files.video(folder / "a.avi", "mpeg4", size=(1280, 720), frames=frames, noise=4)
        sound = files.sound(folder / "a.flac", "flac", seconds=SOUND_SECONDS, noise=True)
        shown = await measure(video)
        heard = await measure(sound)
    share = shown["look"] / shown["prepare"]
    return Report(
        "Looking at results before they are posted",
        ("in s", "examine", "look", "prepare", "look against prepare"),
        [
            _row(f"{VIDEO_SECONDS} s of video, 1280 x 720, made to play", shown),
            _row(f"{SOUND_SECONDS} s of sound, played as it is", heard),
        ],
        [
            f"The median of {_TIMES} runs. Each starts a child; of sound that is nearly all.",
            f"Promise: looking at a video takes at most {PROMISED:.0%} of making it play.",
        ],
        [f"Looking takes {share:.0%} of making it play."] if share > PROMISED else [],
    )


async def measure(path: Path) -> dict[str, float]:
    """Return how many seconds each piece of work on a file takes."""
    workshop = Workshop()
    work: dict[str, Callable[[], Awaitable[object]]] = {
        "examine": lambda: workshop.examine(path),
        "look": lambda: workshop.look(path),
        "prepare": lambda: workshop.prepare(path, path.with_name("out"), limit=100 * MIB),
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(_TIMES):
        for name, do in work.items():
            begun = monotonic()
            await do()
            times[name].append(monotonic() - begun)
    return {name: percentile(taken, 50) for name, taken in times.items()}


def _row(title: str, taken: dict[str, float]) -> tuple[str, ...]:
    return (title, *map(seconds, taken.values()), ratio(taken["look"], taken["prepare"]))
