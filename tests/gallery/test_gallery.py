"""The gallery can be taken, and the document, the scenes and the pictures agree."""

import inspect
import io
from itertools import chain
from pathlib import Path

from PIL import Image, ImageStat

from tests.gallery import scenes
from tests.gallery.camera import THEMES, open_browser, take
from tests.gallery.document import written
from tests.gallery.scene import name_of
from tests.gallery.scenes import SCENES, refusal
from tests.test_page import pytestmark as needs_chromium

DOCS = Path(__file__).parents[2] / "docs"


@needs_chromium
async def test_a_scene_is_pictured_dark_and_light() -> None:
    async with open_browser() as browser:
        taken = await take(browser, refusal)
    dark, light = (brightness(taken[theme]) for theme in THEMES)
    assert dark < 80
    assert light > 230


def brightness(picture: bytes) -> float:
    """Return how bright a picture is on the whole, from 0 to 255."""
    with Image.open(io.BytesIO(picture)) as opened:
        return float(ImageStat.Stat(opened.convert("L")).mean[0])


def test_the_document_shows_every_scene_and_no_other() -> None:
    assert (DOCS / "gallery.md").read_text("utf-8") == written()


def test_every_scene_is_in_the_gallery() -> None:
    """What is public in that module is a scene; its helpers are not."""
    public = [
        value
        for name, value in vars(scenes).items()
        if inspect.isfunction(value) and value.__module__ == scenes.__name__ and name[0] != "_"
    ]
    assert set(public) == set(chain.from_iterable(SCENES.values()))


def test_every_scene_has_its_pictures_and_every_picture_its_scene() -> None:
    names = [name_of(scene) for scene in chain.from_iterable(SCENES.values())]
    assert len(set(names)) == len(names)
    wanted = {f"{name}-{theme}.png" for name in names for theme in THEMES}
    assert {path.name for path in (DOCS / "images" / "gallery").iterdir()} == wanted


def test_no_picture_is_heavy() -> None:
    sizes = {path.name: path.stat().st_size for path in (DOCS / "images" / "gallery").iterdir()}
    assert {name: size for name, size in sizes.items() if size > 130_000} == {}
