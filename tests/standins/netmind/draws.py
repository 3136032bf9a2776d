"""Faults and outcomes drawn by chance: the same seed gives the same draws."""

import random
from collections.abc import Callable
from typing import TypeVar

from tests.standins.netmind import faults, outcomes
from tests.standins.netmind.faults import Drop, Fault, Operation, PageName, Spoil, Twist
from tests.standins.netmind.outcomes import Outcome

T = TypeVar("T")
Maker = Callable[[random.Random], T]

HOUR = 3600.0
ABSURD = 1e9
"""A Retry-After in seconds that nobody should obey."""

OPERATIONS: tuple[Operation, ...] = ("create", "get", "list", "delete", "presign", "download")
_CALLS: tuple[Operation, ...] = ("create", "create", "get", "get", "list", "list", "delete")
_LOOKS: tuple[Operation, ...] = ("get", "list", "list")
_STATUSES = (400, 401, 402, 403, 404, 409, 422)
_TROUBLES = (500, 502, 503, 504)
_DROPS: tuple[Drop, ...] = ("close", "reset", "hang")
_SPOILS: tuple[Spoil, ...] = ("reset", "stall", "short", "unended", "long", "trickle")
_PAGES: tuple[PageName, ...] = ("html", "empty", "malformed", "huge", "deep")
_FILES: tuple[PageName, ...] = ("html", "empty", "bomb")
_TWISTS: tuple[Twist, ...] = ("backwards", "odd_word", "no_result", "doubled", "cut", "emptied")
_PRIVATE = (
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/x.flac",
    "https://[::ffff:127.0.0.1]/x.flac",
    "https://2130706433/x.flac",
    "file:///etc/passwd",
)


def random_fault(rng: random.Random) -> Fault:
    """Draw one of all faults, for one to three requests that come soon."""
    fault = _draw(rng, _FAULTS)
    return fault.on(fault.operation, times=rng.choice((1, 1, 1, 2, 3)), skip=rng.choice((0, 0, 1)))


def random_outcome(rng: random.Random) -> Outcome:
    """Draw how one generation goes; about half of them go well."""
    return _draw(rng, _OUTCOMES)


def _draw(rng: random.Random, makers: tuple[tuple[int, Maker[T]], ...]) -> T:
    weights = [weight for weight, _ in makers]
    [(_, maker)] = rng.choices(makers, weights)
    return maker(rng)


def _refused(rng: random.Random) -> Fault:
    return faults.refusal(rng.choice(_STATUSES)).on(rng.choice(_CALLS))


def _troubled(rng: random.Random) -> Fault:
    fault = faults.server_error(rng.choice(_TROUBLES)).on(rng.choice(OPERATIONS))
    return fault.accepted() if rng.random() < 0.5 else fault


def _poor(rng: random.Random) -> Fault:
    return faults.no_balance(rng.choice((400, 402))).on("create")


def _busy(rng: random.Random) -> Fault:
    seconds = rng.choice((None, 0.0, 1.0, 5.0, 60.0, ABSURD))
    fault = faults.too_many_requests(seconds)
    if seconds is not None and seconds < ABSURD and rng.random() < 0.5:
        fault = faults.too_many_until(seconds)
    return fault.on(rng.choice(OPERATIONS))


def _lost(rng: random.Random) -> Fault:
    make = faults.lost_answer if rng.random() < 0.6 else faults.lost_request
    return make(rng.choice(_DROPS)).on(rng.choice(OPERATIONS))


def _slow(rng: random.Random) -> Fault:
    delay, hold = rng.choice((0.0, 1.0, 25.0)), rng.choice((0.0, 1.0, 25.0, 120.0))
    return faults.slow(delay=delay, hold=hold).on(rng.choice(OPERATIONS))


def _spoiled(rng: random.Random) -> Fault:
    return faults.spoiled(rng.choice(_SPOILS)).on(rng.choice(OPERATIONS))


def _garbled(rng: random.Random) -> Fault:
    fault = faults.paged(rng.choice(_PAGES)).on(rng.choice(_CALLS))
    return fault.accepted() if rng.random() < 0.5 else fault


def _twisted(rng: random.Random) -> Fault:
    how = rng.choice(_TWISTS)
    return faults.twisted(how, float(rng.randrange(3))).on(rng.choice(_LOOKS))


def _misdated(rng: random.Random) -> Fault:
    seconds = rng.choice((-HOUR, -1.0, 1.0, HOUR))
    return faults.twisted("shifted", seconds).on(rng.choice(_LOOKS))


def _expired(rng: random.Random) -> Fault:
    return Fault("download", status=rng.choice((403, 404, 410)), body="expired")


def _led_away(rng: random.Random) -> Fault:
    where = rng.choice(("chain", "chain", "loop", *_PRIVATE))
    return faults.redirected(where, rng.choice((301, 302, 303, 307, 308)))


def _wrong_file(rng: random.Random) -> Fault:
    return faults.paged(rng.choice(_FILES)).on("download")


_FAULTS: tuple[tuple[int, Maker[Fault]], ...] = (
    (3, _refused),
    (3, _troubled),
    (1, _poor),
    (2, _busy),
    (4, _lost),
    (2, _slow),
    (3, _spoiled),
    (2, _garbled),
    (2, _twisted),
    (1, _misdated),
    (1, _expired),
    (1, _led_away),
    (1, _wrong_file),
)


def _well(rng: random.Random) -> Outcome:
    return outcomes.completed(pending=rng.uniform(0, 30), making=rng.uniform(1, 120))


def _failed(rng: random.Random) -> Outcome:
    logs = ('Something error: 422: {"detail": [{"loc": ["prompt"], "msg": "too long"}]}',)
    word = rng.choice(("failed", "error", "cancelled", "canceled"))
    return outcomes.failed(*(logs if rng.random() < 0.7 else ()), status=word)


def _endless(rng: random.Random) -> Outcome:
    return outcomes.never_ending(rng.choice((None, "running", "warming_up")))


def _worded(rng: random.Random) -> Outcome:
    running = rng.choice(("processing", "running", "queued", "warming_up", "PROCESSING"))
    return outcomes.worded(running, rng.choice(("completed", "success", "succeeded", "Done")))


def _empty_handed(rng: random.Random) -> Outcome:
    return outcomes.without_result(rng.choice((None, 5.0, 30.0)), "no file was written")


def _vanishing(rng: random.Random) -> Outcome:
    after, length = rng.uniform(0, 60), rng.choice((None, 5.0, 60.0))
    return outcomes.vanishing(after, length, found=rng.random() < 0.8)


def _late(rng: random.Random) -> Outcome:
    return outcomes.slow_to_appear(rng.choice((1.0, 5.0, 30.0)))


def _wrong_time(rng: random.Random) -> Outcome:
    return outcomes.misdated(rng.choice((-HOUR, -2.0, 2.0, HOUR)))


def _odd_file(rng: random.Random) -> Outcome:
    return rng.choice((outcomes.not_media("html"), outcomes.not_media("empty")))


def _astray(rng: random.Random) -> Outcome:
    return outcomes.linked(rng.choice(_PRIVATE))


def _big(rng: random.Random) -> Outcome:
    return outcomes.large(rng.choice((1, 9, 11, 26)) * 1024 * 1024)


_OUTCOMES: tuple[tuple[int, Maker[Outcome]], ...] = (
    (12, _well),
    (2, lambda _: outcomes.finished_at_once()),
    (2, _failed),
    (1, _endless),
    (2, _worded),
    (2, _empty_handed),
    (1, _vanishing),
    (1, _late),
    (1, _wrong_time),
    (1, _odd_file),
    (1, _astray),
    (1, _big),
    (1, lambda rng: outcomes.several_files(rng.choice((2, 3)))),
)
