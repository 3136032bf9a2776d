"""The edge between sockets and the desk: reads requests, lets faults happen, keeps the ledger."""

import asyncio
import json
import random
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from aiohttp import web

from tests.standins.discord.tasks import Tasks, end_all, in_hand
from tests.standins.netmind import hops, pages
from tests.standins.netmind.account import Account
from tests.standins.netmind.desk import KEYED, Call, Desk, Reply
from tests.standins.netmind.faults import Fault, Operation, Plan
from tests.standins.netmind.ledger import Ledger
from tests.standins.netmind.pages import Page
from tests.standins.netmind.sending import Sender
from tests.standins.netmind.twists import twist

ROUTES: tuple[tuple[str, str, Operation], ...] = (
    ("POST", "/v1/generation", "create"),
    ("GET", "/v1/generation", "list"),
    ("GET", "/v1/generation/{id}", "get"),
    ("DELETE", "/v1/generation/{id}", "delete"),
    ("POST", "/v1/files", "file"),
    ("GET", "/v1/files/{id}/presigned_url", "presign"),
    ("PUT", "/upload/{user}/inference/{id}/{name:.*}", "upload"),
    ("GET", "/files/{user}/inference/{id}/{name:.*}", "download"),
    ("*", "/{tail:.*}", "unknown"),
)
LARGEST_REQUEST = 256 * 1024 * 1024
BROKEN_OFF = (ConnectionError, web.RequestPayloadError, web.HTTPException)


@dataclass
class Serving:
    """One request on its way: what it meets, what came of it, whether the client was told."""

    operation: Operation
    fault: Fault | None
    reply: Reply | None = None
    answered: bool = False
    recorded: bool = False


class Edge:
    """Every route of the API and of the file host."""

    def __init__(self, account: Account, ledger: Ledger, token: str, seed: int) -> None:
        self.account = account
        self.ledger = ledger
        self._desk = Desk(account, token)
        self._seed = seed
        self._serving: Tasks = set()
        self.begin()

    def begin(self) -> None:
        """Begin anew: no faults, the same latencies again."""
        self.plan = Plan()
        self._random = random.Random(self._seed)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        for method, path, operation in ROUTES:
            app.router.add_route(method, path, partial(self._serve, operation))
        return app

    async def end(self) -> None:
        """End what is being served."""
        await end_all(self._serving)

    async def _serve(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        serving = Serving(operation, self.plan.take(operation))
        with in_hand(self._serving):
            try:
                return await self._live_through(serving, request)
            finally:
                self._record(serving)

    async def _live_through(self, serving: Serving, request: web.Request) -> web.StreamResponse:
        """Wait, carry out, wait, answer: each as the fault wants it."""
        fault = serving.fault or Fault()
        sender = Sender(request, partial(self._silence, serving))
        latency = self._latency(serving.operation)
        try:
            # At once: what is not read when the client goes away is lost.
            call = await _read(serving.operation, request)
        except BROKEN_OFF:
            return web.Response()  # to nobody
        await self._pass(fault.delay + latency / 2)
        if fault.has_effect:
            serving.reply = self._desk.answer(call)
        await self._pass(fault.hold + latency / 2)
        if fault.drop:
            await sender.hang_up(fault)
            return web.Response()  # to nobody
        page = self._page(serving.reply, fault, request)
        whole = await sender.send(page, fault)
        serving.answered = whole and not (fault.accept and fault.replaces)
        return sender.response

    async def _silence(self, serving: Serving) -> None:
        """Say nothing until the stand-in ends or begins anew."""
        self._record(serving)
        await asyncio.Event().wait()

    async def _pass(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)

    def _latency(self, operation: Operation) -> float:
        settings = self.account.settings
        if operation not in KEYED or settings.latency_max <= 0:
            return 0.0
        return self._random.uniform(settings.latency_min, settings.latency_max)

    def _page(self, reply: Reply | None, fault: Fault, request: web.Request) -> Page:
        """Choose what is sent: what the fault says, else the true answer."""
        page = self._planned(fault, request) if fault.replaces or not reply else _true(reply, fault)
        page.headers["Date"] = self._date(0)
        if fault.retry_date is not None:
            page.headers["Retry-After"] = self._date(fault.retry_date)
        return page

    def _planned(self, fault: Fault, request: web.Request) -> Page:
        if fault.redirect is not None:
            location = {"Location": hops.first(fault.redirect, request.url)}
            return pages.of_text(fault.status or 302, "", location)
        status = fault.status or 200
        if fault.page is not None:
            page = pages.named(fault.page, status)
            return Page(status, page.content_type, page.body, page.headers | fault.headers)
        if isinstance(fault.body, str):
            return pages.of_text(status, fault.body, dict(fault.headers))
        return pages.of_json(status, fault.body, dict(fault.headers))

    def _date(self, seconds: float) -> str:
        """Write a moment from now as HTTP does, by the API's own clock."""
        wrong = self.account.settings.clock_offset
        moment = self.account.clock.now() + timedelta(seconds=seconds + wrong)
        return format_datetime(moment, usegmt=True)

    def _record(self, serving: Serving) -> None:
        """Write what was asked and what truly became of it, once."""
        if serving.recorded:
            return
        serving.recorded = True
        now, reply, fault = self.account.clock.now(), serving.reply, serving.fault
        kind = "download" if serving.operation == "download" else "http"
        sent = fault.status or 200 if fault and fault.replaces and not fault.has_effect else None
        self.ledger.add(
            now,
            kind,
            operation=serving.operation,
            status=reply.status if reply else sent,
            answered=serving.answered,
            fault=fault.told() if fault else None,
            generation_id=reply.generation_id if reply else None,
            prompt=reply.prompt if reply else None,
            detail=reply.detail if reply else {},
        )
        for sentence in reply.violations if reply else ():
            facts = {"operation": serving.operation, "detail": {"sentence": sentence}}
            self.ledger.add(now, "violation", **facts)


def _true(reply: Reply, fault: Fault) -> Page:
    if reply.location is not None:
        return pages.of_text(reply.status, "", {"Location": reply.location})
    if reply.file is not None:
        return Page(reply.status, reply.file.label.content_type, reply.file.content, {})
    payload = twist(fault.twist, fault.amount, reply.payload) if fault.twist else reply.payload
    return pages.of_json(reply.status, payload)


async def _read(operation: Operation, request: web.Request) -> Call:
    """Return the whole request; what is no JSON has no payload."""
    data = await request.read()
    return Call(
        operation=operation,
        url=request.url,
        id=request.match_info.get("id", ""),
        query=request.query,
        authorization=request.headers.get("Authorization"),
        content_type=request.headers.get("Content-Type"),
        file_type=request.headers.get("file-content-type"),
        payload=_json(data),
        data=data,
    )


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
