"""What happens in a run: everything is drawn from the seed, before anything begins."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.crash import POINTS
from tests.standins.discord import faults as discord_faults
from tests.standins.discord.world import Home
from tests.standins.netmind import faults as netmind_faults
from tests.standins.netmind import outcomes
from tests.standins.netmind.outcomes import Outcome

PEOPLE = (Home.alice, Home.bob, Home.moderator)
CHANNELS = (Home.channel, Home.other_channel)

ROUTES = (
    ("POST", "/channels/{channel_id}/messages"),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"),
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("*", "/webhooks/*"),
    ("GET", "/channels/{channel_id}/messages"),
    ("*", "*"),
)
OPERATIONS: tuple[netmind_faults.Operation, ...] = (
    *("create", "create", "create", "get", "list", "delete", "download", "download", "presign"),
)
DELICATE = ("job.committed", "card.sent", "submit.answered", "delivery.posted")
"""Where somebody else already knows what the database does not."""

WORDS = (
    "wind over willow branches",
    "rain 🌧️ on a tin roof 👩‍👩‍👧",
    "<@300000000000000012> @everyone sing <@&1> <#2>",
    "**bold** `code` ||spoiler|| [a link](https://example.org/x)",
    "\u202eright to left\u202c and zero\u200bwidth",
    "Ünïcödé ß 東京 مرحبا",
    "../../etc/passwd; DROP TABLE jobs; --",
    "long " * 150,
)


@dataclass(frozen=True)
class Action:
    """Something that happens so many seconds after the beginning."""

    at: float
    what: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}"[:160] for name, value in self.facts.items())
        return f"{self.at:7.2f}  {self.what}({told})"


@dataclass(frozen=True)
class Plan:
    """Everything that is drawn. Faults stop at `calm`, in seconds from the beginning."""

    seed: int
    calm: float
    settings: dict[str, Any]
    netmind: dict[str, Any]
    discord: dict[str, Any]
    outcomes: tuple[Outcome, ...]
    actions: tuple[Action, ...]

    @property
    def may_take_long(self) -> bool:
        """Whether people wait for each other, or for what never comes."""
        given = sum(action.what == "command" for action in self.actions)
        return given > self.settings["netmind_max_in_flight"] or any(
            outcome.endless
            or outcome.result_after != 0
            or outcome.unfound_for != 0  # what is not found may still appear, for a minute
            for outcome in self.outcomes
        )

    def __str__(self) -> str:
        drawn = f"{self.settings}, {self.netmind}, {self.discord}"
        head = f"seed {self.seed}, calm at {self.calm:.1f}, {drawn}"
        ends = [f"         {outcome}" for outcome in self.outcomes]
        return "\n".join([head, *ends, *map(str, self.actions)])


def draw(seed: int, *, commands: int = 8) -> Plan:
    """Draw a run with so many commands at most."""
    rng = random.Random(f"plan {seed}")
    calm = rng.uniform(20, 20 + 8 * commands)
    people = rng.sample(PEOPLE, rng.randint(1, 3))
    channels = rng.sample(CHANNELS, rng.randint(1, 2))
    given = [_command(rng, calm, people, channels, n) for n in range(rng.randint(2, commands))]
    actions = [*given, *_follow_ups(rng, given), *_troubles(rng, calm, channels)]
    return Plan(
        seed=seed,
        calm=calm,
        settings={
            "netmind_max_in_flight": rng.choice([1, 3, 10, 10, 10]),
            "netmind_account": rng.choice(["shared", "exclusive"]),
        },
        netmind={
            "shape": rng.choice("ABC"),
            "audio_pending": rng.uniform(0, 3),
            "audio_making": rng.uniform(1, 20),
            "video_pending": rng.uniform(0, 5),
            "video_making": rng.uniform(5, 40),
            "latency_max": rng.choice([0, 0.1, 1.0]),
            "list_limit": rng.choice([None, None, 1, 3]),
            "link_life": rng.choice([3600, 3600, 5]),
            "clock_offset": rng.choice([0, 0, 0, 2, -3600]),
        },
        # Seconds; the bot relies on a minute of it.
        discord={"nonce_window": rng.choice([61, 180])},
        outcomes=tuple(_outcomes(rng)),
        actions=tuple(sorted(actions, key=lambda action: action.at)),
    )


def _command(
    rng: random.Random, calm: float, people: list[int], channels: list[int], number: int
) -> Action:
    options = {"prompt": f"{rng.choice(WORDS)} no {number}"}
    return Action(
        rng.uniform(0, calm),
        "command",
        {
            "number": number,
            "name": rng.choice(["audio", "audio", "audio", "video"]),
            "user": rng.choice(people),
            "channel": rng.choice(channels),
            "options": options,
        },
    )


def _follow_ups(rng: random.Random, given: list[Action]) -> Iterator[Action]:
    for command in given:
        if rng.random() < 0.25:
            at = command.at + rng.choice([0.5, 3.0, 10.0, 40.0]) * rng.random()
            user = command.facts["user"] if rng.random() < 0.8 else rng.choice(PEOPLE)
            yield Action(at, "cancel", {"number": command.facts["number"], "user": user})
        if rng.random() < 0.2:
            at = command.at + rng.choice([0.0, 1.0, 30.0]) * rng.random()
            yield Action(at, "replay", {"number": command.facts["number"]})


def _outcomes(rng: random.Random) -> Iterator[Outcome]:
    """Say how some generations go; the others go well."""
    makers: tuple[Callable[[], Outcome], ...] = (
        lambda: outcomes.failed("Something error: 422: out of memory"),
        lambda: outcomes.never_ending(rng.choice([None, "warming"])),
        outcomes.finished_at_once,
        lambda: outcomes.without_result(rng.choice([None, 5.0])),
        lambda: outcomes.vanishing(
            rng.uniform(0, 10), rng.choice([None, 15.0]), found=rng.random() < 0.7
        ),
        lambda: outcomes.slow_to_appear(rng.uniform(1, 20)),
        lambda: outcomes.worded("cooking", rng.choice(["completed", "done", "success"])),
        lambda: outcomes.misdated(rng.choice([3600, -3600, 2])),
        lambda: outcomes.not_media(rng.choice(["html", "empty"])),
        lambda: outcomes.large(11 * 1024 * 1024),
        lambda: outcomes.several_files(2),
        lambda: outcomes.linked("http://169.254.169.254/latest/meta-data"),
    )
    for _ in range(rng.choice([0, 0, 1, 2])):
        yield rng.choice(makers)().on("*", skip=rng.randint(0, 3))


# Trouble.


def _troubles(rng: random.Random, calm: float, channels: list[int]) -> Iterator[Action]:
    # Most runs have a few troubles; some have only one, so that it is seen alone.
    kinds = rng.sample(list(_TROUBLES), rng.randint(1, len(_TROUBLES)))
    for _ in range(rng.choice([1, 2, 3, 5, 8])):
        kind = rng.choice(kinds)
        yield Action(rng.uniform(0, calm), kind, _TROUBLES[kind](rng, channels))


def _netmind_fault(rng: random.Random, _: list[int]) -> dict[str, Any]:
    fault = rng.choice(
        [
            netmind_faults.lost_answer(rng.choice(["close", "reset", "hang"])),
            netmind_faults.lost_answer("close"),
            netmind_faults.lost_request(rng.choice(["close", "reset"])),
            netmind_faults.server_error(rng.choice([500, 502, 503, 504])),
            netmind_faults.server_error(500).accepted(),
            netmind_faults.too_many_requests(rng.choice([None, 1, 20, 1e9])),
            netmind_faults.refusal(rng.choice([400, 401, 402, 403, 404, 409, 422])),
            netmind_faults.slow(delay=rng.uniform(0, 25)),
            netmind_faults.slow(hold=rng.uniform(0, 25)),
            netmind_faults.spoiled(rng.choice(["reset", "stall", "short", "unended", "long"])),
            netmind_faults.paged(rng.choice(["html", "empty", "malformed"])),
            netmind_faults.twisted(rng.choice(["backwards", "odd_word", "no_result", "doubled"])),
            netmind_faults.twisted(rng.choice(["cut", "emptied"])),
        ]
    )
    return {"fault": fault.on(rng.choice(OPERATIONS), times=rng.choice([1, 1, 2, 4]))}


def _netmind_outage(rng: random.Random, _: list[int]) -> dict[str, Any]:
    how = rng.choice(["refuse", "silent", "error", "money", "key"])
    return {"how": how, "seconds": rng.uniform(3, 60)}


def _discord_fault(rng: random.Random, _: list[int]) -> dict[str, Any]:
    fault = rng.choice(
        [
            discord_faults.lost_answer(rng.choice(["close", "reset"])),
            discord_faults.lost_answer("close"),
            discord_faults.lost_request(rng.choice(["close", "reset"])),
            discord_faults.server_error(rng.choice([500, 502, 503, 504])),
            discord_faults.too_many_requests(rng.uniform(0.2, 8), rng.choice(["user", "shared"])),
            discord_faults.too_many_requests(rng.uniform(0.2, 8), "global"),
            discord_faults.cloudflare_ban(20),
            discord_faults.Fault(delay=rng.uniform(0, 5)),
            discord_faults.Fault(hold=rng.uniform(0, 40)),
        ]
    )
    method, route = rng.choice(ROUTES)
    return {"fault": fault.on(method, route, times=rng.choice([1, 1, 2, 5]))}


def _gateway(rng: random.Random, _: list[int]) -> dict[str, Any]:
    how = rng.choice(["drop", "reconnect", "invalidate", "hold", "deaf"])
    return {
        "how": how,
        "code": rng.choice([None, 1000, 4000, 4009]),
        "resumable": rng.random() < 0.5,
        "seconds": rng.uniform(1, 20),
    }


def _crash(rng: random.Random, _: list[int]) -> dict[str, Any]:
    point = rng.choice([None, *POINTS, *DELICATE * 5])
    return {
        "point": point,
        "times": rng.choice([1, 1, 2]),
        "downtime": rng.choice([3, 30, 150]) * rng.random(),
    }


def _place(rng: random.Random, channels: list[int]) -> dict[str, Any]:
    how = rng.choice(["delete", "forbid", "shrink"])
    missing = rng.choice([["send_messages"], ["view_channel"], ["attach_files"]])
    return {"how": how, "channel": rng.choice(channels), "missing": missing}


_TROUBLES: dict[str, Callable[[random.Random, list[int]], dict[str, Any]]] = {
    "netmind_fault": _netmind_fault,
    "netmind_outage": _netmind_outage,
    "discord_fault": _discord_fault,
    "gateway": _gateway,
    "crash": _crash,
    "place": _place,
    "restart": lambda rng, _: {"downtime": rng.uniform(0, 5)},
    "deploy": lambda rng, _: {"together": rng.uniform(2, 40)},
    "pause": lambda rng, _: {"seconds": rng.uniform(5, 60)},
    "busy_database": lambda rng, _: {"seconds": rng.choice([0.5, 5, 35]) * rng.random()},
    "expire_links": lambda _, __: {},
}
