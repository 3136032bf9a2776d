"""Trouble on order: what the next call of an operation meets instead of a plain answer."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler

Operation = Literal[
    "create", "get", "list", "delete", "file", "upload", "presign", "download", "unknown"
]
"""What a call wants: one name for each route."""


UNANSWERED: web.RequestKey[bool] = web.RequestKey("unanswered", bool)
"""Set on a request whose answer a fault kept back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One misfortune.

    accepted says whether the call does its work first, so that only the answer is lost or wrong.
    answer: a wrong answer; hang: silence until the server stops; drop: the connection is closed;
    slow: the true answer after some seconds.
    """

    ending: Literal["answer", "hang", "drop", "slow"]
    accepted: bool = False
    status: int = 500
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    seconds: float = 0.0


class Faults:
    """The faults that wait for their call, first come first served for each operation."""

    def __init__(self) -> None:
        self._waiting: defaultdict[Operation, deque[Fault]] = defaultdict(deque)
        self._released = asyncio.Event()

    def fail_next(
        self,
        operation: Operation,
        *,
        status: int = 500,
        body: str | bytes | dict[str, Any] | list[Any] = "",
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        accepted: bool = False,
        times: int = 1,
    ) -> None:
        """Answer the next calls like this; a dict or list becomes JSON."""
        text = json.dumps(body) if isinstance(body, dict | list) else body
        fault = Fault("answer", accepted, status, text, dict(headers or {}), content_type)
        self._waiting[operation].extend([fault] * times)

    def hang_next(self, operation: Operation, *, accepted: bool = False, times: int = 1) -> None:
        """Never answer the next calls."""
        self._waiting[operation].extend([Fault("hang", accepted)] * times)

    def drop_next(self, operation: Operation, *, accepted: bool = False, times: int = 1) -> None:
        """Close the connection of the next calls; an accepted download breaks half-way."""
        self._waiting[operation].extend([Fault("drop", accepted)] * times)

    def slow_next(self, operation: Operation, *, seconds: float, times: int = 1) -> None:
        """Answer the next calls truly, but this late."""
        self._waiting[operation].extend([Fault("slow", seconds=seconds)] * times)

    def clear(self) -> None:
        """Forget what has not happened yet: the trouble is over."""
        self._waiting.clear()

    def release(self) -> None:
        """Let go of every call that hangs, for the server stops."""
        self._released.set()

    def take(self, operation: Operation) -> Fault | None:
        """Give the fault this call meets, if any, and use it up."""
        waiting = self._waiting[operation]
        return waiting.popleft() if waiting else None

    async def suffer(
        self, fault: Fault, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Live through the fault; what is returned after a lost connection reaches nobody."""
        if fault.ending == "slow":
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        if fault.accepted:
            await handler(request)
        if fault.ending == "answer":
            return _wrong_answer(fault)
        request[UNANSWERED] = True
        if fault.ending == "hang":
            await self._released.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)


def _wrong_answer(fault: Fault) -> web.Response:
    body = fault.body.encode() if isinstance(fault.body, str) else fault.body
    headers = {"Content-Type": fault.content_type, **fault.headers}
    return web.Response(status=fault.status, body=body, headers=headers)
