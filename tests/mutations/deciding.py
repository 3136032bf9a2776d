"""The guards in decisions without I/O: adoption, verdicts."""

from functools import partial

from tests.mutations.mutant import Mutant

_ADOPTION = partial(Mutant, file="bot/jobs/adoption.py", suite="tests/jobs/test_adoption.py")
_VERDICT = partial(Mutant, file="bot/jobs/verdict.py", suite="tests/jobs/test_verdict.py")

_OF_ADOPTION = (
    _ADOPTION(
        name="adopt-what-a-job-owns",
        old="if each.id not in self.owners and not each.deleted",
        new="if not each.deleted",
        tests=("test_what_a_job_owns_is_not_adopted",),
    ),
    _ADOPTION(
        name="adopt-what-is-deleted",
        old="if each.id not in self.owners and not each.deleted",
        new="if each.id not in self.owners",
        tests=("test_what_is_deleted_is_not_adopted",),
    ),
    _ADOPTION(
        name="adopt-by-a-clock-that-is-behind",
        old="_begin(job.submitted_at) <= each.created_at <= job",
        new="each.created_at <= job",
        tests=("test_a_clock_that_dates_known_generations_wrongly_proves_nothing",),
    ),
    _ADOPTION(
        name="adopt-by-a-clock-that-is-ahead",
        old=" <= each.created_at <= job.generating_at + CLOCKS_DIFFER",
        new=" <= each.created_at",
        tests=("test_a_clock_that_dates_known_generations_wrongly_proves_nothing",),
    ),
    _ADOPTION(
        name="adopt-for-another-jobs-post",
        old="if post.job_id == job_id and not post.settled]",
        new="if not post.settled]",
        tests=("test_a_job_without_a_lost_post_adopts_nothing",),
    ),
    _ADOPTION(
        name="adopt-for-a-settled-post",
        old="if post.job_id == job_id and not post.settled]",
        new="if post.job_id == job_id]",
        tests=("test_a_post_that_is_settled_adopts_nothing_any_more",),
    ),
    _ADOPTION(
        name="adopt-for-one-of-two-posts",
        old="len(mine) != 1",
        new="not mine",
        tests=("test_of_two_lost_posts_of_one_job_nobody_knows_which_made_it",),
    ),
    _ADOPTION(
        name="adopt-by-any-clock",
        old="if len(mine) != 1 or not evidence.clock_trusted:",
        new="if len(mine) != 1:",
        tests=("test_a_clock_that_dates_known_generations_wrongly_proves_nothing",),
    ),
    _ADOPTION(
        name="adopt-although-another-post-was-lost",
        old="if any(_overlap(mine[0], post) for post in evidence.posts if post is not mine[0]):",
        new="if False:",
        tests=("test_with_another_lost_post_at_that_time_each_may_have_made_it",),
    ),
    _ADOPTION(
        name="adopt-the-first-of-several",
        old="if len(nearby) == 1 and made_by",
        new="if nearby and made_by",
        tests=("test_two_orphans_of_that_time_are_one_too_many",),
    ),
    _ADOPTION(
        name="adopt-what-was-made-at-another-time",
        old="if len(nearby) == 1 and made_by(mine[0], nearby[0]) else None",
        new="if len(nearby) == 1 else None",
        tests=("test_an_orphan_of_another_time_is_not_adopted",),
    ),
    _ADOPTION(
        name="adopt-although-another-is-nearby",
        old="nearby = [each for each in evidence.orphans if _nearby(mine[0], each)]",
        new="nearby = [each for each in evidence.orphans if made_by(mine[0], each)]",
        tests=("test_another_orphan_within_two_hours_leaves_room_for_doubt",),
    ),
    _ADOPTION(
        name="adopt-although-one-has-no-time",
        old="return at is None or abs(at - post.sent_at) < NEARBY",
        new="return at is not None and abs(at - post.sent_at) < NEARBY",
        tests=("test_an_orphan_without_a_time_may_be_anybodys",),
    ),
    _ADOPTION(
        name="adopt-although-a-post-is-under-way",
        old="return datetime.max.replace(tzinfo=post.sent_at.tzinfo)",
        new="return post.sent_at",
        tests=("test_with_another_lost_post_at_that_time_each_may_have_made_it",),
    ),
    _ADOPTION(
        name="adopt-although-an-earlier-post-overlaps",
        old="_begin(one.sent_at) <= _end(other) and _begin(other.sent_at) <= _end(one)",
        new="one.sent_at <= other.sent_at <= _end(one)",
        tests=("test_with_another_lost_post_at_that_time_each_may_have_made_it",),
    ),
    _ADOPTION(
        name="adopt-by-the-second",
        old="    return sent_at - CLOCKS_DIFFER\n",
        new="    return sent_at\n",
        tests=("test_the_time_of_the_post_allows_for_clocks_that_differ",),
    ),
    _ADOPTION(
        name="delete-by-any-clock",
        old="if not evidence.clock_trusted or any(",
        new="if any(",
        tests=("test_a_clock_that_dates_known_generations_wrongly_proves_nothing",),
    ),
    _ADOPTION(
        name="delete-while-a-post-is-open",
        old="if not evidence.clock_trusted or any(not post.settled for post in evidence.posts):",
        new="if not evidence.clock_trusted:",
        tests=("test_nothing_is_lost_while_a_post_is_without_an_outcome",),
    ),
    _ADOPTION(
        name="delete-what-strangers-made",
        old="if any(made_by(post, each) for post in evidence.posts)",
        new="if evidence.posts",
        tests=("test_a_strangers_generation_is_not_lost",),
    ),
)

_OF_VERDICT = (
    _VERDICT(
        name="post-again-when-the-outcome-is-unknown",
        old="return Unknown(reason)",
        new="return Again(reason or Reason.UNAVAILABLE)",
        tests=("test_what_may_have_made_something_is_never_sent_again_blindly",),
    ),
    _VERDICT(
        name="post-again-after-a-plain-no",
        old="        return no\n    reason",
        new="        return Again(no.reason)\n    reason",
        tests=("test_a_plain_no_to_this_request_fails",),
    ),
    _VERDICT(
        name="too-late-although-nobody-could-look",
        old="(BLIND if sight is None else timedelta(0))",
        new="timedelta(0)",
        tests=("test_without_an_answer_the_deadline_waits_for_one",),
    ),
    _VERDICT(
        name="never-too-late",
        old="(BLIND if sight is None else timedelta(0))",
        new="timedelta.max",
        tests=("test_the_deadline_ends_what_goes_on",),
    ),
    _VERDICT(
        name="gone-before-it-could-appear",
        old="return Fail(Reason.GONE) if age > APPEARS else None",
        new="return Fail(Reason.GONE)",
        tests=("test_what_is_gone_may_appear_for_a_minute",),
    ),
    _VERDICT(
        name="empty-before-the-file-could-follow",
        old="if empty_since is not None and now - empty_since > FILE_FOLLOWS:",
        new="if empty_since is not None:",
        tests=("test_what_is_done_without_a_file_may_get_it_for_a_minute",),
    ),
)

DECIDING = (*_OF_ADOPTION, *_OF_VERDICT)
