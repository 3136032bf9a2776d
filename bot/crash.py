"""Crash points: named places at which a test can have this process killed. Free when off.

`FOLEY_CRASH=submit.answered` kills the process, as a power cut does, when it gets there for the
first time; `submit.answered:3` for the third. Several, separated by commas, count each for itself.
"""

import os
import signal
from collections.abc import Iterator

VARIABLE = "FOLEY_CRASH"

POINTS = (
    "start.migrating",
    "start.migrated",
    "command.received",
    "job.committed",
    "card.sent",
    "card.noted",
    "submit.claimed",
    "submit.sending",
    "submit.unread",
    "submit.answered",
    "submit.committed",
    "settle.deciding",
    "settle.committed",
    "look.answered",
    "look.committed",
    "delivery.claimed",
    "download.open",
    "download.half",
    "download.whole",
    "delivery.posting",
    "delivery.posted",
    "delivery.committed",
    "card.closing",
    "card.closed",
    "cleanup.deleting",
    "cleanup.deleted",
    "cleanup.committed",
    "cancel.received",
    "cancel.committed",
)
"""Every place there is, in the order in which a job meets them."""


def _read(text: str) -> dict[str, int]:
    """Read `name` and `name:times`, separated by commas. Raises ValueError for an unknown name."""
    return dict(_entries(text))


def _entries(text: str) -> Iterator[tuple[str, int]]:
    for entry in filter(None, text.split(",")):
        name, _, times = entry.partition(":")
        if name not in POINTS:
            raise ValueError(f"{VARIABLE}: there is no crash point {name!r}")
        yield name, int(times or 1)


_armed = _read(os.environ.get(VARIABLE, ""))


def crash_point(name: str) -> None:
    """Be killed here, if that was asked for."""
    if _armed:
        _pass(name)


def _pass(name: str) -> None:
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
