"""The guards in the statements that tell who holds a lease and which POSTs are unclear."""

from functools import partial

from tests.mutations.mutant import Mutant

_LEASES = partial(Mutant, file="storage/leases.py", suite="tests/storage/test_leases.py")
_POSTS = partial(Mutant, file="storage/posts.py", suite="tests/storage/test_posts.py")

_GUARDS = "tests/storage/test_guards.py"

_OF_LEASES = (
    _LEASES(
        name="lease-taken-from-its-holder",
        old="        where=sa.or_(leases.c.holder == holder, leases.c.until <= now),\n",
        new="",
        tests=("test_a_free_lease_is_taken_and_nobody_else_gets_it",),
    ),
    _LEASES(
        name="lease-not-kept-by-its-holder",
        old="sa.or_(leases.c.holder == holder, leases.c.until <= now)",
        new="leases.c.until <= now",
        tests=("test_its_holder_keeps_it_as_long_as_it_likes",),
    ),
    _LEASES(
        name="lease-that-never-runs-out",
        old="sa.or_(leases.c.holder == holder, leases.c.until <= now)",
        new="leases.c.holder == holder",
        tests=("test_a_lease_that_has_run_out_is_free",),
    ),
    _LEASES(
        name="lease-given-back-by-anybody",
        old="sa.delete(leases).where(leases.c.holder == holder)",
        new="sa.delete(leases)",
        tests=("test_nobody_gives_back_what_another_holds",),
    ),
    _LEASES(
        name="lease-alone-without-a-lock",
        old='if connection.dialect.name == "postgresql":',
        new="if False:",
        tests=("test_who_wants_to_be_alone_waits_for_the_other",),
    ),
)

_OF_UNCLEAR = (
    _POSTS(
        name="unclear-although-it-was-found",
        old="row.next_state != JobState.GENERATING and not",
        new="not",
        tests=("test_a_lost_post_whose_generation_was_found_is_clear",),
    ),
    _POSTS(
        name="unclear-although-its-answer-came",
        old=" and not (row.over and row.generation_id)",
        new="",
        tests=("test_a_cancelled_job_whose_answer_came_after_all_is_clear",),
    ),
    _POSTS(
        name="unclear-and-never-settled",
        old="row.next_state is not None or row.over",
        new="bool(row.over)",
        tests=("test_a_lost_post_is_settled_when_its_job_has_gone_on",),
    ),
    _POSTS(
        name="unclear-and-not-settled-by-cancelling",
        old="row.next_state is not None or row.over",
        new="row.next_state is not None",
        tests=("test_a_job_cancelled_during_its_post_leaves_a_settled_one",),
    ),
    _POSTS(
        name="unclear-without-those-under-way",
        old="    return ended + [",
        new="    return ended or [] and [",
        tests=("test_a_post_under_way_has_no_end_yet",),
    ),
    _POSTS(
        name="unclear-under-way-in-any-state",
        old="            jobs.c.state == JobState.SUBMITTING, jobs.c.ended_at.is_(None)\n",
        new="            jobs.c.ended_at.is_(None)\n",
        tests=("test_without_posts_there_is_nothing_unclear",),
    ),
    _POSTS(
        name="unclear-sent-by-any-job",
        old="            before.c.job_id == job_events.c.job_id,\n",
        new="",
        tests=("test_a_lost_post_was_sent_when_its_own_job_was_submitted",),
        suite=_GUARDS,
    ),
    _POSTS(
        name="unclear-sent-later",
        old="            before.c.id < job_events.c.id,\n",
        new="",
        tests=("test_each_attempt_of_a_job_is_a_post_of_its_own",),
    ),
    _POSTS(
        name="unclear-sent-when-it-was-queued",
        old="            before.c.to_state == JobState.SUBMITTING,\n",
        new="            before.c.to_state == JobState.QUEUED,\n",
        tests=("test_a_lost_post_waits_for_its_outcome",),
    ),
    _POSTS(
        name="unclear-settled-by-any-job",
        old="after.c.job_id == job_events.c.job_id, after.c.id > job_events.c.id",
        new="after.c.id > job_events.c.id",
        tests=("test_several_jobs_are_told_apart",),
    ),
    _POSTS(
        name="unclear-settled-by-what-was-before",
        old="after.c.job_id == job_events.c.job_id, after.c.id > job_events.c.id",
        new="after.c.job_id == job_events.c.job_id",
        tests=("test_a_lost_post_waits_for_its_outcome",),
    ),
    _POSTS(
        name="unclear-settled-by-the-last-edge",
        old=".order_by(after.c.id)",
        new=".order_by(after.c.id.desc())",
        tests=("test_each_attempt_of_a_job_is_a_post_of_its_own",),
    ),
    _POSTS(
        name="unclear-without-a-post",
        old="            job_events.c.from_state == JobState.SUBMITTING,\n",
        new="",
        tests=("test_a_job_cancelled_in_the_queue_has_no_post",),
        suite=_GUARDS,
    ),
    _POSTS(
        name="unclear-whatever-it-led-to",
        old="            job_events.c.to_state.in_([JobState.UNCERTAIN, JobState.CANCELLED]),\n",
        new="",
        tests=("test_a_post_that_surely_made_nothing_is_clear",),
    ),
    _POSTS(
        name="unclear-for-ever",
        old="            job_events.c.at >= since,\n",
        new="",
        tests=("test_what_ended_long_ago_is_not_told",),
    ),
)

KNOWING = (*_OF_LEASES, *_OF_UNCLEAR)
