"""The operator's page: how it stands now, and how the last 24 hours were.

What the database knows is of all processes; what is said of NetMind's and Discord's answers is of
this one, since it started. It tells figures: nobody's name, nobody's words.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.counts import Counts, last_hours
from bot.jobs.outage import Outage
from bot.pulse import Pulse
from bot.version import version
from bot.web import figures, status_page
from bot.web.access import HOLDS, Access
from bot.web.figures import History
from bot.web.health import Findings, Health
from bot.web.status_page import Check, Status, span
from storage import health
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger(__name__)

COOKIE = "foley_status"
_PATH = "/status"
# Seconds that a browser may take to send the form, and its largest size in bytes.
_PATIENCE = 10.0
_LARGEST_FORM = 4096


@dataclass
class StatusPage:
    """Answers GET and POST of /status.

    `max_in_flight`: how many jobs may be at NetMind at once. `notices`: what is wrong with where
    this process runs, each in a sentence or two.
    """

    access: Access
    health: Health
    database: Database
    counts: Counts
    pulse: Pulse
    outages: Sequence[Outage]
    clock: Clock
    max_in_flight: int
    notices: Sequence[str] = ()

    def routes(self) -> list[web.RouteDef]:
        """Return what is served: the page, and the form that opens it."""
        return [web.get(_PATH, self.show), web.post(_PATH, self.enter)]

    async def show(self, request: web.Request) -> web.Response:
        """Show how it stands to who has a cookie, and the form to everybody else."""
        if not self.access.knows(request.cookies.get(COOKIE, "")):
            return _html(status_page.form())
        findings, history = await self.health.look(), await self._history()
        return _html(status_page.page(self._status(findings, history)))

    async def enter(self, request: web.Request) -> web.Response:
        """Give a cookie for the right token."""
        token = await _token(request)
        # From here on nobody else comes in between, so nobody gets past the limit.
        if (wait := self.access.wait()) > 0:
            words = "Too many wrong tokens were given. Try again in a minute."
            answer = _html(status_page.form(words), 429)
            answer.headers["Retry-After"] = str(int(wait) + 1)
            return answer
        cookie = self.access.admit(token)
        if cookie is None:
            log.warning("status_refused")
            return _html(status_page.form("That is not the token."), 403)
        raise _entered(request, cookie)

    async def _history(self) -> History | None:
        try:
            async with self.database.read() as connection:
                since = last_hours(self.clock())[0]
                return History(
                    await health.waiting(connection),
                    await health.asked(connection, since),
                    await health.posted(connection, since),
                )
        except StorageError as error:
            log.warning("not_counted", error=str(error))
            return None

    def _status(self, findings: Findings, history: History | None) -> Status:
        now = self.clock()
        hours = last_hours(now)
        charts = [] if history is None else figures.of_jobs(history, hours)
        return Status(
            now=now,
            version=version(),
            up=now - self.counts.started_at,
            checks=[*figures.checks(findings), *self._netmind()],
            draining=findings.draining,
            figures=[] if history is None else figures.at_the_top(history, now, self.max_in_flight),
            hours=hours,
            charts=[*charts, *figures.of_services(self.counts, hours)],
            footnotes=self._footnotes(),
            notices=self.notices,
        )

    def _netmind(self) -> list[Check]:
        """Tell whether NetMind takes requests, if this process makes any."""
        if not self.outages:
            return []
        out = next((each for each in self.outages if each.reason), None)
        if out is None or out.since is None:
            return [Check("NetMind", "takes requests", well=True)]
        lasted = span(self.clock() - out.since)
        return [Check("NetMind", f"takes no requests for {lasted} ({out.reason})", well=False)]

    def _footnotes(self) -> list[str]:
        return [
            f"The event loop was at most {self.pulse.worst * 1000:.0f} ms late in the last minute.",
            (
                "All times are UTC. The answers of NetMind and Discord are those that this process "
                "has had since it started; all else is of all processes on the database."
            ),
            f"This page loads itself again every {status_page.REFRESH} seconds.",
        ]


async def _token(request: web.Request) -> str:
    """Return what was given in the form."""
    if (request.content_length or 0) > _LARGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(_LARGEST_FORM)
    try:
        async with asyncio.timeout(_PATIENCE):
            given = (await request.post()).get("token")
    except (ValueError, LookupError, TimeoutError) as error:
        raise web.HTTPBadRequest from error
    return given.strip() if isinstance(given, str) else ""


def _entered(request: web.Request, cookie: str) -> web.HTTPSeeOther:
    """Return the way to the page, with the cookie that opens it."""
    answer = web.HTTPSeeOther(_PATH)
    # Who stands before us and speaks TLS to the browser says so.
    encrypted = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
    answer.set_cookie(
        COOKIE,
        cookie,
        path=_PATH,
        max_age=int(HOLDS.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=encrypted,
    )
    return answer


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=text, status=status, content_type="text/html", headers=status_page.HEADERS
    )
