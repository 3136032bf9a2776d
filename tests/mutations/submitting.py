"""The guards of accepting, submitting, settling and watching."""

from functools import partial

from tests.mutations.mutant import Mutant

_DESK = partial(Mutant, file="bot/jobs/desk.py")
_SUBMITTER = partial(Mutant, file="bot/jobs/submitter.py")
_SETTLER = partial(Mutant, file="bot/jobs/settler.py", suite="tests/jobs/test_settler.py")
_WATCHER = partial(Mutant, file="bot/jobs/watcher.py", suite="tests/jobs/test_watch.py")
_FINISH = partial(Mutant, file="bot/jobs/finish.py")

_OF_SETTLER = "tests/jobs/test_settler.py"
_CANCEL = "tests/cogs/test_cancel.py"
_ANSWERS = "tests/cogs/test_answers.py"
_GUARDS = "tests/jobs/test_guards.py"
_RESTART = "tests/jobs/test_restart.py"
_PERSIST = "tests/jobs/test_persist.py"

_CLAIM = "return await queue.claim(connection, free, self.clock(), LEASE, models)\n"
_POST_FIRST = """claimed = await queue.claim(connection, free, self.clock(), LEASE, models)
            for job in claimed:
                self.tasks.start(job, self._submit(job))
            await __import__("asyncio").sleep(0.2)
            return []
"""
_TOLD = "    return ended is not None\n"
_PROMISE = f"        await deliveries.add(connection, ended, DeliveryKind.FAILURE, now)\n{_TOLD}"
_PROMISE_ANYHOW = f"    await deliveries.add(connection, job, DeliveryKind.FAILURE, now)\n{_TOLD}"

_OF_DESK = (
    _DESK(
        name="cancel-anybodys-job",
        old="if job is None or job.requester_id != person_id:",
        new="if job is None:",
        suite=_CANCEL,
        tests=("test_another_person_cannot_cancel_it",),
    ),
    _DESK(
        name="cancel-and-keep-the-generation",
        old="cleanup_at=now if job.generation_id else None",
        new="cleanup_at=None",
        suite=_CANCEL,
        tests=("test_a_generating_job_is_cancelled_and_its_generation_deleted",),
    ),
    _DESK(
        name="replay-not-known",
        old="except KnownInteractionError:",
        new="except ZeroDivisionError:",
        suite=_ANSWERS,
        tests=("test_an_instance_that_died_before_it_answered_is_stood_in_for",),
    ),
)

_OF_FINISH = (
    _FINISH(
        name="result-of-a-job-that-ended-otherwise",
        old="    if ended is None:\n        return False\n",
        new="    ended = ended or job\n",
        suite=_CANCEL,
        tests=("test_a_cancel_between_the_look_and_the_database_wins",),
    ),
    _FINISH(
        name="failure-of-a-job-that-ended-otherwise",
        old=_PROMISE,
        new=_PROMISE_ANYHOW,
        suite=_GUARDS,
        tests=("test_a_job_that_ended_otherwise_is_told_nothing_more",),
    ),
    _FINISH(
        name="result-not-promised",
        old="        await deliveries.add(connection, ended, DeliveryKind.RESULT, now)\n    return",
        new="        pass\n    return",
        suite=_RESTART,
        tests=("test_a_queued_job_is_carried_on",),
    ),
    _FINISH(
        name="failure-not-promised",
        old=_PROMISE,
        new=_TOLD,
        suite=_RESTART,
        tests=("test_a_failure_notice_is_posted_once_whatever_dies",),
    ),
    _FINISH(
        name="generation-deleted-before-it-is-delivered",
        old="JobState.FINISHED, now)",
        new="JobState.FINISHED, now, cleanup_at=now)",
        suite=_GUARDS,
        tests=("test_a_generation_is_kept_until_its_file_is_delivered",),
    ),
)

_OF_SUBMITTER = (
    _SUBMITTER(
        name="post-before-the-claim-is-committed",
        old=_CLAIM,
        new=_POST_FIRST,
        suite=_GUARDS,
        tests=("test_a_job_is_submitting_on_disk_before_its_post_is_sent",),
    ),
    _SUBMITTER(
        name="post-again-at-once",
        old="move(connection, job, JobState.UNCERTAIN, now)",
        new="move(connection, job, JobState.QUEUED, now)",
        suite="tests/jobs/test_create.py",
        tests=("test_a_lost_answer_is_never_followed_by_a_blind_post",),
    ),
    _SUBMITTER(
        name="post-again-after-a-drain",
        old="JobState.UNCERTAIN, self.clock()",
        new="JobState.QUEUED, self.clock()",
        suite="tests/jobs/test_drain.py",
        tests=("test_a_post_that_was_cut_off_is_uncertain_at_once",),
    ),
    _SUBMITTER(
        name="claim-beside-another-claimer",
        old="            await leases.alone(connection, _CLAIMING)\n",
        new="",
        suite="tests/storage/test_guards.py",
        tests=("test_two_processes_together_take_no_more_places_than_there_are",),
    ),
    _SUBMITTER(
        name="post-without-renewing-the-claim",
        old="async with held(lambda: self._renew(job)):",
        new="async with contextlib.AsyncExitStack():",
        suite=_GUARDS,
        tests=("test_a_slow_answer_is_waited_for_under_a_renewed_lease",),
    ),
    _SUBMITTER(
        name="id-written-once-or-never",
        old="ours = await written(lambda: self._write_id(job, model, generation))",
        new="ours = await self._write_id(job, model, generation)",
        suite=_PERSIST,
        tests=("test_a_generation_that_cannot_be_noted_at_once_is_noted_later_and_paid_once",),
    ),
    _SUBMITTER(
        name="id-of-an-earlier-claim",
        old="found.epoch == job.epoch and found.state in (",
        new="found.state in (",
        suite=_GUARDS,
        tests=("test_a_late_answer_is_not_taken_for_that_of_the_job_sent_again",),
    ),
    _SUBMITTER(
        name="id-for-an-ended-job",
        old="if found.epoch == job.epoch and found.state in (",
        new="if found.epoch == job.epoch or found.state in (",
        suite=_CANCEL,
        tests=("test_a_post_that_is_answered_after_the_cancel_has_its_generation_deleted",),
    ),
    _SUBMITTER(
        name="id-known-already-is-discarded",
        old="if found.generation_id == generation.id:",
        new="if False:",
        suite=_OF_SETTLER,
        tests=("test_an_answer_to_an_adopted_job_changes_nothing",),
    ),
    _SUBMITTER(
        name="late-generation-kept",
        old="            await self._discard(generation)\n",
        new="            pass\n",
        suite=_OF_SETTLER,
        tests=("test_an_answer_that_comes_after_its_job_was_sent_again_is_deleted_at_once",),
    ),
    _SUBMITTER(
        name="late-generation-not-noted",
        old="return await jobs.own_late_generation(connection, job.id, generation.id, now)",
        new="return False",
        suite=_GUARDS,
        tests=("test_the_deletion_of_a_cancelled_jobs_late_generation_is_tried_again",),
    ),
    _SUBMITTER(
        name="refusal-counted-as-an-attempt",
        old="attempts = job.attempts - 1",
        new="attempts = job.attempts",
        suite="tests/jobs/test_outage.py",
        tests=("test_a_refusal_that_concerns_all_leaves_the_job_in_the_queue_uncounted",),
    ),
)

_OF_SETTLING = (
    _SETTLER(
        name="post-for-ever",
        old="elif job.attempts >= verdict.MAX_ATTEMPTS or _too_old(job, now):",
        new="elif _too_old(job, now):",
        tests=("test_three_posts_are_enough",),
    ),
    _SETTLER(
        name="post-before-the-list-can-show-it",
        old="elif self.exclusive and now < job.changed_at + EXCLUSIVE_SETTLE:",
        new="elif False:",
        tests=("test_a_generation_that_shows_late_is_found",),
    ),
    _SETTLER(
        name="adopt-on-a-shared-account",
        old="if self.exclusive and any(",
        new="if any(",
        tests=("test_on_a_shared_account_the_list_decides_nothing",),
    ),
    _SETTLER(
        name="adopt-while-submitting",
        old="if found is not None and job.state is JobState.UNCERTAIN:",
        new="if found is not None:",
        suite=_GUARDS,
        tests=("test_a_post_that_may_be_under_way_adopts_nothing",),
    ),
    _SETTLER(
        name="post-on-a-failing-api",
        old="return job.changed_at + SHARED_SETTLE",
        new="return job.changed_at",
        tests=("test_on_a_shared_account_it_is_sent_again_after_ten_seconds",),
    ),
    _SETTLER(
        name="settle-a-living-submitters-job",
        old="return job.lease_until or job.changed_at",
        new="return job.changed_at",
        suite=_RESTART,
        tests=("test_an_intent_without_an_outcome_is_settled_and_counted",),
    ),
    _SETTLER(
        name="post-again-when-the-lease-ran-out",
        old='JobState.UNCERTAIN, now, note="lease ran out"',
        new='JobState.QUEUED, now, note="lease ran out"',
        suite=_RESTART,
        tests=("test_an_answer_after_the_lease_ran_out_is_still_ours",),
    ),
    _SETTLER(
        name="decide-without-the-list",
        old="if job.state is JobState.SUBMITTING or _too_old(job, now)]",
        new="]",
        tests=("test_without_the_list_nothing_is_decided",),
    ),
    Mutant(
        name="look-at-the-list-last",
        file="bot/jobs/account.py",
        old="    listed = await netmind.list()\n    async with database.read() as connection:\n",
        new="    async with database.read() as connection:\n"
        "        unclear = await posts.unclear(connection, now - REMEMBERED)\n"
        "    listed = await netmind.list()\n    async with database.read() as connection:\n"
        "        owners = await jobs.of_generations(connection, [each.id for each in listed])\n"
        "        return Evidence(unclear, listed, owners)\n",
        suite=_GUARDS,
        tests=("test_whatever_is_listed_has_its_post_in_the_evidence",),
    ),
)

_OF_WATCHER = (
    _WATCHER(
        name="gone-when-the-list-is-cut-short",
        old="or await self._get(job)",
        new="or Gone()",
        tests=("test_a_list_cut_short_still_finishes_every_job",),
    ),
    Mutant(
        name="look-out-of-turn",
        file="bot/jobs/turn.py",
        old="return await step() if await self.is_ours() else None",
        new="return await step()",
        suite="tests/jobs/test_turn.py",
        tests=("test_a_step_is_run_only_in_turn",),
    ),
)

SUBMITTING = (*_OF_DESK, *_OF_FINISH, *_OF_SUBMITTER, *_OF_SETTLING, *_OF_WATCHER)
