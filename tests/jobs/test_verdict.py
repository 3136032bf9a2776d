"""What an answer means for its job: pure decisions."""

from datetime import datetime, timedelta

import pytest

from bot.jobs import verdict
from bot.jobs.reasons import Reason
from bot.jobs.verdict import Again, Done, Fail, Gone, Unknown
from bot.netmind import errors
from bot.netmind.protocol import Generation, Phase, ResultFile
from storage.states import JobState
from tests.jobs.makers import NOON, a_job

JOB = a_job(
    state=JobState.GENERATING, generating_at=NOON, deadline_at=NOON + timedelta(seconds=600)
)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(phase: Phase, **facts: object) -> Generation:
    return Generation("g", "word", phase, **facts)  # type: ignore[arg-type] # a few of its fields


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.BadRequest("x"), Reason.BAD_REQUEST),
        (errors.UnknownModel("x"), Reason.UNKNOWN_MODEL),
        (errors.NotFound("x"), Reason.BAD_REQUEST),
    ],
)
def test_a_plain_no_to_this_request_fails(error: errors.NetmindError, reason: Reason) -> None:
    assert verdict.of_submit(error) == Fail(reason, "x")


def test_a_no_without_words_has_no_detail() -> None:
    assert verdict.of_submit(errors.BadRequest()) == Fail(Reason.BAD_REQUEST, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.KeyRefused(), Reason.KEY_REFUSED),
        (errors.OutOfBalance(), Reason.NO_BALANCE),
        (errors.TooManyRequests(), Reason.BUSY),
        (errors.NotSent(), Reason.UNREACHABLE),
    ],
)
def test_what_surely_made_nothing_and_concerns_all_is_sent_again(
    error: errors.NetmindError, reason: Reason
) -> None:
    assert verdict.of_submit(error) == Again(reason)


def test_a_wait_that_was_asked_for_is_kept() -> None:
    error = errors.TooManyRequests(retry_after=77.0)
    assert verdict.of_submit(error) == Again(Reason.BUSY, 77)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.OutcomeUnknown(), Reason.UNAVAILABLE),
        (errors.ServerTrouble(), Reason.UNAVAILABLE),
        (errors.Unreadable(), None),
    ],
)
def test_what_may_have_made_something_is_never_sent_again_blindly(
    error: errors.NetmindError, reason: Reason | None
) -> None:
    assert verdict.of_submit(error) == Unknown(reason)


def test_running_goes_on() -> None:
    assert verdict.of_look(JOB, seen(Phase.RUNNING), at(1), None) is None


def test_no_answer_goes_on() -> None:
    assert verdict.of_look(JOB, None, at(599), None) is None


@pytest.mark.parametrize("sight", [seen(Phase.RUNNING), seen(Phase.EMPTY)])
def test_the_deadline_ends_what_goes_on(sight: Generation | None) -> None:
    assert verdict.of_look(JOB, sight, at(600), None) == Fail(Reason.TOO_LATE)


def test_without_an_answer_the_deadline_waits_for_one() -> None:
    """It may have ended well while nobody could see it."""
    blind = verdict.BLIND.total_seconds()
    assert verdict.of_look(JOB, None, at(600 + blind - 1), None) is None
    assert verdict.of_look(JOB, None, at(600 + blind), None) == Fail(Reason.TOO_LATE)


def test_a_result_at_the_deadline_is_a_result() -> None:
    done = seen(Phase.SUCCEEDED, results=(ResultFile("https://example.com/a"),))
    assert verdict.of_look(JOB, done, at(600), None) == Done()


def test_a_failure_has_the_last_words_of_its_log() -> None:
    failed = seen(Phase.FAILED, text="out of memory")
    assert verdict.of_look(JOB, failed, at(5), None) == Fail(
        Reason.GENERATION_FAILED, "out of memory"
    )


@pytest.mark.parametrize("sight", [Gone(), seen(Phase.RUNNING, deleted=True)])
def test_what_is_gone_may_appear_for_a_minute(sight: verdict.Sight) -> None:
    assert verdict.of_look(JOB, sight, at(60), None) is None
    assert verdict.of_look(JOB, sight, at(61), None) == Fail(Reason.GONE)


def test_what_is_done_without_a_file_may_get_it_for_a_minute() -> None:
    empty = seen(Phase.EMPTY, text="uploading")
    assert verdict.of_look(JOB, empty, at(70), at(10)) is None
    assert verdict.of_look(JOB, empty, at(71), at(10)) == Fail(Reason.NO_RESULT, "uploading")


def test_a_job_without_a_deadline_goes_on() -> None:
    """Rows from before there were deadlines."""
    job = a_job(state=JobState.GENERATING, generating_at=NOON)
    assert verdict.of_look(job, None, at(10**6), None) is None
