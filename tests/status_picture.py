"""Make the picture of the operator's page, in both themes side by side: `make picture`."""

import asyncio
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from tests.test_page import FLAGS
from tests.web.site import TOKEN, Site, live_a_day, open_site

WIDTH, HEIGHT = 1080, 900
_COLOURS = 208


async def enter(
    browser: Browser,
    site: Site,
    theme: str,
    width: int,
    *,
    said: list[str] | None = None,
    asked: list[str] | None = None,
) -> Page:
    """Open the page as an operator does: give the token in the form.

    `said`, `asked`: what the browser complains of and loads is put there.
    """
    page = await browser.new_page(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,  # type: ignore[arg-type] # one of its words
    )
    if said is not None and asked is not None:
        page.on("console", lambda line: said.append(line.text))
        page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{site.base}/status")
    await page.get_by_label("METRICS_TOKEN").fill(TOKEN)
    await page.get_by_role("button", name="Show the status").click()
    await page.get_by_role("figure").first.wait_for()
    return page


async def picture(target: Path) -> None:
    """Let a day go by, then take the page's picture, one theme below the other."""
    chromium = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder:
        async with open_site(Path(folder)) as site, async_playwright() as playwright:
            await live_a_day(site)
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            taken = []
            for theme in ("light", "dark"):
                page = await enter(browser, site, theme, WIDTH)
                taken.append(await page.screenshot(full_page=True))
            await browser.close()
    target.write_bytes(_together(taken))


def _together(pictures: list[bytes]) -> bytes:
    images = [Image.open(io.BytesIO(each)).convert("RGB") for each in pictures]
    height = sum(image.height for image in images)
    whole = Image.new("RGB", (images[0].width, height))
    y = 0
    for image in images:
        whole.paste(image, (0, y))
        y += image.height
    into = io.BytesIO()
    whole.quantize(_COLOURS).save(into, "PNG", optimize=True)
    return into.getvalue()


if __name__ == "__main__":
    asyncio.run(picture(Path(sys.argv[1])))
