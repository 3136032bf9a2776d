"""What people see, made from values."""

from datetime import timedelta
from typing import Any

import pytest

from bot import messages
from bot.jobs import reasons
from bot.jobs.pace import Expectation
from bot.jobs.reasons import Reason
from bot.kinds import words_for
from bot.messages import Standing
from storage.states import ENDED, JobState
from tests.jobs.makers import NOON, a_job

USUAL = Expectation(10, 100, 200)


def standing(age: float = 0, **facts: Any) -> Standing:
    values: dict[str, Any] = {
        "now": NOON + timedelta(seconds=age),
        "model": "MMAudio",
        "options": {},
        "ahead": 0,
        "starts_now": True,
        "expected": USUAL,
    }
    return Standing(**(values | facts))


def drawn(job: Any, stands: Standing | None = None) -> str:
    embed = messages.card(job, stands or standing())
    return f"{embed.title}\n{embed.description}"


@pytest.mark.parametrize("state", JobState)
def test_every_state_has_a_card_within_discords_limits(state: JobState) -> None:
    job = a_job(
        state=state,
        prompt="*" * 6000,
        reason="generation_failed",
        detail="@" * 500,
        options={f"option_{number}": "*" * 1000 for number in range(23)},
        generating_at=NOON,
        deadline_at=NOON,
        ended_at=NOON if state in ENDED else None,
    )
    embed = messages.card(job, standing())
    assert len(embed.title or "") <= 256
    assert len(embed.description or "") <= 4096
    assert len(embed.footer.text or "") <= 2048
    assert len(embed) <= 6000


def test_the_states_of_a_job_are_told_apart() -> None:
    cards = {
        drawn(a_job(state=JobState.HELD)),
        drawn(a_job(state=JobState.QUEUED), standing(ahead=3, starts_now=False)),
        drawn(a_job(state=JobState.QUEUED), standing(ahead=0, starts_now=False)),
        drawn(a_job(state=JobState.SUBMITTING)),
        drawn(a_job(state=JobState.UNCERTAIN)),
        drawn(a_job(state=JobState.GENERATING, generating_at=NOON)),
        drawn(a_job(state=JobState.FINISHED, ended_at=NOON)),
        drawn(a_job(state=JobState.FINISHED, ended_at=NOON, reason=Reason.TOO_LARGE)),
        drawn(a_job(state=JobState.FAILED, ended_at=NOON)),
        drawn(a_job(state=JobState.CANCELLED, ended_at=NOON)),
        drawn(a_job(state=JobState.REJECTED, ended_at=NOON)),
    }
    assert len(cards) == 11


def test_the_place_in_the_queue_is_told() -> None:
    assert "3 ahead of you" in drawn(a_job(), standing(ahead=3, starts_now=False))


def test_a_second_attempt_is_told() -> None:
    assert "tried again" in drawn(a_job(attempts=2))


@pytest.mark.parametrize(
    ("age", "share"), [(-5, 0.0), (0, 0.0), (50, 0.5), (95, 0.95), (100, 0.95), (9999, 0.95)]
)
def test_the_bar_is_full_when_the_job_is_done_and_not_before(age: float, share: float) -> None:
    job = a_job(state=JobState.GENERATING, generating_at=NOON)
    assert messages.share(job, standing(age)) == pytest.approx(share)


def test_a_job_that_is_not_made_yet_has_no_share() -> None:
    assert messages.share(a_job(), standing(500)) == 0.0


def test_a_late_job_says_until_when_it_is_waited_for() -> None:
    job = a_job(
        state=JobState.GENERATING, generating_at=NOON, deadline_at=NOON + timedelta(minutes=10)
    )
    late = drawn(job, standing(300))
    assert "longer than usual" in late
    assert f"<t:{int((NOON + timedelta(minutes=10)).timestamp())}:R>" in late


def test_the_footer_has_the_number_the_model_and_what_was_set() -> None:
    embed = messages.card(a_job(options={"duration": 8, "negative_prompt": "a\nb"}), standing())
    assert embed.footer.text == "#7 · MMAudio · duration 8 · negative prompt a b"


def test_a_result_mentions_its_requester_and_can_be_found_again() -> None:
    job = a_job()
    said = messages.result(job)
    assert said.startswith("<@42> ")
    assert messages.marker(job) in said
    assert "AI" in said


def test_a_failure_says_why_and_can_be_found_again() -> None:
    job = a_job(state=JobState.FAILED)
    said = messages.failure(job, ["Because."])
    assert said.startswith("<@42> ")
    assert "Because." in said
    assert messages.marker(job) in said


@pytest.mark.parametrize("other", [1, 17, 70, 77, 777])
def test_a_marker_stands_in_no_other_jobs_message(other: int) -> None:
    assert messages.marker(a_job()) not in messages.result(a_job(id=other))


def test_a_prompt_cannot_forge_a_marker() -> None:
    assert messages.marker(a_job()) not in messages.result(a_job(id=8, prompt="job #7 · hello"))


def test_a_message_is_bounded_whatever_the_prompt() -> None:
    long = a_job(prompt="*" * 6000, state=JobState.FAILED, reason="too_late", detail="@" * 500)
    assert len(messages.result(long)) <= 2000
    assert len(messages.failure(long, messages.failure_lines(long))) <= 2000


def test_the_providers_words_are_quoted_as_theirs() -> None:
    lines = messages.failure_lines(a_job(reason="bad_request", detail="no **way**"))
    assert "NetMind's words: “no \\*\\*way\\*\\*”" in lines


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Wind over willows", "wind-over-willows-7.flac"),
        ("../../x", "x-7.flac"),
        ("雨", "sound-7.flac"),
        ("CON", "con-7.flac"),
    ],
)
def test_a_file_is_named_after_its_prompt(prompt: str, name: str) -> None:
    assert messages.file_name(a_job(prompt=prompt), "flac") == name


def test_a_kind_of_an_operators_own_has_words_too() -> None:
    assert str(words_for("smell").name) == "Smell"
    assert words_for("smell").icon


@pytest.mark.parametrize("reason", [Reason.KEY_REFUSED, Reason.NO_BALANCE, Reason.BUSY])
def test_a_card_that_waits_for_netmind_says_why_and_that_it_starts_by_itself(
    reason: Reason,
) -> None:
    said = drawn(a_job(state=JobState.QUEUED), standing(outage=reason))
    assert "Waiting for NetMind" in said
    assert str(reasons.waiting(reason)) in said
    assert "starts by itself" in said


def test_other_outages_are_all_told_as_no_answer() -> None:
    known = {Reason.KEY_REFUSED, Reason.NO_BALANCE, Reason.BUSY, Reason.UNAVAILABLE}
    for reason in set(Reason) - known:
        assert "does not answer" in str(reasons.waiting(reason))


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.QUEUED}))
def test_an_outage_is_told_to_nobody_who_does_not_wait(state: JobState) -> None:
    job = a_job(state=state, generating_at=NOON)
    assert drawn(job, standing(outage=Reason.BUSY)) == drawn(job, standing())
