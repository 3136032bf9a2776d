"""Where a process is killed, and the lives that a case is made of."""

import random
from dataclasses import dataclass

from bot.crash import POINTS

OUTSIDE = ("create.unread", "upload.half", "upload.unread")
"""Seen from outside alone: NetMind or Discord has it, and the bot does not know yet."""

ZOMBIES = ("zombie.create", "zombie.upload")
"""Stopped there instead of killed; it goes on when a successor has done all the work."""

RECOVERIES = (
    "recovery.settle.deciding",
    "recovery.delivery.claimed",
    "recovery.delivery.posting",
)
"""Killed at the same point of the recovery, five times over."""

SINGLES = POINTS + OUTSIDE
LONG = RECOVERIES + ZOMBIES
EVERYWHERE = SINGLES + LONG

_TIMES = 5
# Killed here, a process leaves a job of which nobody knows whether it was submitted.
_UNSUBMITTED = ("submit.claimed", "submit.sending", "submit.unread", "submit.answered")
_LEAVES_UNKNOWN = frozenset({*_UNSUBMITTED, "create.unread", "settle.deciding", "settle.committed"})


@dataclass(frozen=True)
class Life:
    """One life of the bot: where it ends (None: it is not killed), and what is asked in it."""

    ends_at: str | None
    commands: int

    @property
    def armed(self) -> str:
        """Return the crash point in the code, if it ends at one."""
        return self.ends_at if self.ends_at in POINTS else ""

    @property
    def is_cancelling(self) -> bool:
        return (self.ends_at or "").startswith("cancel.")


def lives(points: tuple[str, ...], rng: random.Random) -> list[Life]:
    """Return the lives in which these points are reached, one after the other; the last is whole.

    Each life that ends at a point gets commands of its own, so that there is work to be killed at.
    """
    ends: list[str] = []
    for point in points:
        times = _TIMES if point in RECOVERIES else 1
        name = point.removeprefix("recovery.")
        if name.startswith("settle.") and (not ends or ends[-1] not in _LEAVES_UNKNOWN):
            ends.append(rng.choice(_UNSUBMITTED))
        ends += [name] * times
    repeated = [before == after for before, after in zip(["", *ends], ends, strict=False)]
    killed = [
        Life(end, 0 if again else 2 if number == 0 else 1)
        for number, (end, again) in enumerate(zip(ends, repeated, strict=True))
    ]
    asked = sum(life.commands for life in killed)
    return [*killed, Life(None, max(0, 3 - asked))]
