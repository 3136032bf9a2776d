"""Whether NetMind takes requests at the moment, and when to ask it again if it does not.

One refused or unanswered request tells about all of them: the others are not even sent. Their jobs
stay queued, and one request at a time finds out when it is over, ever more rarely.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.jobs.reasons import Reason

log = structlog.get_logger(__name__)

# Seconds until the first try, doubled with each until the longest. What is over is noticed within
# the longest, so that every job can be settled a minute later.
FIRST = 2.0
LONGEST = 30.0

# With these a list is refused or unanswered too: it tells without cost that they are not over.
SEEN_IN_LIST = frozenset({Reason.KEY_REFUSED, Reason.UNREACHABLE, Reason.UNAVAILABLE})
# These last until the operator mends them.
_TO_DO = {
    Reason.KEY_REFUSED: "Make a key in NetMind's console, set NETMIND_API_TOKEN, start again.",
    Reason.NO_BALANCE: "Top the account up; jobs go on by themselves then.",
}


@dataclass
class Outage:
    """What keeps NetMind from taking requests, if anything does."""

    clock: Clock
    reason: Reason | None = None
    since: datetime | None = None
    _again_at: datetime | None = None
    _tries: int = 0
    _trying: bool = False

    def begin(self, reason: Reason, retry_after: float | None = None) -> None:
        """Note a request that failed for a reason that concerns them all; said once in the log.

        `retry_after`: the seconds that the server asked for.
        """
        if self.reason is not None and self.wait() > 0 and not self._trying:
            return  # it was under way when the first one failed, and tells nothing new
        self._say(reason)
        self.since = self.since or self.clock()
        wait = min(retry_after or FIRST * 2 ** min(self._tries, 8), LONGEST)
        self.reason, self._tries, self._trying = reason, self._tries + 1, False
        self._again_at = self.clock() + timedelta(seconds=wait)

    def _say(self, reason: Reason) -> None:
        """Tell of an outage that begins, or that somebody has to mend from now on."""
        if reason in _TO_DO and reason is not self.reason:
            log.error("netmind_out", reason=reason, advice=_TO_DO[reason])
        elif self.reason is None:
            log.warning("netmind_out", reason=reason)

    def end(self) -> None:
        """Note a request that was taken."""
        if self.reason is not None:
            log.info("netmind_back", reason=self.reason, tries=self._tries)
        self.reason, self.since, self._again_at = None, None, None
        self._tries, self._trying = 0, False

    def wait(self) -> float:
        """Return in how many seconds NetMind may be asked again; 0: now."""
        if self._again_at is None:
            return 0.0
        return max(0.0, (self._again_at - self.clock()).total_seconds())

    def trying(self) -> None:
        """Keep everybody else waiting while one request finds out."""
        self._trying = True
        self._again_at = self.clock() + timedelta(seconds=LONGEST)
