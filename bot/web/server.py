"""Serving HTTP beside the bot."""

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.config import SettingsError
from bot.web import page
from bot.web.media import MediaHandler

log = structlog.get_logger(__name__)

# Seconds that answers under way get when the process ends, and once more to be cut off.
GRACE = 0.5

_SAFE = {
    "Referrer-Policy": "no-referrer",
    "Server": "Foley",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Part(Protocol):
    """Something that answers requests."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what it answers."""


def build(media: MediaHandler | None, *parts: Part) -> web.Application:
    """Return what is served; `media` None: no links to files are given out."""
    app = web.Application(middlewares=[_pages])
    app.on_response_prepare.append(_make_safe)
    app.router.add_get("/health/live", _live)
    if media is not None:
        app.router.add_get(media.path, media.answer)
    for part in parts:
        app.router.add_routes(part.routes())
    return app


@asynccontextmanager
async def serving(app: web.Application, port: int, host: str | None = None) -> AsyncIterator[int]:
    """Serve until left, on every address unless `host` says one; gives the port.

    Raises SettingsError if nothing can be served there.
    """
    # Paths open files, so they stand in no log. A reader that leaves ends what is done for it.
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_deaf(),
        handler_cancellation=True,
        shutdown_timeout=GRACE,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingsError([f"PORT is wrong: {port} cannot be listened on."]) from error
        served: int = runner.addresses[0][1]
        log.info("serving", port=served)
        yield served
    finally:
        await runner.cleanup()


def _deaf() -> logging.Logger:
    """Return a logger that says nothing: of a bad request the library would repeat the path."""
    logger = logging.Logger("bot.web")  # noqa: LOG001 - a registered one would be everybody's
    logger.addHandler(logging.NullHandler())
    return logger


async def _live(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _make_safe(_: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.update(_SAFE)


@web.middleware
async def _pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show a page of ours where there is nothing, or where something of ours went wrong."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return page.of(request, page.NOTHING)
    except web.HTTPException:
        raise
    except Exception:  # the library's own words for it would go to nobody
        log.exception("web_failed")
        return page.of(request, page.TROUBLE)
