"""Takes the pictures: each scene in a world of its own, all of them in one browser."""

import io
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from unittest import mock

import stamina
from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright
from simcord.preview import _markdown

from tests.gallery.scene import Scene, Shot
from tests.test_page import FLAGS
from tests.world import World, open_world, sketch

THEMES = ("dark", "light")
# CSS pixels: a narrow window of Discord's, high enough for the longest message.
_WIDTH, _HEIGHT = 620, 1800
_COLOURS = 208
_ALL_THERE = "[...document.images].every(each => each.complete && each.naturalWidth)"
_HERE = Path(__file__).parent


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start chromium."""
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        async with await launched as browser:
            yield browser


async def take(browser: Browser, scene: Scene) -> dict[str, bytes]:
    """Play a scene; return its picture in each theme."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(Path(folder), {"render": sketch}) as world:
            _dress(world)
            with stamina.set_testing(True, attempts=1), as_discord_reads():
                return await _pictures(browser, world, await scene(world))


def _dress(world: World) -> None:
    """Give everybody the names that people see, and the world a time of day."""
    people = world.env.backend.users
    world.env.backend.bot_user.name = "Foley"
    people[world.mira.id].global_name = "Mira"
    people[world.jonas.id].global_name = "Jonas"
    world.move(10.7 * 3600)


async def _pictures(browser: Browser, world: World, shot: Shot) -> dict[str, bytes]:
    preview = world.env.preview(
        world.channel,
        viewers=[world.mira],
        layout="channel",
        display="fixed",
        width=_WIDTH,
        height=_HEIGHT,
    )
    async with preview:
        page = await browser.new_page(
            viewport={"width": _WIDTH + 40, "height": _HEIGHT + 60},
            device_scale_factor=2,
            # What a picture needs is laid over the page.
            bypass_csp=True,
        )
        await page.goto(preview.url)
        subject = await _subject(page, shot)
        taken = {"dark": await subject.screenshot()}
        await page.add_style_tag(path=_HERE / "light.css")
        taken["light"] = await subject.screenshot()
        await page.close()
    return {theme: _smaller(picture) for theme, picture in taken.items()}


async def _subject(page: Page, shot: Shot) -> Locator:
    """Return what is to be seen in the picture, once all of it is there."""
    mark = f'[data-message-id="{shot.message.id}"]'
    message = page.locator(f".channel-message{mark}")
    await message.wait_for()
    await message.get_by_text("Loading media").wait_for(state="hidden")
    await page.add_style_tag(path=_HERE / "frame.css")
    # The others grow while their files load, and would push this one about.
    await page.add_style_tag(content=f".channel-message:not({mark}) {{ display: none; }}")
    if shot.press:
        await message.get_by_role("button", name=shot.press).click()
        message = page.locator(".modal-dialog")
        await message.wait_for()
    await page.evaluate("document.fonts.ready")
    await page.wait_for_function(_ALL_THERE)
    return message


@contextmanager
def as_discord_reads() -> Iterator[None]:
    """Have the page read Markdown as Discord does: small print in cards, quotes of one line."""
    described = _markdown._FIELD_POLICIES["embed_description"] | {"subtext": True}
    expanded = _markdown._discord_multiline_quotes

    def ended(text: str) -> str:
        return re.sub(r"(?m)^(> .*)\n(?!> |\n)", r"\1\n\n", expanded(text))

    with (
        mock.patch.dict(_markdown._FIELD_POLICIES, embed_description=described),
        mock.patch.object(_markdown, "_discord_multiline_quotes", ended),
    ):
        yield


def _smaller(picture: bytes) -> bytes:
    """Return the picture with a palette: a third of the bytes, and nobody sees a difference."""
    into = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as full:
        full.convert("RGB").quantize(_COLOURS, kmeans=4).save(into, "PNG", optimize=True)
    return into.getvalue()
