"""NetMind in miniature: the real calls, over real HTTP, with files that are really rendered.

    async with SandboxNetmind(shape="C") as netmind:
        ...  # talk to netmind.base_url with netmind.token

The demo and the tests run it in their own process; `python -m bot.sandbox.netmind --port 8090` runs
it alone. It is strict where the real one would hurt: a download that carries the API token is
refused, an unknown path is a 404, and the ledger keeps what was asked.
"""

import argparse
import asyncio
import contextlib
import hmac
import itertools
import json
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import yarl
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import UNANSWERED, Fault, Faults, Operation
from bot.sandbox.generation import (
    DEFAULT_PACES,
    Generation,
    Outcome,
    Pace,
    Shape,
    Teller,
)
from bot.sandbox.orders import (
    Kind,
    Order,
    Recipe,
    about_video,
    complaints,
    failure_text,
    read_order,
    video_link,
)
from bot.sandbox.shelf import UPLOAD_LIFE, Link, Shelf, StoredFile
from bot.sandbox.studio import RenderError, Studio

__all__ = ["MODELS", "Call", "Fault", "Outcome", "Pace", "SandboxNetmind", "Shape"]

MODELS: dict[str, Recipe] = {
    "hkchengrex/MMAudio": Recipe("audio", video_key="video"),
    "hunyuanvideo-community/HunyuanVideo": Recipe("video"),
}
"""The models of the real API that the sandbox knows unless it is told of others."""

FIRST_MODEL_NUMBER = 84
LARGEST_UPLOAD = 128 * 1024 * 1024
GENERATION_ID: web.RequestKey[str] = web.RequestKey("generation_id", str)
BREAK_OFF: web.RequestKey[bool] = web.RequestKey("break_off", bool)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the ledger keeps it; status is None when no answer was given."""

    at: datetime
    operation: Operation
    method: str
    path: str
    generation_id: str | None
    status: int | None


class SandboxNetmind(Faults):
    """The server, its state and its ledger; an async context manager.

    clock tells the present time, in UTC. paces says how long each kind takes at least. models are
    the ones it knows, by NetMind's names; bot.sandbox.models reads them from a catalogue.
    list_limit cuts the list short, newest first. link_life is how long a download address works.
    render takes the place of the real rendering, for tests that only count.
    """

    def __init__(
        self,
        *,
        token: str = "sandbox-token",  # noqa: S107 - it opens nothing but this toy
        shape: Shape = "C",
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        paces: Mapping[Kind, Pace] | None = None,
        models: Mapping[str, Recipe] | None = None,
        list_limit: int | None = None,
        link_life: timedelta = timedelta(hours=1),
        render: Callable[[Order], Awaitable[bytes]] | None = None,
    ) -> None:
        super().__init__()
        self.token = token
        self.shape: Shape = shape
        self.port = port
        self.list_limit = list_limit
        self.link_life = link_life
        self.user_id = uuid.uuid4().hex
        self.ledger: list[Call] = []
        self.generations: dict[str, Generation] = {}
        self._clock = clock or (lambda: datetime.now(UTC))
        self.shelf = Shelf(self._clock)
        self._paces: dict[Kind, Pace] = {**DEFAULT_PACES, **(paces or {})}
        self._models = dict(MODELS if models is None else models)
        self._outcomes: deque[Outcome] = deque()
        self._work: dict[str, asyncio.Task[None]] = {}
        self._studio = Studio()
        self._rendered_by = render or self._studio.render
        self._runner: web.AppRunner | None = None

    # Start and stop

    @property
    def base_url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        if self._runner is not None:
            await self._runner.cleanup()
        for task in self._work.values():
            task.cancel()
        await asyncio.gather(*self._work.values(), return_exceptions=True)
        await self._studio.close()

    def application(self) -> web.Application:
        """Give the aiohttp application, for a caller that serves it by other means."""
        app = web.Application(
            middlewares=[self._record, self._trouble], client_max_size=LARGEST_UPLOAD
        )
        for (method, path), (_, handler) in self._routes().items():
            app.router.add_route(method, path, handler)
        return app

    def _routes(self) -> dict[tuple[str, str], tuple[Operation, Handler]]:
        keyed = self._keyed
        return {
            ("POST", "/v1/generation"): ("create", keyed(self._create)),
            ("GET", "/v1/generation"): ("list", keyed(self._list)),
            ("GET", "/v1/generation/{id}"): ("get", keyed(self._get)),
            ("DELETE", "/v1/generation/{id}"): ("delete", keyed(self._delete)),
            ("POST", "/v1/files"): ("file", keyed(self._file)),
            ("GET", "/v1/files/{id}/presigned_url"): ("presign", keyed(self._presign)),
            ("PUT", "/upload/{id}"): ("upload", self._upload),
            ("GET", "/files/{user}/inference/{id}/{name}"): ("download", self._download),
        }

    # What tests decide

    def next_outcome(
        self,
        status: str = "completed",
        logs: str | tuple[str, ...] = (),
        *,
        results: bool = True,
        body: bytes | None = None,
        size: int | None = None,
        name: str | None = None,
        content_type: str | None = None,
    ) -> None:
        """Decide how the next created generation ends; see Outcome."""
        texts = (logs,) if isinstance(logs, str) else logs
        self._outcomes.append(Outcome(status, texts, results, body, size, name, content_type))

    def expire_links(self) -> None:
        """Make every address given so far answer 403."""
        self.shelf.links.clear()

    def calls(self, operation: Operation) -> list[Call]:
        """Give the part of the ledger that is about one operation."""
        return [call for call in self.ledger if call.operation == operation]

    async def rendered(self) -> None:
        """Wait until nothing is being rendered; moves no clock."""
        await asyncio.gather(*self._work.values(), return_exceptions=True)

    # What every call goes through

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer: web.StreamResponse | None = None
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            answer = _problem(error.status, error.reason)
        finally:
            told = answer is not None and UNANSWERED not in request
            self.ledger.append(self._call(request, answer.status if answer and told else None))
        return answer

    def _call(self, request: web.Request, status: int | None) -> Call:
        resource = request.match_info.route.resource
        path = resource.canonical if resource else request.path
        generation_id = request.get(GENERATION_ID)
        if path.startswith("/v1/generation/"):
            generation_id = request.match_info.get("id")
        operation = self._operation(request)
        return Call(self._clock(), operation, request.method, path, generation_id, status)

    def _operation(self, request: web.Request) -> Operation:
        resource = request.match_info.route.resource
        path = resource.canonical if resource else ""
        return self._routes().get((request.method, path), ("unknown", _nothing))[0]

    @web.middleware
    async def _trouble(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        operation = self._operation(request)
        fault = self.take(operation)
        if fault is None:
            return await handler(request)
        if operation == "download" and fault.ending == "drop" and fault.accepted:
            request[BREAK_OFF] = True
        return await self.suffer(fault, request, handler)

    def _keyed(self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Handler:
        """Let the handler answer only who shows the token."""

        async def checked(request: web.Request) -> web.StreamResponse:
            shown = request.headers.get("Authorization", "")
            if not hmac.compare_digest(shown.encode(), f"Bearer {self.token}".encode()):
                return web.json_response({"error": {"message": "Invalid api token"}}, status=401)
            return await handler(request)

        return checked

    # Generations

    async def _create(self, request: web.Request) -> web.Response:
        asked = await _json_object(request)
        if asked is None or not isinstance(asked.get("model"), str):
            missing = {"loc": ["body", "model"], "msg": "Field required", "type": "missing"}
            return web.json_response({"detail": [missing]}, status=422)
        if asked["model"] not in self._models:
            return _problem(400, f"Model name: {asked['model']} not exists")
        config = asked.get("config")
        generation = self._accept(asked["model"], config if isinstance(config, dict) else {})
        request[GENERATION_ID] = generation.id
        return self._told(generation)

    def _accept(self, model: str, config: dict[str, Any]) -> Generation:
        """Keep the generation and start what it needs; a bad config is found out only later."""
        recipe = self._models[model]
        link = video_link(recipe, config)
        video = self._opened_by(link)
        found = [*complaints(recipe, config), *about_video(recipe, link, video)]
        # What fails has an order too, of which only the kind matters.
        order = Order(recipe.kind, "", 0) if found else read_order(recipe, config, video or b"")
        number = FIRST_MODEL_NUMBER + list(self._models).index(model)
        generation = Generation(model, number, order, self._paces[recipe.kind], self._clock())
        self.generations[generation.id] = generation
        if found:
            generation.settle("failed", now=self._clock(), logs=(failure_text(found),))
        else:
            self._make(generation, self._outcomes.popleft() if self._outcomes else Outcome())
        return generation

    def _make(self, generation: Generation, outcome: Outcome) -> None:
        if outcome.status == "completed" and outcome.results and outcome.body is None:
            task = asyncio.create_task(self._render(generation, outcome), name="render")
            self._work[generation.id] = task
            task.add_done_callback(lambda _: self._work.pop(generation.id, None))
            return
        if outcome.body is not None and outcome.results:
            self._keep(generation, outcome, outcome.body)
        generation.settle(outcome.status, now=self._clock(), logs=outcome.logs)

    async def _render(self, generation: Generation, outcome: Outcome) -> None:
        try:
            body = await self._rendered_by(generation.order)
        except (RenderError, asyncio.IncompleteReadError, OSError) as error:
            generation.settle("failed", now=self._clock(), logs=(f"Something error: {error}",))
            return
        self._keep(generation, outcome, body)
        generation.settle(outcome.status, now=self._clock(), logs=outcome.logs)

    def _keep(self, generation: Generation, outcome: Outcome, body: bytes) -> None:
        file = StoredFile(
            name=outcome.name or generation.order.file_name,
            content_type=outcome.content_type or generation.order.content_type,
            body=body,
            size=max(len(body), outcome.size or 0),
        )
        generation.file = self.shelf.keep(file)

    async def _list(self, _request: web.Request) -> web.Response:
        there = [one for one in self.generations.values() if one.deleted_at is None]
        newest_first = itertools.islice(reversed(there), self.list_limit)
        told = [self._teller().tell(one, self._clock()) for one in newest_first]
        return web.json_response({"generation_list": told})

    async def _get(self, request: web.Request) -> web.Response:
        generation = self._find(request)
        return self._told(generation) if generation else _problem(404, "Generation not found")

    async def _delete(self, request: web.Request) -> web.Response:
        generation = self._find(request)
        if generation is None:
            return _problem(404, "Generation not found")
        generation.deleted_at = self._clock()
        if task := self._work.get(generation.id):
            task.cancel()
        return web.json_response({"message": "Generation deleted"})

    def _find(self, request: web.Request) -> Generation | None:
        generation = self.generations.get(request.match_info["id"])
        return generation if generation and generation.deleted_at is None else None

    def _teller(self) -> Teller:
        return Teller(self.shape, self.user_id, self._link)

    def _told(self, generation: Generation) -> web.Response:
        return web.json_response(self._teller().tell(generation, self._clock()))

    # Files

    def _link(self, file: StoredFile) -> str:
        """Give a fresh download address of a file."""
        path = f"/files/{self.user_id}/inference/{file.id}/{quote(file.name, safe='')}"
        return f"{self.base_url}{path}?{self.shelf.sign(file, self.link_life)}"

    async def _file(self, request: web.Request) -> web.Response:
        asked = await _json_object(request)
        if asked is None or not isinstance(asked.get("file_name"), str):
            missing = {"loc": ["body", "file_name"], "msg": "Field required", "type": "missing"}
            return web.json_response({"detail": [missing]}, status=422)
        content_type = request.headers.get("file-content-type", "application/octet-stream")
        file = self.shelf.keep(StoredFile(asked["file_name"], content_type, b"", 0))
        query = self.shelf.sign(file, UPLOAD_LIFE, upload=True)
        address = f"{self.base_url}/upload/{file.id}?{query}"
        return web.json_response({"id": file.id, "presigned_url": address})

    async def _upload(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return _problem(400, "Only one auth mechanism allowed")
        link = self._opened(request)
        if link is None or link.content_type != request.headers.get("Content-Type"):
            return _problem(403, "SignatureDoesNotMatch")
        body = await request.read()
        self.shelf.keep(replace(self.shelf.files[link.file_id], body=body, size=len(body)))
        return web.Response()

    async def _presign(self, request: web.Request) -> web.Response:
        file = self.shelf.files.get(request.match_info["id"])
        if file is None:
            return _problem(404, "File not found")
        return web.json_response({"presigned_url": self._link(file)})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            return _problem(400, "Only one auth mechanism allowed")
        link = self._opened(request)
        if link is None or link.content_type or request.match_info["user"] != self.user_id:
            return _problem(403, "Request has expired")
        return await _send(request, self.shelf.files[link.file_id])

    def _opened_by(self, link: object) -> bytes | None:
        """Return what a link of ours opens; the sandbox reads nobody else's."""
        if not isinstance(link, str) or not link.startswith(f"{self.base_url}/files/"):
            return None
        url = yarl.URL(link)
        opened = self.shelf.opened(url.parts[-2], url.query.get("signature", ""))
        readable = opened is not None and opened.content_type is None
        return self.shelf.files[url.parts[-2]].body if readable else None

    def _opened(self, request: web.Request) -> Link | None:
        return self.shelf.opened(request.match_info["id"], request.query.get("signature", ""))


async def _send(request: web.Request, file: StoredFile) -> web.StreamResponse:
    """Send a file; only half of it when the call is to break off."""
    answer = web.StreamResponse(headers={"Content-Type": file.content_type})
    answer.content_length = file.size
    await answer.prepare(request)
    left = file.size // 2 if request.get(BREAK_OFF) else file.size
    for piece in file.pieces():
        if left <= 0:
            break
        await answer.write(piece[:left])
        left -= len(piece)
    if not request.get(BREAK_OFF):
        await answer.write_eof()
    return answer


async def _json_object(request: web.Request) -> dict[str, Any] | None:
    """Read the body as a JSON object, or None."""
    try:
        asked = json.loads(await request.read())
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _problem(status: int, text: str) -> web.Response:
    return web.json_response({"detail": text}, status=status)


async def _nothing(_request: web.Request) -> web.StreamResponse:
    return _problem(404, "Not Found")


async def _run_alone(port: int, token: str, shape: Shape) -> None:
    async with SandboxNetmind(port=port, token=token, shape=shape) as server:
        print(server.base_url, flush=True)  # noqa: T201 - the one line a caller waits for
        await asyncio.Event().wait()


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="NetMind in miniature, for trying things out.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--token", default="sandbox-token", help="the token it accepts")
    parser.add_argument("--shape", choices=["A", "B", "C"], default="C", help="form of its answers")
    asked = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run_alone(asked.port, asked.token, asked.shape))


if __name__ == "__main__":
    main()
