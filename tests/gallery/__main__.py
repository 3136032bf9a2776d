"""Take the gallery's pictures anew: `make gallery` (needs chromium)."""

import asyncio
import logging
import sys
from itertools import chain
from pathlib import Path

import structlog

from tests.gallery.camera import open_browser, take
from tests.gallery.document import written
from tests.gallery.scene import name_of
from tests.gallery.scenes import SCENES

PAGE = Path("docs/gallery.md")


async def gallery(folder: Path) -> None:
    """Fill the folder with the pictures of all scenes, and with no others."""
    folder.mkdir(parents=True, exist_ok=True)
    left_over = set(folder.glob("*.png"))
    async with open_browser() as browser:
        for scene in chain.from_iterable(SCENES.values()):
            for theme, picture in (await take(browser, scene)).items():
                path = folder / f"{name_of(scene)}-{theme}.png"
                path.write_bytes(picture)
                left_over.discard(path)
    for path in left_over:
        path.unlink()
    PAGE.write_text(written(), "utf-8")


if __name__ == "__main__":
    # Half of the scenes are about trouble, of which the log would tell.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(gallery(Path(sys.argv[1])))
