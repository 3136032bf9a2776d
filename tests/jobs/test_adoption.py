"""Whose a generation is that no job knows: only time tells, and in doubt nobody's."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.jobs.adoption import CLOCKS_DIFFER, NEARBY, Evidence, adoptable, lost
from bot.netmind.protocol import Generation, Phase
from storage.posts import UnclearPost
from storage.states import JobState
from tests.jobs.makers import NOON, a_job

MINE = 7


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_post(
    sent: float, until: float | None, *, job_id: int = MINE, settled: bool = False
) -> UnclearPost:
    return UnclearPost(job_id, at(sent), None if until is None else at(until), settled=settled)


def listed(name: str, made: float | None, *, deleted: bool = False) -> Generation:
    created_at = None if made is None else at(made)
    return Generation(name, "pending", Phase.RUNNING, created_at, deleted=deleted)


# The answer to a POST of noon was given up twenty seconds later.
LOST = a_post(0, 20)
OURS = listed("ours", 3)
JUST = Evidence([LOST], [OURS], {})


def owned(made: float | None, *, asked: float | None, answered: float | None) -> Evidence:
    """Add a generation to the evidence that another job owns, made at this time."""
    owner = a_job(
        id=8,
        state=JobState.GENERATING,
        generation_id="known",
        submitted_at=None if asked is None else at(asked),
        generating_at=None if answered is None else at(answered),
    )
    return Evidence([LOST], [OURS, listed("known", made)], {"known": owner})


def test_a_lone_orphan_made_during_the_lost_post_is_its() -> None:
    assert adoptable(MINE, JUST) == OURS


def test_a_job_without_a_lost_post_adopts_nothing() -> None:
    assert adoptable(8, JUST) is None


def test_a_post_that_is_settled_adopts_nothing_any_more() -> None:
    assert adoptable(MINE, replace(JUST, posts=[replace(LOST, settled=True)])) is None


def test_of_two_lost_posts_of_one_job_nobody_knows_which_made_it() -> None:
    early = a_post(-600, -580)
    assert adoptable(MINE, replace(JUST, posts=[early, LOST])) is None
    assert adoptable(MINE, replace(JUST, posts=[LOST, early])) is None


def test_an_earlier_lost_post_that_is_settled_does_not_stand_in_the_way() -> None:
    early = a_post(-600, -580, settled=True)
    assert adoptable(MINE, replace(JUST, posts=[early, LOST])) == OURS


def test_what_a_job_owns_is_not_adopted() -> None:
    owner = a_job(id=8, generation_id="ours")
    assert adoptable(MINE, replace(JUST, owners={"ours": owner})) is None


def test_what_is_deleted_is_not_adopted() -> None:
    assert adoptable(MINE, replace(JUST, listed=[replace(OURS, deleted=True)])) is None


def test_without_an_orphan_there_is_nothing_to_adopt() -> None:
    assert adoptable(MINE, replace(JUST, listed=[])) is None


def test_two_orphans_of_that_time_are_one_too_many() -> None:
    assert adoptable(MINE, replace(JUST, listed=[OURS, listed("other", 4)])) is None


SLACK = CLOCKS_DIFFER.total_seconds()


@pytest.mark.parametrize("made", [-SLACK, 0, 20, 20 + SLACK])
def test_the_time_of_the_post_allows_for_clocks_that_differ(made: float) -> None:
    assert adoptable(MINE, replace(JUST, listed=[listed("ours", made)])) is not None


@pytest.mark.parametrize("made", [-SLACK - 1, 20 + SLACK + 1])
def test_an_orphan_of_another_time_is_not_adopted(made: float) -> None:
    assert adoptable(MINE, replace(JUST, listed=[listed("ours", made)])) is None


@pytest.mark.parametrize("made", [-3600, 3600])
def test_another_orphan_within_two_hours_leaves_room_for_doubt(made: float) -> None:
    """Our clock may be wrong by summer time, and then that one is ours."""
    assert adoptable(MINE, replace(JUST, listed=[OURS, listed("other", made)])) is None


@pytest.mark.parametrize("made", [-NEARBY.total_seconds(), NEARBY.total_seconds()])
def test_an_orphan_of_long_ago_leaves_none(made: float) -> None:
    assert adoptable(MINE, replace(JUST, listed=[OURS, listed("other", made)])) == OURS


def test_an_orphan_without_a_time_may_be_anybodys() -> None:
    assert adoptable(MINE, replace(JUST, listed=[listed("ours", None)])) is None
    assert adoptable(MINE, replace(JUST, listed=[OURS, listed("other", None)])) is None


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize(("sent", "until"), [(5, 25), (-20, -1), (21, 30), (-600, None), (5, None)])
def test_with_another_lost_post_at_that_time_each_may_have_made_it(
    sent: float, until: float | None, *, settled: bool
) -> None:
    other = a_post(sent, until, job_id=8, settled=settled)
    assert adoptable(MINE, replace(JUST, posts=[LOST, other])) is None


@pytest.mark.parametrize(("sent", "until"), [(-40, -2 * SLACK - 1), (20 + 2 * SLACK + 1, 60)])
def test_another_lost_post_of_another_time_does_not_matter(sent: float, until: float) -> None:
    other = a_post(sent, until, job_id=8)
    assert adoptable(MINE, replace(JUST, posts=[LOST, other])) == OURS


@pytest.mark.parametrize(
    ("made", "trusted"),
    [(95, True), (100, True), (107, True), (94, False), (108, False), (3700, False)],
)
def test_a_clock_that_dates_known_generations_wrongly_proves_nothing(
    made: float, *, trusted: bool
) -> None:
    """The known one was asked for at 100 s and answered at 102 s; five seconds are forgiven."""
    evidence = owned(made, asked=100, answered=102)
    assert evidence.clock_trusted is trusted
    assert (adoptable(MINE, evidence) is not None) is trusted
    settled = replace(evidence, posts=[replace(LOST, settled=True)])
    assert bool(lost(settled)) is trusted


@pytest.mark.parametrize(
    ("made", "asked", "answered"), [(None, 100, 102), (9999, None, 102), (9999, 100, None)]
)
def test_a_known_generation_without_times_says_nothing_of_the_clock(
    made: float | None, asked: float | None, answered: float | None
) -> None:
    assert adoptable(MINE, owned(made, asked=asked, answered=answered)) == OURS


SETTLED = replace(JUST, posts=[replace(LOST, settled=True)])


def test_what_a_settled_post_made_is_lost() -> None:
    assert list(lost(SETTLED)) == [OURS]


def test_all_that_settled_posts_made_is_lost() -> None:
    second = a_post(30, 50, job_id=8, settled=True)
    evidence = Evidence([*SETTLED.posts, second], [OURS, listed("other", 40)], {})
    assert [each.id for each in lost(evidence)] == ["ours", "other"]


@pytest.mark.parametrize("until", [30, None])
def test_nothing_is_lost_while_a_post_is_without_an_outcome(until: float | None) -> None:
    """The orphan may be what that one has made."""
    waiting = a_post(10, until, job_id=8)
    assert list(lost(replace(SETTLED, posts=[*SETTLED.posts, waiting]))) == []


@pytest.mark.parametrize("made", [None, -SLACK - 1, 20 + SLACK + 1])
def test_a_strangers_generation_is_not_lost(made: float | None) -> None:
    assert list(lost(replace(SETTLED, listed=[listed("theirs", made)]))) == []


def test_what_a_job_owns_or_is_deleted_is_not_lost() -> None:
    owner = a_job(id=8, generation_id="ours")
    assert list(lost(replace(SETTLED, owners={"ours": owner}))) == []
    assert list(lost(replace(SETTLED, listed=[replace(OURS, deleted=True)]))) == []


def test_without_posts_nothing_is_lost() -> None:
    assert list(lost(replace(SETTLED, posts=[]))) == []
