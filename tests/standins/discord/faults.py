"""Faults that a test plans for coming requests."""

from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, Self

from tests.standins.discord.call import Answer
from tests.standins.discord.world import JSON


@dataclass(frozen=True)
class Fault:
    """What shall happen to the next `times` requests that match, after `skip` others.

    `route` is a template of Discord's own document, `*` stands for anything. Without `accept`
    the request has no effect; with it the request is carried out first and then answered (or
    not) as planned. Neither `status` nor `drop`: it is only slow. `delay` is the time before the
    request has its effect, `hold` the time from there to the answer. `half`: only half of the body
    is read; the ledger says `upload.half`, and after the hold the connection is dropped.
    """

    method: str = "*"
    route: str = "*"
    times: int = 1
    skip: int = 0
    delay: float = 0.0
    hold: float = 0.0
    accept: bool = False
    half: bool = False
    drop: Literal["close", "reset"] | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """Text is sent as text/html, everything else as JSON."""

    def matches(self, method: str, route: str) -> bool:
        return self.method in {"*", method} and (
            self.route in {"*", route} or fnmatchcase(route, self.route)
        )

    @property
    def has_effect(self) -> bool:
        """Whether the request itself is carried out."""
        if self.half:
            return False
        return self.accept or (self.drop is None and self.status is None)

    def answer(self) -> Answer | None:
        """Say what is sent instead of the true answer, if anything is."""
        return None if self.status is None else Answer(self.status, self.body, dict(self.headers))

    def on(self, method: str, route: str, *, times: int = 1, skip: int = 0) -> Self:
        """Return the same fault for these requests."""
        return replace(self, method=method, route=route, times=times, skip=skip)

    def to_json(self) -> JSON:
        return asdict(self)


class Plan:
    """The planned faults, oldest first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def take(self, method: str, route: str) -> Fault | None:
        """Return the fault for this request; it is used up by one."""
        for index, fault in enumerate(self.faults):
            if not fault.matches(method, route):
                continue
            if fault.skip:
                self.faults[index] = replace(fault, skip=fault.skip - 1)
                continue
            self.faults[index] = replace(fault, times=fault.times - 1)
            self.faults = [planned for planned in self.faults if planned.times > 0]
            return fault
        return None


Scope = Literal["user", "shared", "global"]


def too_many_requests(retry_after: float, scope: Scope = "user") -> Fault:
    """429 as Discord itself says it."""
    return Fault(
        status=429,
        headers={"Via": "1.1 google", "Retry-After": str(retry_after), "X-RateLimit-Scope": scope}
        | ({"X-RateLimit-Global": "true"} if scope == "global" else {}),
        body={
            "message": "You are being rate limited.",
            "retry_after": retry_after,
            "global": scope == "global",
            "code": 0,
        },
    )


def cloudflare_ban(retry_after: float = 3600) -> Fault:
    """429 as Cloudflare says it to an address that asked wrongly too often."""
    page = "<html><head><title>Access denied</title></head><body>error code: 1015</body></html>"
    return Fault(status=429, headers={"Retry-After": str(retry_after)}, body=page)


def server_error(status: int = 503) -> Fault:
    return Fault(status=status, body="<html><body>upstream connect error</body></html>")


def lost_answer(how: Literal["close", "reset"] = "close") -> Fault:
    """Carry the request out, but the bot never hears of it."""
    return Fault(accept=True, drop=how)


def half_upload(hold: float, how: Literal["close", "reset"] = "close") -> Fault:
    """Read half of the body, wait so many seconds, and cut the connection; nothing was posted."""
    return Fault(half=True, hold=hold, drop=how)


def lost_request(how: Literal["close", "reset"] = "close") -> Fault:
    """Cut the connection; nothing was carried out."""
    return Fault(drop=how)
