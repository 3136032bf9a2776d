"""The operator's page: who may see it, what it says, and how it looks in a browser."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from bot.jobs.reasons import Reason
from bot.version import version
from bot.web import status as status_module
from bot.web.access import HOLDS, MOST_WRONG
from bot.web.status import COOKIE
from bot.web.status_page import span
from tests.status_picture import enter
from tests.test_page import FLAGS
from tests.web.site import GUILD, PERSON, PROMPT, TOKEN, Gone, Site, live_a_day, open_site

# The least contrast of small letters, and of bars and signs (WCAG 2.2, 1.4.3 and 1.4.11).
LETTERS, SHAPES = 4.5, 3.0


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as opened:
        yield opened


async def test_without_a_cookie_there_is_a_form_and_nothing_else(site: Site) -> None:
    await live_a_day(site)
    status, text, answer = await site.get("/status", cookies={COOKIE: "A" * 48})
    assert (status, "<form" in text, "<figure" in text) == (200, True, False)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_token_opens_the_page_and_is_in_no_cookie_and_no_address(site: Site) -> None:
    status, _, answer = await site.give(TOKEN)
    assert (status, answer.headers["Location"]) == (303, "/status")
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/status")
    assert not cookie["secure"]
    assert TOKEN not in str(answer.headers)
    status, text, answer = await site.get("/status")
    assert (status, "<figure" in text) == (200, True)
    assert TOKEN not in text


async def test_behind_tls_the_cookie_stays_in_tls(site: Site) -> None:
    _, _, answer = await site.give(TOKEN, headers={"X-Forwarded-Proto": "https"})
    assert answer.cookies[COOKIE]["secure"]


async def test_the_page_shuts_after_half_a_day(site: Site) -> None:
    await site.give(TOKEN)
    site.now += HOLDS
    assert "<form" in (await site.get("/status"))[1]


async def test_a_wrong_token_opens_nothing_and_is_not_repeated(site: Site) -> None:
    with structlog.testing.capture_logs() as logs:
        status, text, answer = await site.give("a-wrong-token")
    assert status == 403
    assert COOKIE not in answer.cookies
    assert "a-wrong-token" not in text + str(logs)
    assert [line["event"] for line in logs] == ["status_refused"]


async def test_after_some_wrong_tokens_nobody_gets_in_for_a_while(site: Site) -> None:
    for _ in range(MOST_WRONG):
        assert (await site.give("wrong"))[0] == 403
    status, _, answer = await site.give(TOKEN)
    assert (status, answer.headers["Retry-After"]) == (429, "61")
    assert (await site.get("/metrics", headers=site.headers))[0] == 200
    site.now += timedelta(seconds=60)
    assert (await site.give(TOKEN))[0] == 303


async def test_whoever_tries_many_at_once_tries_no_more_than_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_there = asyncio.Barrier(3 * MOST_WRONG)

    async def slowly_given(_: web.Request) -> str:
        await all_there.wait()
        return "wrong"

    monkeypatch.setattr(status_module, "_token", slowly_given)
    answers = await asyncio.gather(*[site.give("wrong") for _ in range(3 * MOST_WRONG)])
    assert sorted(status for status, *_ in answers) == [403] * MOST_WRONG + [429] * 2 * MOST_WRONG


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=nonsense", b"token=\xff"),
        ("application/x-www-form-urlencoded", b"token=\xff"),
        ("multipart/form-data", b"token"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
        ("text/plain", b"token=x"),
    ],
)
async def test_what_is_no_form_opens_nothing_and_breaks_nothing(
    site: Site, kind: str, body: bytes
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with site.session.post(
            f"{site.base}/status", data=body, headers={"Content-Type": kind}
        ) as answer:
            assert answer.status in {400, 403}
    assert "web_failed" not in {line["event"] for line in logs}


async def test_a_form_that_is_too_large_is_not_read(site: Site) -> None:
    assert (await site.give("x" * 5000))[0] == 413


async def test_the_page_says_how_it_stands_and_names_nobody(site: Site) -> None:
    await live_a_day(site)
    await site.give(TOKEN)
    _, text, _ = await site.get("/status")
    for said in ("All is well", version(), "up for 1 d 1 h", "of 8 places at NetMind"):
        assert said in text
    for secret in (str(PERSON), str(GUILD), PROMPT, TOKEN):
        assert secret not in text


async def test_the_page_says_what_is_amiss(site: Site) -> None:
    await site.give(TOKEN)
    site.gateway = False
    site.outage.begin(Reason.KEY_REFUSED)
    site.now += timedelta(minutes=12)
    _, text, _ = await site.get("/status")
    assert "Not well: Discord, NetMind" in text
    assert "takes no requests for 12 min (key_refused)" in text
    site.health.draining = True
    assert "Draining" in (await site.get("/status"))[1]


async def test_without_its_database_the_page_still_tells_what_it_can(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.give(TOKEN)
    monkeypatch.setattr(site.database, "read", Gone)
    status, text, _ = await site.get("/status")
    assert (status, text.count("<figure")) == (200, 2)
    assert "Not well: Database" in text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3725, "1 h 2 min"),
        (86400, "1 d"),
        (90061, "1 d 1 h"),
        (86401, "1 d"),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


@pytest.mark.skipif(
    shutil.which("chromium") is None and "CI" not in os.environ, reason="there is no browser here"
)
async def test_an_operator_reads_the_page_on_any_screen_in_both_themes(site: Site) -> None:
    """It fits, it loads nothing, its letters and bars can be told from what is behind them."""
    await live_a_day(site)
    site.outage.begin(Reason.UNAVAILABLE)
    chromium = shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        grounds = {
            await _looked_at(browser, site, theme, width)
            for theme, width in (("light", 360), ("dark", 1280))
        }
        await browser.close()
    assert len(grounds) == 2


async def _looked_at(browser: Browser, site: Site, theme: str, width: int) -> str:
    """Look at the page as a whole; return the colour of its ground."""
    said: list[str] = []
    asked: list[str] = []
    page = await enter(browser, site, theme, width, said=said, asked=asked)
    await page.locator("summary").first.click()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert said == []
    assert {each for each in asked if not each.startswith("data:")} == {f"{site.base}/status"}
    pictures = page.get_by_role("img")
    assert await pictures.count() == 4
    for number in range(4):
        label = await pictures.nth(number).get_attribute("aria-label")
        assert re.search(r"last 24 hours: .*\d", label or "")
    assert await page.get_by_role("table").first.get_by_role("row").count() == 25
    await _can_be_read(page)
    return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def _can_be_read(page: Page) -> None:
    """Compare every colour of letters and bars with that of the box behind them."""
    seen = await page.evaluate(_COLOURS)
    assert len(seen["letters"]) >= 5
    assert len(seen["shapes"]) >= 4
    for least, kind in ((LETTERS, "letters"), (SHAPES, "shapes")):
        for front, back in seen[kind]:
            assert _contrast(front, back) >= least, (kind, front, back)


_COLOURS = """() => {
    const behind = (each) => {
        for (let it = each; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (colour !== "rgba(0, 0, 0, 0)") return colour;
        }
    };
    const found = {letters: new Set(), shapes: new Set()};
    for (const each of document.querySelectorAll("body *")) {
        const words = [...each.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
        const style = getComputedStyle(each);
        const front = each.closest("svg") ? style.fill : style.color;
        if (words && each.tagName !== "title") found.letters.add(front + "|" + behind(each));
        if (each.matches("rect:not(.area)")) found.shapes.add(style.fill + "|" + behind(each));
    }
    const pairs = (some) => [...some].map((one) => one.split("|"));
    return {letters: pairs(found.letters), shapes: pairs(found.shapes)};
}"""


def _contrast(front: str, back: str) -> float:
    """Return the contrast of two colours, as WCAG 2.2 reckons it."""
    dark, light = sorted((_luminance(front), _luminance(back)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(each) / 255 for each in re.findall(r"\d+", colour)[:3])
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


async def test_what_is_wrong_with_the_place_stands_on_top(site: Site) -> None:
    """Such as a disk that does not last; without any there is no such box."""
    await site.give(TOKEN)
    assert 'class="box notice' not in (await site.get("/status"))[1]
    site.notices.append("Render wipes <this> disk.")
    _, text, _ = await site.get("/status")
    notice = text.index("Render wipes &lt;this&gt; disk.")
    assert "All is well" not in text
    assert text.index("<h1>") < notice < text.index('aria-label="State"')
