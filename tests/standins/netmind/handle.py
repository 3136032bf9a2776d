"""What a test can ask of the stand-in, however it is reached."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, cast

from tests.standins.netmind.faults import Fault
from tests.standins.netmind.ledger import JSON, Entry
from tests.standins.netmind.outcomes import Outcome

PATIENCE = 5.0
POLL = 2.0


class ControlError(Exception):
    """The test asked the stand-in for something impossible."""


class Handle(ABC):
    """A running stand-in; `host_port` is the `host:port` that downloads come from.

    Nobody may ever be shown `user_id`, the account, which stands in every answer and link.
    """

    base_url: str
    token: str
    host_port: str
    user_id: str

    @abstractmethod
    async def call(self, name: str, /, **facts: Any) -> Any:
        """Make any control call of `control.Control`, by its name. Raises ControlError."""

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which a Foley in another process talks to the stand-in."""
        return {
            "NETMIND_BASE_URL": self.base_url,
            "NETMIND_API_TOKEN": self.token,
            "DOWNLOAD_ALLOW": self.host_port,
        }

    # What happened.

    async def ledger(self, *, after: int = 0) -> list[Entry]:
        """Everything that happened since an entry's `seq`."""
        return await self._entries(after, wait=0)

    async def wait_for(
        self, predicate: Callable[[Entry], object], *, timeout: float = PATIENCE, after: int = 0
    ) -> Entry:
        """Return the first entry since `after` that satisfies the predicate, past or to come."""
        seen: list[Entry] = []
        try:
            async with asyncio.timeout(timeout):
                while True:
                    for entry in await self._entries(after, wait=POLL):
                        if predicate(entry):
                            return entry
                        seen.append(entry)
                        after = entry.seq
        except TimeoutError:
            last = "\n".join(str(entry.to_json()) for entry in seen[-10:])
            raise TimeoutError(f"Nothing fits after {timeout} s. The last were:\n{last}") from None

    async def violations(self) -> list[str]:
        """Each thing the client did that would hurt at the real API."""
        return [
            str(entry.detail["sentence"])
            for entry in await self.ledger()
            if entry.kind == "violation"
        ]

    async def generations(self) -> list[JSON]:
        """Every generation that was paid for, oldest first, deleted ones too.

        Each has `id`, `model`, `prompt`, `config`, `stranger`, `gone` (never found), `status` (as
        of now), `created_at`,
        `ended_at`, `deleted_at` (ISO, UTC, or None), `files` (`id`, `name`, `size`, `sha256`) and
        `sha256` (of the first file, or None).
        """
        return cast("list[JSON]", await self.call("generations"))

    async def _entries(self, after: int, *, wait: float) -> list[Entry]:
        return [Entry(**facts) for facts in await self.call("ledger", after=after, wait=wait)]

    # What shall happen.

    async def plan(self, fault: Fault) -> None:
        """Let this happen to the next requests that match; faults are served in this order."""
        await self.call("fault", **fault.to_json())

    async def clear_faults(self) -> int:
        """Forget what was planned; how many faults were still left."""
        return cast("int", await self.call("clear_faults"))

    async def plan_outcome(self, outcome: Outcome) -> None:
        """Let the next generations that match go like this, in the order of planning."""
        await self.call("outcome", **outcome.to_json())

    async def clear_outcomes(self) -> int:
        """Forget the planned outcomes; how many were left."""
        return cast("int", await self.call("clear_outcomes"))

    async def settings(self, **changes: Any) -> None:
        """Change `settings.Settings`: shape, audio_making, latency_max, list_limit ..."""
        await self.call("settings", **changes)

    async def advance(self, seconds: float) -> None:
        """Push the stand-in's clock: generations end, links die."""
        await self.call("advance", seconds=seconds)

    async def stranger(self, model: str = "hkchengrex/MMAudio", prompt: str = "not yours") -> str:
        """Create a generation of somebody else who uses the same account; its id."""
        return cast("str", await self.call("stranger", model=model, prompt=prompt))

    async def expire_links(self) -> None:
        """Let every link told so far die."""
        await self.call("expire_links")

    async def refuse_connections(self, seconds: float | None = None) -> None:
        """Close the port for so long, or until `accept_connections`."""
        await self.call("refuse_connections", seconds=seconds)

    async def accept_connections(self) -> None:
        """Open the port again."""
        await self.call("accept_connections")

    async def reset(self) -> None:
        """Begin anew: faster than another stand-in. Close your clients first."""
        await self.call("reset")


def created(prompt: str | None = None) -> Callable[[Entry], bool]:
    """For `wait_for`: a generation was accepted, for this prompt or any."""
    return lambda e: e.kind == "generation.created" and prompt in {None, e.prompt}


def asked(operation: str) -> Callable[[Entry], bool]:
    """For `wait_for`: a request of this operation is over."""
    return lambda e: e.operation == operation and e.kind in {"http", "download"}
