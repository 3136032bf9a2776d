"""The edge to the inference API: it sends, waits and sends again; protocol.py does the thinking.

What is tried again, and what never is:

GET     after a timeout, a broken answer, 408, 429 or 5xx
POST    only if it surely was not sent, or after 429; it has no idempotency key and costs money
DELETE  once more, for the same reasons as GET; best effort
PUT     as GET: the same bytes, from the first, at the same place

A server's Retry-After is honoured here if it is short; a longer one is left to the caller, whose
work is on disk and who can do something else meanwhile.
"""

import asyncio
import collections
import dataclasses
import os
import random
import threading
import urllib.parse
from collections.abc import AsyncIterator, Callable, Mapping
from typing import BinaryIO, TypeVar

import aiohttp
import stamina
import structlog
import yarl

from bot import trace
from bot.crash import crash_point
from bot.netmind import protocol
from bot.netmind.address import ForbiddenAddress, check_url, guarded_session, parse_url
from bot.netmind.errors import (
    BadRequest,
    KeyRefused,
    NetmindError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    OutOfBalance,
    ServerTrouble,
    TooManyRequests,
    Unreadable,
)
from bot.netmind.protocol import Generation
from bot.netmind.refusals import read_error

PATIENCE = 15.0
"""Seconds; a Retry-After up to this is waited for within the call."""

CONNECT_TIMEOUT = 10.0
UPLOAD_TIMEOUT = 300.0
"""Seconds that putting an input file may take."""

_PIECE = 256 * 1024
_LARGE_BODY = 256 * 1024
_SHORTEST_SECRET = 8

T = TypeVar("T")
Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""

_log = structlog.get_logger(__name__)


def _after(*conditions: type[NetmindError]) -> Callable[[Exception], bool | float]:
    """Return a retry rule: again after one of `conditions`, no earlier than the server asked."""

    def rule(error: Exception) -> bool | float:
        if not isinstance(error, conditions):
            return False
        asked = error.retry_after
        if asked is None:
            return True
        # Jitter keeps those who were told the same time from coming back together.
        return asked <= PATIENCE and asked + random.uniform(0.1, 1.0)  # noqa: S311 - no secret

    return rule


_PASSING = _after(NotSent, OutcomeUnknown, TooManyRequests, ServerTrouble)
_NOT_DONE = _after(NotSent, TooManyRequests)

_reading = stamina.AsyncRetryingCaller(attempts=3, timeout=45, wait_initial=0.5, wait_max=8).on(
    _PASSING
)
_creating = stamina.AsyncRetryingCaller(attempts=3, timeout=45, wait_initial=0.5, wait_max=8).on(
    _NOT_DONE
)
# No try begins later than this; the link lives two hours.
_putting = stamina.AsyncRetryingCaller(attempts=3, timeout=600, wait_initial=0.5, wait_max=8).on(
    _PASSING
)
_deleting = stamina.AsyncRetryingCaller(attempts=2, timeout=30, wait_initial=0.5, wait_max=4).on(
    _PASSING
)


def open_session() -> aiohttp.ClientSession:
    """Open the session a NetmindClient wants: no cookies, no proxy from the environment, no reuse.

    Each request gets a connection of its own: a POST that dies on a kept connection which the
    server has just closed is a POST of unknown outcome, and that costs more than a handshake.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True), cookie_jar=aiohttp.DummyCookieJar()
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Source:
    """A file that is sent, again from its first byte at each try; `size` is in bytes."""

    file: BinaryIO
    size: int
    # A read that a broken try has left behind must not move the file under the next one.
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the file bit by bit."""
        place = 0
        while place < self.size and (piece := await asyncio.to_thread(self._read, place)):
            yield piece
            place += len(piece)

    def _read(self, place: int) -> bytes:
        with self.lock:
            self.file.seek(place)
            return self.file.read(min(_PIECE, self.size - place))


class NetmindClient:
    """The calls of the API. Each raises a NetmindError if it cannot return what it promises.

    `timeout` is in seconds, for one try. `on_call` is told of each request, tries included: the
    call, and the status of its answer or None.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        token: str,
        *,
        timeout: float = 20.0,
        on_call: Callable[[str, int | None], None] | None = None,
    ) -> None:
        self._session = session
        self._base = base_url.rstrip("/")
        self._token = token
        # `connect` covers the pool, the name, the socket and TLS; it ends first, so that a
        # request that never left is told from one whose answer never came.
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._on_call = on_call
        self.calls: collections.Counter[str] = collections.Counter()
        """Requests made since start, tries included, by call."""

    async def create(self, model: str, config: Mapping[str, object]) -> Generation:
        """Ask for a generation. It may cost money, so it is never sent twice blindly.

        Raises OutcomeUnknown, with what was seen, whenever it may have been accepted.
        """
        body = protocol.create_body(model, config)
        try:
            return await _creating(
                self._ask, "create", "POST", "generation", protocol.read_generation, body=body
            )
        except (ServerTrouble, Unreadable) as error:
            raise OutcomeUnknown(
                error.message, status=error.status, retry_after=error.retry_after
            ) from error

    async def get(self, generation_id: str) -> Generation:
        """Look at one generation. Raises NotFound; see there."""
        path = f"generation/{_quote(generation_id)}"
        return await _reading(self._ask, "get", "GET", path, protocol.read_generation)

    async def list(self) -> list[Generation]:
        """Look at all generations of the account. No paging is documented: it may be cut short."""
        return await _reading(self._ask, "list", "GET", "generation", protocol.read_list)

    async def delete(self, generation_id: str) -> bool:
        """Delete a generation. False: it is not known, so it is gone already, or too young.

        It is no proof that a running generation stopped, or that it will not be billed.
        """
        path = f"generation/{_quote(generation_id)}"
        try:
            await _deleting(self._tell, "delete", "DELETE", path)
        except NotFound:
            return False
        return True

    async def presigned_url(self, file_id: str) -> str:
        """Return a fresh link to a file. It opens the file to whoever holds it: never log it."""
        path = f"files/{_quote(file_id)}/presigned_url"
        return await _reading(self._ask, "file_link", "GET", path, protocol.read_presigned)

    async def upload(self, name: str, media_type: str, file: BinaryIO) -> str:
        """Give the API an input file, piece by piece; returns its file id, for presigned_url().

        An open file must be seekable, goes from its first byte to its last and stays open; nobody
        else may use it meanwhile. No call is documented that deletes it at the API.
        """
        source = _Source(file, await asyncio.to_thread(file.seek, 0, os.SEEK_END))
        upload = await _creating(
            self._ask,
            "announce_file",
            "POST",
            "files",
            protocol.read_upload,
            body=protocol.upload_body(name),
            headers={"file-content-type": media_type},
        )
        await _putting(self._put, upload.url, media_type, source)
        return upload.file_id

    async def _ask(
        self,
        name: str,
        method: str,
        path: str,
        read: Callable[[object], T],
        *,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Make one request and return what `read` makes of the answer."""
        data = None if body is None else aiohttp.JsonPayload(body)
        answer = await self._with_key(name, method, path, headers=headers, data=data)

        def understand() -> T:
            return read(protocol.read_json(*answer))

        # Megabytes of JSON would hold up everything else on the loop.
        return await asyncio.to_thread(understand) if len(answer[2]) > _LARGE_BODY else understand()

    async def _tell(self, name: str, method: str, path: str) -> None:
        """Make one request whose answer says nothing; somebody else's page is no answer."""
        answer = await self._with_key(name, method, path)
        _check_status(answer)
        if answer[2].strip():
            protocol.read_json(*answer)

    async def _put(self, link: str, media_type: str, source: _Source) -> None:
        """Put a file at a link that carries its own permission: no key goes there."""
        base = yarl.URL(self._base)
        allow = frozenset({(base.host or "", base.port or 0)})
        try:
            url = check_url(parse_url(link), allow)
            async with guarded_session(allow) as session:
                answer = await self._exchange(
                    session,
                    "put_file",
                    "PUT",
                    url,
                    # Without its length it would go in chunks, which storages refuse.
                    headers={"Content-Type": media_type, "Content-Length": str(source.size)},
                    data=source.pieces(),
                    timeout=aiohttp.ClientTimeout(total=UPLOAD_TIMEOUT, connect=CONNECT_TIMEOUT),
                )
        except ForbiddenAddress as error:
            raise Unreadable(f"upload: {error}") from error
        try:
            _check_status(answer)
        except (KeyRefused, OutOfBalance, NotFound) as error:
            # The storage knows nothing of our key and our balance; its link has expired.
            raise BadRequest(error.message, status=error.status) from error

    async def _with_key(
        self,
        name: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: aiohttp.JsonPayload | None = None,
    ) -> Answer:
        """Make one request that carries the key, to the API and nowhere else."""
        key = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        return await self._exchange(
            self._session,
            name,
            method,
            yarl.URL(f"{self._base}/v1/{path}", encoded=True),
            headers=key | dict(headers or {}),
            data=data,
            timeout=self._timeout,
        )

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        name: str,
        method: str,
        url: yarl.URL,
        *,
        headers: Mapping[str, str],
        data: aiohttp.JsonPayload | AsyncIterator[bytes] | None,
        timeout: aiohttp.ClientTimeout,
    ) -> Answer:
        """Send once, without following redirects: the key must not go elsewhere."""
        self.calls[name] += 1
        with trace.call(f"netmind {name}") as span:
            try:
                async with session.request(
                    method, url, headers=headers, data=data, timeout=timeout, allow_redirects=False
                ) as response:
                    if name == "create":
                        crash_point("submit.unread")
                    body = await self._body(response)
                    self._tell_of(name, response.status, span)
                    return response.status, response.headers, body
            except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                self._tell_of(name, None, span)
                raise _translated(error) from _without_key(error)

    def _tell_of(self, name: str, status: int | None, span: trace.Span) -> None:
        _log.debug("netmind_answered", call=name, status=status)
        if status is None:
            span.note(failed=True)
        else:
            span.note(failed=not protocol.is_success(status), status=status)
        if self._on_call is not None:
            self._on_call(name, status)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read a bounded body, without our key in it: a sister API echoed its caller's."""
        body = bytearray()
        try:
            async for chunk in response.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > protocol.MAX_BODY_BYTES:
                    break
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            # A refusal is a refusal even if its words were cut.
            if protocol.is_success(response.status):
                raise
        if len(self._token) < _SHORTEST_SECRET:
            return bytes(body)
        return bytes(body).replace(self._token.encode(), b"***")


def _check_status(answer: Answer) -> None:
    if not protocol.is_success(answer[0]):
        raise read_error(*answer)


def _quote(part: str) -> str:
    return urllib.parse.quote(part, safe="")


def _translated(error: Exception) -> NetmindError:
    """Say what a transport error means: whether the request can have reached the API."""
    unsent = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
    condition = NotSent if isinstance(error, unsent) else OutcomeUnknown
    return condition(type(error).__name__)


def _without_key(error: Exception) -> Exception | None:
    """Return the error as a cause, unless it carries the request's headers, and so the key."""
    return None if isinstance(error, aiohttp.ClientResponseError) else error
