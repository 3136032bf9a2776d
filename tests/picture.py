"""Make the README's picture: `make picture` runs the demo's page in chromium and takes it."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright

from bot.sandbox.demo import open_world
from tests.test_page import FLAGS, open_page, type_command

SIZE: ViewportSize = {"width": 1100, "height": 1260}


async def picture(target: Path) -> None:
    """Have a sound and a video made on the page, then take its picture."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_world(Path(folder)) as world,
            world.discord.page() as served,
            async_playwright() as playwright,
        ):
            chromium = shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = await open_page(browser, served.url, SIZE)
            await page.get_by_role("button", name="Messages").click()
            for command, prompt in (
                ("audio", "wind over willow branches"),
                ("video", "a lighthouse in a storm at night"),
            ):
                await type_command(page, command, prompt)
                await page.locator("p").get_by_text(prompt).last.wait_for()
                await _settled(page, command)
            await page.screenshot(path=target)
            await browser.close()


async def _settled(page: Page, kind: str) -> None:
    """Wait until the result's player shows, and has loaded."""
    await page.locator(kind).wait_for(state="attached", timeout=60_000)
    await page.get_by_text("Loading media").wait_for(state="hidden")
    await page.get_by_role("button", name="Cancel").wait_for(state="hidden")


if __name__ == "__main__":
    asyncio.run(picture(Path(sys.argv[1])))
