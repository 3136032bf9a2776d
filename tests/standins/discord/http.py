"""The edge between sockets and the API: reads requests, sends answers, keeps the ledger."""

import asyncio
import hashlib
import json
import socket
import struct
from contextlib import suppress
from functools import partial
from typing import Any

from aiohttp import BodyPartReader, web

from tests.standins.discord import refusals
from tests.standins.discord.call import Answer, Call, Upload
from tests.standins.discord.contract import Contract
from tests.standins.discord.faults import Fault, Plan, too_many_requests
from tests.standins.discord.ledger import Ledger
from tests.standins.discord.limits import Limits
from tests.standins.discord.routes import ROUTES, Route
from tests.standins.discord.tasks import Tasks, end_all, in_hand
from tests.standins.discord.world import JSON, World

PREFIX = "/api/v10"
BROKEN_OFF = (ConnectionError, web.RequestPayloadError, web.HTTPException)


class Api:
    """Every route of the API and the download of files."""

    def __init__(self, world: World, ledger: Ledger, contract: Contract | None) -> None:
        self.world = world
        self.ledger = ledger
        self.contract = contract
        self.plan = Plan()
        self.limits = Limits(world.clock)
        self._serving: Tasks = set()

    def add_to(self, app: web.Application) -> None:
        for route in ROUTES:
            handler = partial(self._serve, route)
            app.router.add_route(route.method, PREFIX + route.template, handler)
        app.router.add_route("*", PREFIX + "/{tail:.*}", self._unknown)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._download)

    async def reset(self) -> None:
        """End what is being served, and forget faults, counts and the ledger."""
        await end_all(self._serving)
        self.plan = Plan()
        self.limits = Limits(self.world.clock)
        self.ledger.entries.clear()

    async def _serve(self, route: Route, request: web.Request) -> web.StreamResponse:
        with in_hand(self._serving):
            return await self._serve_one(route, request)

    async def _serve_one(self, route: Route, request: web.Request) -> web.StreamResponse:
        fault = self.plan.take(route.method, route.template)
        if fault:
            await asyncio.sleep(fault.delay)
        if fault and fault.half:
            await self._take_half(route, request, fault)
        if fault and (fault.half or (fault.drop and not fault.accept)):
            self._record(route, request, None, None, fault)
            return _hang_up(request, fault)
        try:
            call = await _read(request)
        except BROKEN_OFF:
            self._record(route, request, None, None, fault)
            return web.Response()  # to nobody
        except ValueError as error:
            return self._refuse(route, request, refusals.not_json(), str(error))
        answer = self._answer(route, call, fault)
        self._record(route, request, call, answer, fault)
        if fault:
            await asyncio.sleep(fault.hold)
        if fault and fault.drop:
            return _hang_up(request, fault)
        return _response((fault and fault.answer()) or answer)

    async def _take_half(self, route: Route, request: web.Request, fault: Fault) -> None:
        """Read half of the body and leave the rest where it is."""
        with suppress(asyncio.IncompleteReadError, *BROKEN_OFF):
            await request.content.readexactly((request.content_length or 2) // 2)
            now = self.world.clock.now()
            self.ledger.add(now, "upload.half", method=request.method, route=route.template)
            await asyncio.sleep(fault.hold)

    def _refuse(
        self, route: Route, request: web.Request, refusal: refusals.Refusal, why: str
    ) -> web.Response:
        """Answer a request that no handler gets to see; only a broken bot sends one."""
        self._record(route, request, None, refusal.answer(), None)
        self._violation(route, "request", why)
        return _response(refusal.answer())

    def _answer(self, route: Route, call: Call, fault: Fault | None) -> Answer:
        """Return the API's own answer, or the fault's when the request shall have no effect."""
        planned = fault.answer() if fault else None
        if planned and fault and not fault.has_effect:
            return planned
        answer = self._decide(route, call)
        if self.contract:
            for sentence in self.contract.answer_faults(route, answer):
                self._violation(route, "answer", sentence)
        return answer

    def _decide(self, route: Route, call: Call) -> Answer:
        headers: dict[str, str] = {}
        try:
            if not route.open:
                if call.authorization != f"Bot {self.world.token}":
                    raise refusals.unauthorized()
                grant = self.limits.ask(route.name, call.params)
                headers = grant.headers
                if grant.retry_after is not None:
                    refused = too_many_requests(grant.retry_after, grant.scope)
                    return Answer(429, refused.body, headers | refused.headers)
            if self.contract:
                for sentence in self.contract.request_faults(route, call):
                    self._violation(route, "request", sentence)
            answer = route.handle(self.world, call)
        except refusals.Refusal as refusal:
            answer = refusal.answer()
        answer.headers = headers | answer.headers
        return answer

    def _violation(self, route: Route, side: str, sentence: str) -> None:
        now = self.world.clock.now()
        detail = {"side": side, "sentence": sentence}
        self.ledger.add(now, "violation", method=route.method, route=route.template, detail=detail)

    def _record(
        self,
        route: Route,
        request: web.Request,
        call: Call | None,
        answer: Answer | None,
        fault: Fault | None,
    ) -> None:
        """One line in the ledger: what was asked and what truly became of it."""
        told = answer is not None and not (fault and fault.drop)
        replaced = fault is not None and fault.accept and fault.status is not None
        payload = call.payload if call else {}
        self.ledger.add(
            self.world.clock.now(),
            "http",
            method=request.method,
            path=request.path.removeprefix(PREFIX),
            route=route.template,
            status=answer.status if answer else None,
            answered=told and not replaced,
            fault=fault.to_json() if fault else None,
            body=call.body if call else None,
            files=[_file(upload) for upload in call.uploads] if call else [],
            nonce=payload.get("nonce"),
            repeated=answer.repeated if answer else False,
            message_id=answer.message_id if answer else None,
            channel_id=answer.channel_id if answer else None,
            interaction_id=self._interaction_id(call, answer),
            detail=_reason(answer),
        )

    def _interaction_id(self, call: Call | None, answer: Answer | None) -> int | None:
        """Return the interaction a request belongs to, also when it was refused."""
        if answer and answer.interaction_id:
            return answer.interaction_id
        params = call.params if call else {}
        if call and "interaction_id" in params:
            return call.id("interaction_id")
        found = self.world.interaction_of(params.get("webhook_token", ""))
        return found.id if found else None

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        """Answer a route that is not modelled: 404, and a violation that nobody overlooks."""
        path = request.path.removeprefix(PREFIX)
        refusal = refusals.unknown_route()
        route = Route(request.method, path, lambda *_: refusal.answer())
        return self._refuse(route, request, refusal, f"{route.name} is not modelled")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Hand out a stored file, while its link lives."""
        named = request.match_info["id"]
        file = self.world.attachments.get(int(named)) if named.isdecimal() else None
        dies = int(request.query.get("ex", "0"), 16)
        alive = file is not None and self.world.clock.now().timestamp() < dies
        self.ledger.add(
            self.world.clock.now(), "download", path=request.path, status=200 if alive else 404
        )
        if file is None or not alive:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.data, content_type=file.content_type)


async def _read(request: web.Request) -> Call:
    """Return the whole request; a body that breaks off is a ConnectionError."""
    body, uploads = None, list[Upload]()
    if request.content_type == "multipart/form-data":
        body, uploads = await _read_form(request)
    elif request.can_read_body:
        body = json.loads(await request.read() or b"null")
    return Call(
        params=dict(request.match_info),
        query=dict(request.query),
        authorization=request.headers.get("Authorization"),
        body=body,
        uploads=tuple(uploads),
    )


async def _read_form(request: web.Request) -> tuple[Any, list[Upload]]:
    body, uploads = None, list[Upload]()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise web.HTTPBadRequest(text="A form within a form.")
        name = part.name or ""
        data = bytes(await part.read())
        if name == "payload_json":
            body = json.loads(data)
        elif name.startswith("files["):
            index = int(name.removeprefix("files[").removesuffix("]"))
            uploads.append(Upload(index, part.filename or "unknown", data))
    return body, uploads


def _file(upload: Upload) -> JSON:
    digest = hashlib.sha256(upload.data).hexdigest()
    return {"name": upload.filename, "size": len(upload.data), "sha256": digest}


def _reason(answer: Answer | None) -> JSON:
    """Why a request was refused."""
    if answer is None or answer.status < 400 or not isinstance(answer.payload, dict):
        return {}
    return {key: answer.payload[key] for key in ("code", "message") if key in answer.payload}


def _response(answer: Answer) -> web.Response:
    """On the wire; the type of JSON is exactly `application/json`, as discord.py wants it."""
    if answer.payload is None:
        return web.Response(status=answer.status, headers=answer.headers)
    if isinstance(answer.payload, str):
        page, kind = answer.payload.encode(), "text/html"
    else:
        page, kind = json.dumps(answer.payload).encode(), "application/json"
    headers = answer.headers | {"Content-Type": kind}
    return web.Response(status=answer.status, body=page, headers=headers)


def _hang_up(request: web.Request, fault: Fault) -> web.Response:
    """End the connection without a word; a reset is what Linux calls error 104."""
    if request.transport is not None:
        if fault.drop == "reset":
            _reset_on_close(request)
        request.transport.abort()
    return web.Response()


def _reset_on_close(request: web.Request) -> None:
    """Let the kernel say RST instead of FIN."""
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if connection is not None:
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
