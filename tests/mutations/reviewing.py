"""The guards of what moderators decide before it is made or posted."""

from functools import partial

from tests.mutations.mutant import Mutant

_SUITE = "tests/cogs/test_review.py"
_REVIEWS = partial(Mutant, file="bot/jobs/reviews.py", suite=_SUITE)
_LOOKS = "tests/jobs/test_looks.py"

REVIEWING = (
    _REVIEWS(
        name="review-for-another-guild",
        old="review.guild_id != guild_id",
        new="False",
        tests=("test_moderators_of_another_guild_decide_nothing",),
    ),
    _REVIEWS(
        name="make-what-was-cancelled-while-it-waited",
        old="if not waits or",
        new="if False or",
        tests=("test_a_request_that_its_person_cancelled_is_not_made_whatever_is_clicked",),
    ),
    _REVIEWS(
        name="post-what-was-deleted-while-it-waited",
        old="job.removed_at is not None or job.erased_at is not None:\n        to",
        new="job.erased_at is not None:\n        to",
        tests=("test_a_result_that_was_deleted_meanwhile_needs_no_decision",),
    ),
    _REVIEWS(
        name="keep-the-file-of-what-was-rejected",
        old="        await jobs.set_removed(connection, job.id, now)\n",
        new="",
        tests=("test_a_rejected_result_is_deleted_and_nobody_ever_gets_it",),
    ),
    _REVIEWS(
        name="trust-nobody",
        old="if decision.trust and decision.approved:",
        new="if False:",
        tests=("test_who_is_trusted_is_asked_about_no_more",),
    ),
    Mutant(
        file="storage/reviews.py",
        name="decide-a-review-twice",
        old=".where(reviews.c.id == review.id, reviews.c.state == ReviewState.OPEN)",
        new=".where(reviews.c.id == review.id)",
        suite="tests/storage/test_reviews.py",
        tests=("test_it_is_decided_once",),
    ),
    Mutant(
        file="storage/deliveries.py",
        name="take-back-a-message-that-another-holds",
        old="sa.delete(deliveries).where(*_held(delivery))",
        new="sa.delete(deliveries).where(deliveries.c.id == delivery.id)",
        suite="tests/storage/test_reviews.py",
        tests=("test_a_message_is_taken_back_only_by_who_holds_it",),
    ),
    Mutant(
        file="cogs/authority.py",
        name="let-anybody-decide",
        old="if not interaction.permissions.manage_messages:",
        new="if False:",
        suite=_SUITE,
        tests=("test_only_moderators_decide",),
    ),
    Mutant(
        file="bot/jobs/desk.py",
        name="bring-what-waits-for-moderators",
        old="return job.reason is not None and job.reason not in reasons.WITHHELD",
        new="return job.reason is not None",
        suite=_SUITE,
        tests=("test_a_result_waits_with_a_picture_and_nobody_else_gets_it",),
    ),
    Mutant(
        file="bot/jobs/shelf.py",
        name="copy-what-waits-for-moderators",
        old="if job.reason in WITHHELD:",
        new="if False:",
        suite=_SUITE,
        tests=("test_a_result_waits_with_a_picture_and_nobody_else_gets_it",),
    ),
    Mutant(
        file="bot/jobs/sending.py",
        name="hold-back-what-is-posted",
        old="        if not errand.fresh and await self._already_posted(errand) is not None:\n"
        "            return doubt\n",
        new="",
        suite=_LOOKS,
        tests=("test_nobody_is_asked_about_what_was_posted_before_the_bot_died",),
    ),
    Mutant(
        file="bot/jobs/inspection.py",
        name="look-at-what-was-approved",
        old="if decided is not None and decided.state is ReviewState.APPROVED:",
        new="if False:",
        suite=_LOOKS,
        tests=("test_what_moderators_have_approved_is_posted_and_not_looked_at_again",),
    ),
    Mutant(
        file="bot/jobs/inspection.py",
        name="look-where-only-adults-are",
        old=" or await self.post.age_restricted(channel_id):",
        new=":",
        suite=_LOOKS,
        tests=("test_nothing_is_looked_at_in_channels_for_adults",),
    ),
    Mutant(
        file="bot/jobs/courier.py",
        name="promise-what-is-held-back",
        old="            if not await deliveries.withdraw(connection, delivery):\n"
        "                return\n",
        new="",
        suite=_LOOKS,
        tests=("test_what_is_held_waits_for_moderators_who_read_what_was_found",),
    ),
)
