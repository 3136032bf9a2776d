"""What happens in a run over the wire: everything is drawn from the seed, before it begins."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.crash import POINTS
from tests.crash.stores import POSTGRESQL, SQLITE
from tests.standins.discord import faults as discord_faults
from tests.standins.netmind import faults as netmind_faults
from tests.standins.netmind import outcomes
from tests.standins.netmind.outcomes import Outcome

_OPERATIONS: tuple[netmind_faults.Operation, ...] = (
    *("create", "create", "create", "get", "list", "delete", "download", "presign"),
)
_ROUTES = (
    ("POST", "/channels/{channel_id}/messages"),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"),
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("GET", "/channels/{channel_id}/messages"),
)


@dataclass(frozen=True)
class Action:
    """Something that happens so many seconds after the first bot is online."""

    at: float
    what: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Everything that is drawn. Faults stop at `calm`, in seconds from the beginning."""

    seed: int
    calm: float
    store: str
    settings: dict[str, str]
    netmind: dict[str, Any]
    outcomes: tuple[Outcome, ...]
    actions: tuple[Action, ...]

    def __str__(self) -> str:
        head = f"seed {self.seed} on {self.store}, {self.settings}, calm at {self.calm:.1f}"
        told = [f"{each.at:6.2f}  {each.what} {each.facts}"[:200] for each in self.actions]
        return "\n".join([head, *map(str, self.outcomes), *told])


def draw(seed: int) -> Plan:
    """Draw a run of some seconds."""
    rng = random.Random(f"wire {seed}")
    calm = rng.uniform(4, 14)
    store = rng.choice([SQLITE, POSTGRESQL])
    actions = [*_commands(rng, calm), *_troubles(rng, calm), *_deaths(rng, calm, store)]
    return Plan(
        seed=seed,
        calm=calm,
        store=store,
        settings={
            "NETMIND_ACCOUNT": rng.choice(["shared", "exclusive"]),
            "NETMIND_MAX_IN_FLIGHT": rng.choice(["2", "8"]),
            "DRAIN_SECONDS": rng.choice(["0", "2", "20"]),
        },
        netmind={
            "shape": rng.choice("ABC"),
            "audio_making": rng.uniform(0.1, 3.0),
            "latency_max": rng.choice([0, 0.1, 0.5]),
            "list_limit": rng.choice([None, None, 2]),
            "file_size": rng.choice([0, 200_000, 2_000_000]),
        },
        outcomes=tuple(_outcomes(rng)),
        actions=tuple(sorted(actions, key=lambda action: action.at)),
    )


def _commands(rng: random.Random, calm: float) -> Iterator[Action]:
    for number in range(rng.randint(2, 7)):
        at = rng.uniform(0, calm)
        yield Action(at, "command", {"number": number, "of_bob": rng.random() < 0.5})
        if rng.random() < 0.3:
            yield Action(at + rng.uniform(0.2, 5), "cancel", {"number": number})
        if rng.random() < 0.2:
            yield Action(at + rng.uniform(0, 3), "replay", {"number": number})


def _outcomes(rng: random.Random) -> Iterator[Outcome]:
    makers: tuple[Callable[[], Outcome], ...] = (
        lambda: outcomes.failed("Something error: 422: out of memory"),
        outcomes.finished_at_once,
        lambda: outcomes.without_result(2.0),
        lambda: outcomes.slow_to_appear(rng.uniform(1, 5)),
        lambda: outcomes.worded("cooking", rng.choice(["completed", "done", "success"])),
        lambda: outcomes.not_media(rng.choice(["html", "empty"])),
        lambda: outcomes.large(11 * 1024 * 1024),
        lambda: outcomes.several_files(2),
    )
    for _ in range(rng.choice([0, 0, 1, 2])):
        yield rng.choice(makers)().on("*", skip=rng.randint(0, 3))


def _deaths(rng: random.Random, calm: float, store: str) -> Iterator[Action]:
    kinds = ["kill", "kill", "crash", "crash", "term"]
    # Two processes on one file is not how SQLite is deployed.
    kinds += ["deploy", "deploy"] if store == POSTGRESQL else []
    for _ in range(rng.randint(1, 3)):
        facts: dict[str, Any] = {"downtime": rng.choice([0.0, 1.0, 3.0]) * rng.random()}
        what = rng.choice(kinds)
        if what == "crash":
            facts["point"] = rng.choice(POINTS[2:])
        yield Action(rng.uniform(0.2, calm), what, facts)


def _troubles(rng: random.Random, calm: float) -> Iterator[Action]:
    kinds: dict[str, Callable[[random.Random], dict[str, Any]]] = {
        "netmind_fault": _netmind_fault,
        "discord_fault": _discord_fault,
        "gateway": _gateway,
        "netmind_away": lambda drawn: {"seconds": drawn.uniform(1, 6)},
    }
    for _ in range(rng.choice([0, 1, 2, 3, 5])):
        what = rng.choice(list(kinds))
        yield Action(rng.uniform(0, calm), what, kinds[what](rng))


def _netmind_fault(rng: random.Random) -> dict[str, Any]:
    fault = rng.choice(
        [
            netmind_faults.lost_answer(rng.choice(["close", "reset"])),
            netmind_faults.lost_answer("close"),
            netmind_faults.lost_request(rng.choice(["close", "reset"])),
            netmind_faults.server_error(rng.choice([500, 502, 503, 504])),
            netmind_faults.server_error(500).accepted(),
            netmind_faults.too_many_requests(rng.choice([None, 1, 1e9])),
            netmind_faults.refusal(rng.choice([400, 401, 402, 403, 404, 409, 422])),
            netmind_faults.slow(delay=rng.uniform(0, 3), hold=rng.uniform(0, 3)),
            netmind_faults.spoiled(rng.choice(["reset", "short", "unended", "long"])),
            netmind_faults.paged(rng.choice(["html", "empty", "malformed", "deep"])),
            netmind_faults.twisted(rng.choice(["backwards", "odd_word", "no_result", "doubled"])),
        ]
    )
    return {"fault": fault.on(rng.choice(_OPERATIONS), times=rng.choice([1, 1, 2, 4]))}


def _discord_fault(rng: random.Random) -> dict[str, Any]:
    fault = rng.choice(
        [
            discord_faults.lost_answer(rng.choice(["close", "reset"])),
            discord_faults.lost_request(rng.choice(["close", "reset"])),
            discord_faults.server_error(rng.choice([500, 502, 503, 504])),
            discord_faults.too_many_requests(rng.uniform(0.2, 3), "shared"),
            discord_faults.too_many_requests(rng.uniform(0.2, 3), "global"),
            discord_faults.cloudflare_ban(5),
            discord_faults.Fault(delay=rng.uniform(0, 2), hold=rng.uniform(0, 4)),
        ]
    )
    method, route = rng.choice(_ROUTES)
    return {"fault": fault.on(method, route, times=rng.choice([1, 1, 2]))}


def _gateway(rng: random.Random) -> dict[str, Any]:
    how = rng.choice(["drop", "reconnect", "invalidate"])
    return {
        "how": how,
        "code": rng.choice([None, 4000, 4007, 4009]),
        "resumable": rng.random() < 0.5,
    }
