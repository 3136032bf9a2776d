"""Control calls: what a test may do to the API, each `POST /control/<name>` with JSON.

The parameters of a method here are the keys of its JSON. An impossible wish is answered by a 400
with a sentence.
"""

from datetime import datetime
from typing import Any

from aiohttp import web

from bot.sandbox.netmind import MODELS
from tests.standins.netmind.account import Account, File, Made
from tests.standins.netmind.door import Door
from tests.standins.netmind.edge import Edge
from tests.standins.netmind.faults import Fault
from tests.standins.netmind.handle import ControlError
from tests.standins.netmind.ledger import JSON
from tests.standins.netmind.outcomes import Outcome

PREFIX = "/control"
SHORTEST_WAIT = 0.01


class Control:
    """Every public method but `run` and `application` is a control call."""

    def __init__(self, account: Account, edge: Edge, door: Door) -> None:
        self._account = account
        self._edge = edge
        self._door = door

    def application(self) -> web.Application:
        """Serve the control calls over HTTP."""
        app = web.Application()
        app.router.add_post(f"{PREFIX}/{{name}}", self._serve)
        return app

    async def run(self, name: str, facts: JSON) -> Any:
        """Make a call by its name. Raises ControlError."""
        method = getattr(self, name, None)
        if name.startswith("_") or name in {"run", "application"} or method is None:
            raise ControlError(f"There is no control call {name!r}.")
        try:
            return await method(**facts)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ControlError(f"{name}: {error!r}") from error

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            result = await self.run(request.match_info["name"], await request.json())
        except ControlError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"result": result})

    # What a test reads.

    async def ledger(self, after: int, wait: float) -> list[JSON]:
        """Return the entries that follow; waits a while for the first of them, or for an end."""
        ledger = self._account.ledger
        self._account.settle()
        end = self._account.next_end()
        await ledger.wait(after, wait if end is None else min(wait, max(end, SHORTEST_WAIT)))
        self._account.settle()
        return [entry.to_json() for entry in ledger.entries[after:]]

    async def generations(self) -> list[JSON]:
        now = self._account.clock.now()
        return [_generation(made, now) for made in self._account.generations.values()]

    # What shall happen.

    async def fault(self, **facts: Any) -> None:
        self._edge.plan.faults.append(Fault(**facts))

    async def clear_faults(self) -> int:
        left, self._edge.plan.faults = len(self._edge.plan.faults), []
        return left

    async def outcome(self, **facts: Any) -> None:
        self._account.outcomes.planned.append(Outcome.from_json(facts))

    async def clear_outcomes(self) -> int:
        left, self._account.outcomes.planned = len(self._account.outcomes.planned), []
        return left

    async def settings(self, **changes: Any) -> None:
        self._account.settings.change(**changes)

    async def advance(self, seconds: float) -> None:
        self._account.clock.offset += seconds

    async def stranger(self, model: str, prompt: str) -> str:
        if model not in MODELS:
            raise ValueError(f"There is no model {model!r}.")
        return self._account.create(model, {"prompt": prompt}, stranger=True).record.id

    async def expire_links(self) -> None:
        self._account.links_made += 1

    async def refuse_connections(self, seconds: float | None) -> None:
        await self._door.shut(seconds)

    async def accept_connections(self) -> None:
        await self._door.open()

    async def reset(self) -> None:
        """Begin anew, without what was planned, made or told."""
        await self._edge.end()
        await self._door.open()
        self._account.clock.offset = 0.0
        self._account.begin()
        self._edge.begin()
        self._account.ledger.entries.clear()


def _generation(made: Made, now: datetime) -> JSON:
    record = made.record
    files = [_file(file) for file in made.files]
    return {
        "id": record.id,
        "model": record.model,
        "prompt": made.prompt,
        "config": made.config,
        "stranger": made.stranger,
        "gone": made.outcome.unfound_for is None,
        "status": record.status(now),
        "created_at": record.created_at.isoformat(),
        "ended_at": record.ended_at.isoformat() if record.ended(now) and record.ended_at else None,
        "deleted_at": record.deleted_at.isoformat() if record.deleted_at else None,
        "files": files,
        "sha256": files[0]["sha256"] if files else None,
    }


def _file(file: File) -> JSON:
    content = file.content
    return {
        "id": file.label.id,
        "name": file.label.name,
        "size": content.size,
        "sha256": content.sha256,
    }
