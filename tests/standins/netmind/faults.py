"""Faults that a test plans for coming requests; how generations go is in `outcomes`."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self

from bot.sandbox.faults import Operation
from tests.standins.netmind.ledger import JSON

__all__ = ["Drop", "Fault", "Operation", "PageName", "Plan", "Spoil", "Twist"]

Drop = Literal["close", "reset", "hang"]
"""Instead of an answer: the end of the connection, a reset (error 104), or silence for ever."""

PageName = Literal["html", "empty", "malformed", "huge", "deep", "bomb"]
"""A body instead of the true one: see `pages`."""

Spoil = Literal["reset", "stall", "short", "unended", "long", "trickle"]
"""What happens to an answer on its way.

reset, stall: after the headers and half of the body, a reset, or silence for ever.
short: ends half-way of its declared length. unended: a chunked body without its last chunk.
long: more bytes than declared. trickle: one byte each `pause` seconds.
"""

Twist = Literal["backwards", "odd_word", "no_result", "shifted", "doubled", "cut", "emptied"]
"""What is wrong in a true answer of get, list or create: see `twists`."""


@dataclass(frozen=True)
class Fault:
    """What shall happen to the next `times` requests of an operation, after `skip` others.

    `operation` `*` is any. With a `drop`, `status`, `page` or `redirect` the request has no effect,
    unless `accept` says that it is carried out first; everything else leaves its effect alone.
    `delay` is the time in seconds before the effect, `hold` the time from there to the answer.
    """

    operation: Operation | Literal["*"] = "*"
    times: int = 1
    skip: int = 0
    delay: float = 0.0
    hold: float = 0.0
    accept: bool = False
    drop: Drop | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """Of a planned status. Text is sent as text/html, everything else as JSON."""
    retry_date: float | None = None
    """Seconds from now that a Retry-After names as a date, by the API's own clock."""
    page: PageName | None = None
    redirect: str | None = None
    """`chain`, `loop` (of a download), or where to."""
    spoil: Spoil | None = None
    pause: float = 1.0
    twist: Twist | None = None
    amount: float = 0.0
    """Of a twist: seconds that are `shifted`, generations that a `cut` leaves."""

    def matches(self, operation: str) -> bool:
        return self.operation in {"*", operation}

    @property
    def replaces(self) -> bool:
        """Whether something else is sent than the true answer."""
        return self.status is not None or self.page is not None or self.redirect is not None

    @property
    def has_effect(self) -> bool:
        """Whether the request itself is carried out."""
        return self.accept or (self.drop is None and not self.replaces)

    def on(self, operation: Operation | Literal["*"], *, times: int = 1, skip: int = 0) -> Self:
        """Return the same fault for these requests."""
        return replace(self, operation=operation, times=times, skip=skip)

    def accepted(self) -> Self:
        """Return the same fault for a request that is carried out all the same."""
        return replace(self, accept=True)

    def to_json(self) -> JSON:
        return asdict(self)

    def told(self) -> JSON:
        """Only what differs from no fault at all: for the ledger."""
        plain = asdict(Fault())
        return {key: value for key, value in self.to_json().items() if value != plain[key]}


class Plan:
    """The planned faults, oldest first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def take(self, operation: str) -> Fault | None:
        """Return the fault for this request; it is used up by one."""
        for index, fault in enumerate(self.faults):
            if not fault.matches(operation):
                continue
            if fault.skip:
                self.faults[index] = replace(fault, skip=fault.skip - 1)
                continue
            self.faults[index] = replace(fault, times=fault.times - 1)
            self.faults = [planned for planned in self.faults if planned.times > 0]
            return fault
        return None


# Refusals.

_WORDS: dict[int, Any] = {
    400: {"detail": "Bad request"},
    401: {"error": {"message": "Invalid api token"}},
    402: {"message": "Insufficient Balance"},
    403: {"error": {"message": "Invalid api token"}},
    404: {"detail": "Generation not found"},
    409: {"detail": "Conflict"},
    422: {"detail": [{"loc": ["body", "config", "duration"], "msg": "Input should be less"}]},
    500: {"detail": "Service is unavailable"},
    502: "<html><head><title>502 Bad Gateway</title></head><body>upstream</body></html>",
    503: "<html><head><title>503 Service Unavailable</title></head></html>",
    504: "<html><head><title>504 Gateway Time-out</title></head></html>",
}


def refusal(status: int) -> Fault:
    """Say no with this status, in words that were seen or are likely."""
    return Fault(status=status, body=_WORDS.get(status, {"detail": "No"}))


def server_error(status: int = 503) -> Fault:
    return refusal(status)


def unknown_model(model: str) -> Fault:
    return Fault(status=400, body={"detail": f"Model name: {model} not exists"})


def no_balance(status: int = 400) -> Fault:
    return Fault(status=status, body={"detail": "balance not enough"})


def too_many_requests(retry_after: float | None = None) -> Fault:
    """429 with a Retry-After in seconds, or without one."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:.12g}"}
    return Fault(status=429, headers=headers, body={"detail": "Too many requests"})


def too_many_until(seconds: float) -> Fault:
    """429 with a Retry-After that is a date, so many seconds from now."""
    return Fault(status=429, retry_date=seconds, body={"detail": "Too many requests"})


def expired_link() -> Fault:
    """403 for a download; the same link works the next time."""
    return Fault("download", status=403, body="<Error><Code>AccessDenied</Code></Error>")


# Connections.


def lost_answer(how: Drop = "close") -> Fault:
    """Carry the request out, but the client never hears of it."""
    return Fault(accept=True, drop=how)


def lost_request(how: Drop = "close") -> Fault:
    """Cut the connection; nothing was carried out.

    aiohttp itself sends a GET, PUT or DELETE once more after that: two times are felt.
    """
    return Fault(drop=how)


def slow(*, delay: float = 0.0, hold: float = 0.0) -> Fault:
    """Carry the request out this late, and answer this much later."""
    return Fault(delay=delay, hold=hold)


def spoiled(how: Spoil, *, pause: float = 1.0) -> Fault:
    """Carry the request out; its answer goes wrong on its way."""
    return Fault(spoil=how, pause=pause)


# Contents.


def paged(name: PageName, status: int = 200) -> Fault:
    """Answer with this body; nothing was carried out."""
    return Fault(status=status, page=name)


def twisted(how: Twist, amount: float = 0.0) -> Fault:
    """Tell something wrong in an otherwise true answer."""
    return Fault(twist=how, amount=amount)


def redirected(to: str, status: int = 302) -> Fault:
    """Send a download elsewhere: `chain` (three hops to the file), `loop`, or this address."""
    return Fault("download", status=status, redirect=to)
