"""Each promise is broken here once, by hand, and the checker has to notice it."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rig import checker
from tests.rig.checker import (
    LIMIT,
    paid_doubles,
    settling,
    stale_cards,
    violations,
)
from tests.rig.evidence import (
    Answer,
    Cancel,
    Command,
    DeliveryRow,
    EventRow,
    Evidence,
    File,
    Generation,
    JobRow,
    Message,
    Records,
    Request,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
BOT, ALICE, BOB = 1, 11, 12
GENERAL, SOUNDS = 200, 201
SOUND, FAILED, CANCELLED, REFUSED, SILENT = 1001, 1002, 1003, 1004, 1005


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def command(number: int, person: int, channel: int, answer: Answer) -> Command:
    return Command(number, person, channel, f"prompt {number}", at(0), answer)


def card(number: int, channel: int, says: str) -> Message:
    return Message(
        id=number + 1000,
        channel=channel,
        author=BOT,
        at=at(1),
        embeds=says,
        interaction_id=number,
        edited_at=at(9),
    )


def ending(message_id: int, job_id: int, person: int, channel: int, **facts: Any) -> Message:
    text = f"<@{person}> Your sound\n-# job #{job_id} · made by AI"
    about = {"mentions": (person,), **facts}
    return Message(message_id, channel, BOT, at(8), text, **about)


def job(job_id: int, number: int, person: int, channel: int, state: str) -> JobRow:
    card_id = number + 1000
    return JobRow(
        job_id, number, person, channel, card_id, True, state, 1, f"generation-{number}", None
    )


def edges(job_id: int, end: str) -> tuple[EventRow, ...]:
    path = [None, "queued", "submitting", "generating", end]
    return tuple(
        EventRow(job_id, at(step), before, after or "", None)
        for step, (before, after) in enumerate(itertools.pairwise(path), 1)
    )


def generation(number: int, *, sha256: str | None, deleted: bool = True) -> Generation:
    gone = at(9) if deleted else None
    return Generation(
        f"generation-{number}", f"prompt {number}", "mmaudio", at(2), gone, sha256, making=1
    )


def good() -> Evidence:
    """A result, a failure, a cancellation, a refusal, and a command that never came in."""
    file = File("prompt-1.flac", 10, "aaaa")
    return Evidence(
        bot=BOT,
        faults_stopped_at=at(0),
        commands=(
            command(SOUND, ALICE, GENERAL, Answer.ACCEPTED),
            command(FAILED, BOB, SOUNDS, Answer.ACCEPTED),
            command(CANCELLED, BOB, GENERAL, Answer.ACCEPTED),
            command(REFUSED, BOB, GENERAL, Answer.REFUSED),
            command(SILENT, BOB, GENERAL, Answer.SILENT),
        ),
        cancels=(Cancel(1103, CANCELLED, BOB, at(3), Answer.ACCEPTED),),
        messages=(
            card(SOUND, GENERAL, "Your sound is ready"),
            card(FAILED, SOUNDS, "That did not work"),
            card(CANCELLED, GENERAL, "Cancelled"),
            Message(2004, GENERAL, BOT, at(1), "No.", interaction_id=REFUSED, private=True),
            ending(3001, 1, ALICE, GENERAL, files=(file,), reply_to=2001),
            ending(3002, 2, BOB, SOUNDS, reply_to=2002),
        ),
        requests=(Request(at(8), "discord", "POST", "/channels/{channel_id}/messages", 200),),
        generations=(
            generation(SOUND, sha256="aaaa"),
            generation(FAILED, sha256=None),
            generation(CANCELLED, sha256="cccc"),
        ),
        records=Records(
            jobs=(
                job(1, SOUND, ALICE, GENERAL, "finished"),
                job(2, FAILED, BOB, SOUNDS, "failed"),
                job(3, CANCELLED, BOB, GENERAL, "cancelled"),
            ),
            deliveries=(
                DeliveryRow(1, 1, "result", GENERAL, "sent", 3001),
                DeliveryRow(2, 2, "failure", SOUNDS, "sent", 3002),
            ),
            events=(*edges(1, "finished"), *edges(2, "failed"), *edges(3, "cancelled")),
            texts={"jobs.prompt": "prompt 1001"},
        ),
        logs=('{"message": "job_accepted", "level": "info"}',),
        secrets=("the-bot-token",),
    )


def changed(things: tuple[Any, ...], index: int, **facts: Any) -> tuple[Any, ...]:
    """Return the same things, one of them with other facts."""
    return (*things[:index], replace(things[index], **facts), *things[index + 1 :])


def without(things: tuple[Any, ...], index: int) -> tuple[Any, ...]:
    return (*things[:index], *things[index + 1 :])


def rows(evidence: Evidence, **facts: Any) -> Evidence:
    return replace(evidence, records=replace(evidence.records, **facts))


def with_job(index: int, **facts: Any) -> Evidence:
    return rows(good(), jobs=changed(good().records.jobs, index, **facts))


def with_delivery(index: int, **facts: Any) -> Evidence:
    return rows(good(), deliveries=changed(good().records.deliveries, index, **facts))


def with_message(index: int, **facts: Any) -> Evidence:
    return replace(good(), messages=changed(good().messages, index, **facts))


def with_more(**lists: tuple[Any, ...]) -> Evidence:
    """Return the good run with something added to these lists."""
    return replace(good(), **{name: getattr(good(), name) + more for name, more in lists.items()})


def made_smaller(words: str, size: int = LIMIT, original: int = LIMIT + 1) -> Evidence:
    """The sound is too large for its channel, so another file than NetMind's is posted."""
    messages, generations = good().messages, good().generations
    told = f"{messages[4].content}\n{words}"
    file = File("prompt-1.ogg", size, "eeee")
    return replace(
        good(),
        messages=changed(messages, 4, content=told, files=(file,)),
        generations=changed(generations, 0, size=original),
    )


def in_log(line: str) -> Evidence:
    return replace(good(), logs=(line,))


def refusals(times: int, **facts: Any) -> Evidence:
    refused = Request(at(2), "discord", "GET", "/users/@me", 429)
    return with_more(requests=(replace(refused, **facts),) * times)


def second_generation(number: int, **facts: Any) -> Generation:
    return replace(generation(number, sha256="dddd"), id="another", **facts)


def noted(*notes: str) -> Evidence:
    """A second generation for the first command, and these notes about its job."""
    evidence = with_more(generations=(second_generation(SOUND),))
    extra = tuple(EventRow(1, at(3), "uncertain", "queued", note) for note in notes)
    return rows(evidence, events=evidence.records.events + extra)


TRACEBACK = json.dumps(
    {
        "message": "step_failed",
        "exception": "Traceback (most recent call last):\n  ...\nOSError: no",
    }
)
SECOND_END = ending(3003, 1, ALICE, GENERAL, reply_to=2001)
STRAY_FILE = Message(3004, GENERAL, BOT, at(8), "Look", files=(File("x.flac", 1, "eeee"),))

BROKEN: dict[str, tuple[str, Callable[[], Evidence]]] = {
    # 1
    "accepted, and no row": ("lost", lambda: rows(good(), jobs=without(good().records.jobs, 0))),
    "no message": ("lost", lambda: replace(good(), messages=without(good().messages, 4))),
    "no failure notice": ("lost", lambda: replace(good(), messages=without(good().messages, 5))),
    "cancelled, and the card does not say so": ("lost", lambda: with_message(2, embeds="Making")),
    "refused, and yet a job": (
        "doubled",
        lambda: rows(good(), jobs=(*good().records.jobs, job(4, REFUSED, BOB, GENERAL, "failed"))),
    ),
    "cancelled, and yet told": (
        "doubled",
        lambda: with_more(messages=(ending(3005, 3, BOB, GENERAL, reply_to=2003),)),
    ),
    "job left open": ("lost", lambda: with_job(0, state="generating")),
    "card left open": ("lost", lambda: with_job(0, card_closed=False)),
    "delivery left open": ("lost", lambda: with_delivery(0, state="sending")),
    "given up in an open channel": ("lost", lambda: with_delivery(0, state="undeliverable")),
    "sent, says the row alone": ("lost", lambda: with_delivery(0, message_id=9999)),
    "no delivery row": ("doubled", lambda: rows(good(), deliveries=good().records.deliveries[1:])),
    "delivery of the wrong kind": ("doubled", lambda: with_delivery(0, kind="failure")),
    "ended twice": (
        "doubled",
        lambda: rows(
            good(), events=(*good().records.events, EventRow(1, at(9), "queued", "failed", None))
        ),
    ),
    "a job of nobody": (
        "doubled",
        lambda: rows(good(), jobs=(*good().records.jobs, job(4, 4444, BOB, GENERAL, "cancelled"))),
    ),
    "a message about no job": (
        "wrong",
        lambda: with_more(messages=(ending(3006, 77, ALICE, GENERAL),)),
    ),
    "a file without a job": ("wrong", lambda: with_more(messages=(STRAY_FILE,))),
    # 2
    "paid twice without a note": ("paid", noted),
    "paid twice, lease noted alone": ("paid", lambda: noted("lease ran out")),
    "paid for a refusal": (
        "paid",
        lambda: with_more(generations=(generation(REFUSED, sha256="ffff"),)),
    ),
    "paid for nothing": (
        "paid",
        lambda: with_more(generations=(second_generation(SOUND, prompt="nobody's"),)),
    ),
    "a stranger's deleted": (
        "wrong",
        lambda: with_more(generations=(second_generation(7, prompt="theirs", stranger=True),)),
    ),
    # 3
    "another file": ("wrong", lambda: with_message(4, files=(File("a.flac", 10, "cccc"),))),
    "made smaller, and nobody is told": ("wrong", lambda: made_smaller("")),
    "made smaller, and still too large": (
        "wrong",
        lambda: made_smaller("Made smaller", size=LIMIT + 1),
    ),
    "another file of one that fits": (
        "wrong",
        lambda: made_smaller("Made smaller", original=LIMIT),
    ),
    "a wave without its sound": (
        "wrong",
        lambda: with_message(4, files=(File("prompt-1.png", 10, "cccc"),)),
    ),
    "a file and no generation": (
        "wrong",
        lambda: replace(good(), generations=without(good().generations, 0)),
    ),
    "a file for a failure": ("wrong", lambda: with_message(5, files=(File("a", 1, "bbbb"),))),
    "another channel": ("wrong", lambda: with_message(4, channel=SOUNDS)),
    "another person": ("wrong", lambda: with_message(4, mentions=(BOB,))),
    "nobody called": ("wrong", lambda: with_message(4, mentions=())),
    "everybody called": ("wrong", lambda: with_message(4, mentions=(ALICE, BOB))),
    "no reply": ("wrong", lambda: with_message(4, reply_to=None)),
    "a reply to another card": ("wrong", lambda: with_message(4, reply_to=2003)),
    # 4
    "two ends": ("doubled", lambda: with_more(messages=(SECOND_END,))),
    "two ends, one deleted": (
        "doubled",
        lambda: with_more(messages=(replace(SECOND_END, deleted=True),)),
    ),
    "the same file twice": (
        "doubled",
        lambda: with_more(messages=(replace(STRAY_FILE, files=good().messages[4].files),)),
    ),
    # 5
    "token in the log": ("secret", lambda: in_log("Authorization: the-bot-token")),
    "result link in the log": ("secret", lambda: in_log("https://h/u/inference/f/x.flac")),
    "token in a message": ("secret", lambda: with_message(4, content="job #1 · the-bot-token")),
    "token on a card": ("secret", lambda: with_message(0, embeds="the-bot-token")),
    "link in the database": (
        "secret",
        lambda: rows(good(), texts={"jobs.detail": "see https://h/presigned/1"}),
    ),
    "interaction token in the database": (
        "secret",
        lambda: rows(good(), texts={"facts.value": "standin-interaction-1234"}),
    ),
    "token in a request": (
        "secret",
        lambda: with_more(
            requests=(Request(at(2), "discord", "PATCH", "/x", 200, body={"content": "{token}"}),)
        ),
    ),
    # 6
    "the canary was asked": ("private", lambda: with_more(canary=("GET /",))),
    # 7
    "settled late": ("late", lambda: with_message(4, at=at(62))),
    # 8
    "a traceback": ("unhandled", lambda: in_log(TRACEBACK)),
    "a task forgotten": ("unhandled", lambda: in_log("Task was destroyed but it is pending!")),
    # 9
    "refused often": ("refused", lambda: refusals(checker.RARELY + 1)),
    "a rule broken": ("rule", lambda: with_more(broken_rules=("an unknown route",))),
    # After a cancellation.
    "cancelled, and finished": ("lost", lambda: with_job(2, state="finished")),
    "cancelled by nobody": ("wrong", lambda: replace(good(), cancels=())),
    "cancelled by somebody else": (
        "wrong",
        lambda: replace(good(), cancels=changed(good().cancels, 0, person=ALICE)),
    ),
    "cancelled, and left running": (
        "paid",
        lambda: replace(good(), generations=changed(good().generations, 2, deleted_at=None)),
    ),
    "cancelled, and posted": (
        "doubled",
        lambda: with_more(
            messages=(ending(3007, 3, BOB, GENERAL, files=(File("c", 1, "cccc"),), reply_to=2003),)
        ),
    ),
}


def kinds(evidence: Evidence) -> set[str]:
    return {sentence.partition(":")[0] for sentence in violations(evidence)}


def test_a_good_run_breaks_no_promise() -> None:
    assert violations(good()) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_noticed(name: str) -> None:
    kind, broken = BROKEN[name]
    assert kind in kinds(broken())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("refused, and yet a job", "was refused, and yet there is a job"),
        ("a file for a failure", "failed, and message 3002 in channel 201 brings a file"),
        ("cancelled, and posted", "is cancelled, and its file was posted"),
    ],
)
def test_what_breaks_several_promises_is_told_for_each(name: str, words: str) -> None:
    _, broken = BROKEN[name]
    assert [sentence for sentence in violations(broken()) if words in sentence]


def test_what_is_too_large_may_be_made_smaller_if_people_are_told() -> None:
    assert violations(made_smaller("-# Made smaller to fit in here")) == []


def test_a_sound_may_have_a_picture_of_it_beside_it() -> None:
    files = good().messages[4].files
    assert violations(with_message(4, files=(*files, File("prompt-1.png", 10, "cccc")))) == []


def test_a_traceback_is_told_with_its_last_line() -> None:
    (sentence,) = violations(in_log(TRACEBACK))
    assert sentence == "unhandled: log 1 has 'step_failed': OSError: no"


def test_every_invariant_is_broken_by_something() -> None:
    """A checker with a part that never says no would be trusted for nothing."""
    everything = [broken() for _, broken in BROKEN.values()]
    for invariant in checker.INVARIANTS:
        assert any(list(invariant(evidence)) for evidence in everything), invariant.__name__


def test_a_counted_second_generation_is_told_and_no_violation() -> None:
    evidence = noted("lease ran out", "outcome unknown")
    assert violations(evidence) == []
    (double,) = paid_doubles(evidence)
    assert (double.surplus, double.notes) == (1, ("lease ran out", "outcome unknown"))


def test_a_stranger_on_the_same_account_is_none_of_our_business() -> None:
    theirs = second_generation(SOUND, deleted_at=None, stranger=True)
    assert violations(with_more(generations=(theirs,))) == []


def test_a_delivery_may_be_given_up_where_the_channel_is_closed() -> None:
    evidence = replace(
        with_delivery(1, state="undeliverable", message_id=None),
        messages=without(good().messages, 5),
        closed_channels=frozenset({SOUNDS}),
    )
    assert violations(evidence) == []


def test_a_card_that_the_bot_never_knew_of_may_be_replied_to_or_not() -> None:
    for reply_to in (None, 2001):
        evidence = with_job(0, card_id=None, card_closed=False)
        told = changed(evidence.messages, 4, reply_to=reply_to)
        assert violations(replace(evidence, messages=told)) == []


def test_a_reply_to_a_deleted_card_is_not_asked_for() -> None:
    evidence = replace(with_message(4, reply_to=None))
    gone = changed(evidence.messages, 0, deleted=True)
    assert violations(replace(evidence, messages=gone)) == []


def test_settling_counts_from_the_end_of_the_faults_without_the_making() -> None:
    evidence = replace(good(), faults_stopped_at=at(2))
    assert settling(evidence) == {SOUND: 5.0, FAILED: 5.0, CANCELLED: 6.0}


def test_planned_and_rare_refusals_are_accepted() -> None:
    assert violations(refusals(checker.RARELY)) == []
    assert violations(refusals(100, planned=True)) == []


def test_an_error_that_the_run_expects_may_have_its_traceback() -> None:
    allowed = replace(in_log(TRACEBACK), allowed_errors=frozenset({"step_failed"}))
    assert violations(allowed) == []


def test_an_unanswered_request_may_leave_a_generation_behind_a_cancelled_job() -> None:
    """On a shared account nobody may delete what is not surely ours."""
    orphan = with_more(generations=(second_generation(CANCELLED, deleted_at=None),))
    assert "paid" in kinds(orphan)
    noted_events = (
        *orphan.records.events,
        EventRow(3, at(3), "submitting", "uncertain", "lease ran out"),
        EventRow(3, at(3), "uncertain", "queued", "outcome unknown"),
    )
    assert violations(rows(orphan, events=noted_events)) == []


def test_a_card_left_behind_is_listed() -> None:
    assert stale_cards(good()) == []
    assert len(stale_cards(with_message(0, edited_at=None))) == 1
