"""What an answer of the API means for the job it was about. Decided without I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs.reasons import Reason
from bot.netmind import errors
from bot.netmind.protocol import Generation, Phase
from storage.jobs import Job

# A job is submitted this often at most, whatever happened to the earlier attempts.
MAX_ATTEMPTS = 3
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
    """Surely nothing was made: queue the job again and try after this wait."""

    after: timedelta


@dataclass(frozen=True)
class Unknown:
    """A generation may exist: never POST again blindly."""


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
    (errors.KeyRefused, Reason.KEY_REFUSED),
    (errors.OutOfBalance, Reason.NO_BALANCE),
)


def fatal(error: errors.NetmindError) -> Fail | None:
    """Return the end of the job if the API said a plain no; None: it may yet say yes."""
    for kind, reason in _FATAL:
        if isinstance(error, kind):
            return Fail(reason, error.message or None)
    return None


def of_submit(error: errors.NetmindError, attempts: int) -> Verdict:
    """Judge a create call that gave no generation, after this many attempts."""
    if (no := fatal(error)) is not None:
        return no
    if isinstance(error, errors.TooManyRequests | errors.NotSent):
        if attempts < MAX_ATTEMPTS:
            return Again(timedelta(seconds=error.retry_after or 5.0 * attempts**2))
        return Fail(given_up(error), error.message or None)
    return Unknown()


def given_up(error: errors.NetmindError) -> Reason:
    """Name the reason for giving up after errors that might have passed."""
    if isinstance(error, errors.TooManyRequests):
        return Reason.BUSY
    if isinstance(error, errors.NotSent):
        return Reason.UNREACHABLE
    if isinstance(error, errors.Unreadable):
        return Reason.UNCLEAR
    return Reason.UNAVAILABLE


def of_look(
    job: Job, sight: Sight | None, now: datetime, empty_since: datetime | None
) -> Outcome | None:
    """Judge what a look at a job's generation showed; None: it goes on.

    `sight` is None when the API gave no answer; `empty_since` is when the generation was first
    seen to be completed without a file. Whatever was seen, the deadline ends it.
    """
    outcome = _of_sight(job, sight, now, empty_since)
    if outcome is None and job.deadline_at is not None and job.deadline_at <= now:
        return Fail(Reason.TOO_LATE)
    return outcome


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
