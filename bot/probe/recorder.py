"""The edge: it asks, and writes down what comes; nothing that goes wrong is raised."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
import yarl

from bot.clock import Clock, utc_now
from bot.netmind.address import Allowed, ForbiddenAddress, check_url, guarded_session, parse_url
from bot.netmind.protocol import MAX_BODY_BYTES
from bot.probe.record import Exchange, Record, Step
from storage.whole import to_the_end

_PATIENCE = aiohttp.ClientTimeout(total=30)
_BROKEN = (aiohttp.ClientError, TimeoutError, ConnectionError)
_CREATES = frozenset(
    {Step.CREATE, Step.CREATE_SECOND, Step.UNKNOWN_MODEL, Step.WRONG_VALUE, Step.LONG_PROMPT}
)


class Recorder:
    """Asks the API with the key, and opens links without it.

    `on_step` is told of each step, once, when it begins.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        token: str,
        allow: Allowed = frozenset(),
        clock: Clock = utc_now,
        *,
        on_step: Callable[[Step], None] | None = None,
    ) -> None:
        self.record = Record()
        self.clock = clock
        self._on_step = on_step
        self._session = session
        self._base = base_url.rstrip("/")
        self._token = token
        self._allow = allow

    async def ask(
        self,
        step: Step,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        authorization: str = "Bearer {token}",
    ) -> Exchange:
        """Make one request of the API."""
        headers = {"Authorization": authorization.format(token=self._token)}
        url = yarl.URL(f"{self._base}/v1/{path}", encoded=True)
        work = self._exchange(step, self._session, method, url, headers=headers, body=body)
        # What is made has to be known, or nobody could delete it.
        return await (to_the_end(self._noted(work)) if step in _CREATES else work)

    async def _noted(self, work: Awaitable[Exchange]) -> Exchange:
        exchange = await work
        self._note_made(exchange)
        return exchange

    async def open(self, step: Step, link: str) -> Exchange:
        """Open a link as a download would, and read nothing but how it answers."""
        try:
            url = check_url(parse_url(link), self._allow)
        except ForbiddenAddress as error:
            return self._kept(Exchange(step, self.clock(), 0.0, error=str(error)))
        async with guarded_session(self._allow) as session:
            return await self._exchange(step, session, "GET", url, headers={"Range": "bytes=0-0"})

    def _note_made(self, exchange: Exchange) -> None:
        generation = exchange.generation
        if generation is not None:
            self.record.made.setdefault(generation.id, False)
        elif exchange.is_success or exchange.status is None or exchange.status >= 500:  # noqa: PLR2004 - HTTP's server errors
            self.record.unclear += 1

    async def _exchange(
        self,
        step: Step,
        session: aiohttp.ClientSession,
        method: str,
        url: yarl.URL,
        *,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None = None,
    ) -> Exchange:
        self._tell_of(step)
        at, begun = self.clock(), asyncio.get_running_loop().time()

        def seconds() -> float:
            return asyncio.get_running_loop().time() - begun

        try:
            async with session.request(
                method, url, headers=headers, json=body, timeout=_PATIENCE, allow_redirects=False
            ) as response:
                content = b"" if "Range" in headers else await _read(response)
                told = dict(response.headers)
                read = _json(content)
                answer = Exchange(step, at, seconds(), response.status, told, content, read)
        except ForbiddenAddress as error:
            answer = Exchange(step, at, seconds(), error=str(error))
        except _BROKEN as error:
            answer = Exchange(step, at, seconds(), error=type(error).__name__)
        return self._kept(answer)

    def _tell_of(self, step: Step) -> None:
        """Tell whoever waits what is asked next, once for each step."""
        if self._on_step is not None and self.record.last(step) is None:
            self._on_step(step)

    def _kept(self, exchange: Exchange) -> Exchange:
        self.record.exchanges.append(exchange)
        return exchange


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > MAX_BODY_BYTES:
            break
    return bytes(body)


def _json(content: bytes) -> object:
    try:
        read: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return read
