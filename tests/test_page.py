"""The demo's page, in a real browser: type the command, see the card, play the sound."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from bot.sandbox import discord as sandbox_discord
from bot.sandbox.demo import World, open_world
from bot.sandbox.generation import Pace

_CHROMIUM = shutil.which("chromium")
# The browser needs no sandbox of its own as root, and must not look for its maker's hosts.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]

pytestmark = pytest.mark.skipif(
    _CHROMIUM is None and "CI" not in os.environ,
    reason="no chromium on this machine (Debian: apt-get install chromium)",
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The demo's world, with its workers going; a video takes longer than any test."""
    async with open_world(tmp_path, {"video": Pace(1, 600)}) as opened:
        yield opened


@pytest.fixture
async def page(world: World) -> AsyncIterator[Page]:
    """The channel, open in the browser."""
    async with world.discord.page() as served, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=FLAGS)
        yield await open_page(browser, served.url, {"width": 1200, "height": 900})
        await browser.close()


async def open_page(browser: Browser, url: str, size: ViewportSize) -> Page:
    """Open the channel."""
    tab = await browser.new_page(viewport=size)
    await tab.goto(url)
    return tab


async def type_command(page: Page, command: str, prompt: str) -> None:
    """Pick the command from the list, type the prompt, send."""
    async with asyncio.timeout(30):
        while not await _written(page, command, prompt):
            await page.get_by_role("textbox").last.press("Escape")
    await page.get_by_role("button", name="Send", exact=True).click()


async def _written(page: Page, command: str, prompt: str) -> bool:
    """Write the command; False: the page was drawn anew meanwhile and forgot a part of it."""
    leave = page.get_by_role("button", name="Exit command mode")
    if await leave.is_visible():
        await leave.click()
    try:
        await page.get_by_role("textbox").last.fill(f"/{command}", timeout=3_000)
        await page.get_by_role("option", name=f"/{command}").click(timeout=3_000)
        await page.get_by_role("textbox", name="prompt, required").fill(prompt, timeout=3_000)
        await expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled(
            timeout=2_000
        )
    except (PlaywrightTimeout, AssertionError):
        return False
    return True


async def test_a_sound_typed_on_the_page_can_be_played_there(page: Page) -> None:
    """Pick /audio, type a prompt, run it: the card comes, then the result, and it plays."""
    await type_command(page, "audio", "wind over willow branches")

    await expect(page.get_by_text("Starting your sound")).to_be_visible(timeout=10_000)
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    await expect(page.locator("p").get_by_text("Your sound is ready")).to_be_visible(timeout=20_000)
    await expect(page.get_by_role("button", name="Cancel")).to_be_hidden(timeout=10_000)
    await expect(page.get_by_text("Loading media")).to_be_hidden(timeout=10_000)
    assert await played(page) > 0


async def test_a_command_typed_while_the_page_is_published_is_taken(
    monkeypatch: pytest.MonkeyPatch, page: Page, world: World
) -> None:
    """The page is published without a pause; a click in the middle of that takes its turn."""
    monkeypatch.setattr(sandbox_discord, "_REFRESH", 0.0)
    await asyncio.sleep(0.6)  # the pause under way is over
    await type_command(page, "audio", "wind over willow branches")

    await expect(page.get_by_text("Starting your sound")).to_be_visible(timeout=10_000)
    assert len(world.discord.channel.history()) == 1


async def test_cancel_on_the_page_ends_the_job(page: Page, world: World) -> None:
    """The button on the card works, and nothing is posted afterwards."""
    await type_command(page, "video", "a slow river")
    button = page.get_by_role("button", name="Cancel")
    cancelled = page.get_by_text("Nothing will be posted.")
    # A click on a page that was published anew meanwhile is refused; people click again.
    async with asyncio.timeout(20):
        while not await cancelled.is_visible():
            if await button.is_visible():
                await button.click()
            await asyncio.sleep(1)
    assert len(world.discord.channel.history()) == 1


async def played(page: Page) -> float:
    """Play the page's sound and return how many seconds of it were heard."""
    script = """async () => {
        const sound = document.querySelector("audio");
        await sound.play();
        while (sound.currentTime < 0.2) await new Promise((later) => setTimeout(later, 50));
        return sound.currentTime;
    }"""
    async with asyncio.timeout(20):
        return float(await page.evaluate(script))
