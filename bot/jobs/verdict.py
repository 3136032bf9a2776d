"""What an answer of the API means for the job it was about. Decided without I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs.reasons import Reason
from bot.netmind import errors
from bot.netmind.protocol import Generation, Phase
from storage.jobs import Job

# A job is POSTed this often at most if each POST may have made a generation.
MAX_ATTEMPTS = 3
# A job waits this long for an API that takes no requests.
PATIENCE = timedelta(hours=1)
# A generation whose deadline has passed may have ended well while the API gave no answers.
BLIND = timedelta(hours=6)
# A generation that is not known yet this soon after create may still appear.
APPEARS = timedelta(seconds=60)
# "Completed" without a file: the file may follow this much later.
FILE_FOLLOWS = timedelta(seconds=60)


@dataclass(frozen=True)
class Fail:
    """The job ends here. `detail` has the API's own words, already cleaned."""

    reason: Reason
    detail: str | None = None


@dataclass(frozen=True)
class Again:
    """Surely nothing was made: the job goes back to the queue, and the reason concerns them all."""

    reason: Reason
    retry_after: float | None = None


@dataclass(frozen=True)
class Unknown:
    """A generation may exist: never POST again blindly. `reason`, if it concerns all jobs."""

    reason: Reason | None = None


@dataclass(frozen=True)
class Done:
    """There is a result to be delivered."""


@dataclass(frozen=True)
class Gone:
    """The API does not know the generation."""


Verdict = Fail | Again | Unknown
Outcome = Fail | Done
Sight = Generation | Gone

_FATAL: tuple[tuple[type[errors.NetmindError], Reason], ...] = (
    (errors.UnknownModel, Reason.UNKNOWN_MODEL),
    (errors.BadRequest, Reason.BAD_REQUEST),
    (errors.NotFound, Reason.BAD_REQUEST),
)
# These concern every request, not this one.
_SHARED: tuple[tuple[type[errors.NetmindError], Reason], ...] = (
    (errors.KeyRefused, Reason.KEY_REFUSED),
    (errors.OutOfBalance, Reason.NO_BALANCE),
    (errors.TooManyRequests, Reason.BUSY),
    (errors.NotSent, Reason.UNREACHABLE),
    (errors.ServerTrouble, Reason.UNAVAILABLE),
    (errors.OutcomeUnknown, Reason.UNAVAILABLE),
)


def fatal(error: errors.NetmindError) -> Fail | None:
    """Return the end of the job if the API said a plain no; None: it may yet say yes."""
    for kind, reason in _FATAL:
        if isinstance(error, kind):
            return Fail(reason, error.message or None)
    return None


def shared(error: errors.NetmindError) -> Reason | None:
    """Name what concerns every request, not this one alone; None: it does not."""
    return next((reason for kind, reason in _SHARED if isinstance(error, kind)), None)


def of_submit(error: errors.NetmindError) -> Verdict:
    """Judge a create call that gave no generation."""
    if (no := fatal(error)) is not None:
        return no
    reason = shared(error)
    if reason is None or reason is Reason.UNAVAILABLE:
        return Unknown(reason)
    return Again(reason, error.retry_after)


def of_look(
    job: Job, sight: Sight | None, now: datetime, empty_since: datetime | None
) -> Outcome | None:
    """Judge what a look at a job's generation showed; None: it goes on.

    `sight` is None when the API gave no answer; `empty_since` is when the generation was first
    seen to be completed without a file. Whatever was seen, the deadline ends it; while nothing is
    seen, much later.
    """
    outcome = _of_sight(job, sight, now, empty_since)
    if outcome is not None or job.deadline_at is None:
        return outcome
    late = now - job.deadline_at
    return Fail(Reason.TOO_LATE) if late >= (BLIND if sight is None else timedelta(0)) else None


def _of_sight(
    job: Job, sight: Sight | None, now: datetime, empty_since: datetime | None
) -> Outcome | None:
    if isinstance(sight, Gone) or (sight is not None and sight.deleted):
        age = now - (job.generating_at or job.created_at)
        return Fail(Reason.GONE) if age > APPEARS else None
    if sight is None or sight.phase is Phase.RUNNING:
        return None
    if sight.phase is Phase.SUCCEEDED:
        return Done()
    if sight.phase is Phase.FAILED:
        return Fail(Reason.GENERATION_FAILED, sight.text)
    if empty_since is not None and now - empty_since > FILE_FOLLOWS:
        return Fail(Reason.NO_RESULT, sight.text)
    return None
