"""The guards in the statements that move jobs and deliveries."""

from functools import partial

from tests.mutations.mutant import Mutant

_JOBS = partial(Mutant, file="storage/jobs.py")
_QUEUE = partial(Mutant, file="storage/queue.py")
_DELIVERIES = partial(Mutant, file="storage/deliveries.py")
_SCHEMA = partial(Mutant, file="storage/schema.py", suite="tests/storage/test_migrate.py")
_MIGRATION = partial(Mutant, file="storage/migrations/versions/0001_initial.py")

_EDGES = "tests/storage/test_edges.py"
_NEWER = "tests/storage/test_newer_rows.py"
_CLAIMS = "tests/storage/test_claims.py"
_FAIRNESS = "tests/storage/test_fairness.py"
_OF_JOBS = "tests/storage/test_jobs.py"
_OF_POSTS = "tests/storage/test_posts.py"
_OF_DELIVERIES = "tests/storage/test_deliveries.py"
_GUARDS = "tests/storage/test_guards.py"

_MOVE = "jobs.c.id == job.id, jobs.c.state == job.state, jobs.c.epoch == job.epoch"
_RENEW = "jobs.c.id == job.id, jobs.c.state == JobState.SUBMITTING, jobs.c.epoch == job.epoch"
_LATE = (
    "jobs.c.id == job_id, jobs.c.generation_id.is_(None), jobs.c.ended_at.is_not(None)"
    ")\n        .values(generation_id"
)
_LOCK = """        .with_for_update(skip_locked=True)
        # PostgreSQL may run a subquery once a row, and each run would claim more of them.
        .cte("due")
    )
    statement = (
"""
_NO_LOCK = """        .cte("due")
    )
    statement = (
"""
_JOBS_LOCKED = """        .with_for_update(of=jobs, skip_locked=True)
    )
    ids = list((await connection.execute(due)).scalars())
    statement = (
        sa.update(jobs)
        .where(jobs.c.id.in_(ids), jobs.c.state == JobState.QUEUED)
"""
_JOBS_UNLOCKED = """    )
    ids = list((await connection.execute(due)).scalars())
    statement = (
        sa.update(jobs)
        .where(jobs.c.id.in_(ids))
"""
_CLAIM_DELIVERIES = """        sa.update(deliveries)
        .where(deliveries.c.id.in_(sa.select(due.c.id)), deliveries.c.lease_until <= now)
"""

_OF_MOVE = (
    _JOBS(
        name="move-whatever-its-state",
        old=_MOVE,
        new="jobs.c.id == job.id, jobs.c.epoch == job.epoch",
        suite=_EDGES,
        tests=("test_a_job_that_has_moved_since_is_left_alone",),
    ),
    _JOBS(
        name="move-whatever-its-epoch",
        old=_MOVE,
        new="jobs.c.id == job.id, jobs.c.state == job.state",
        suite=_EDGES,
        tests=("test_a_job_back_in_its_old_state_is_not_the_one_a_sleeper_remembers",),
    ),
    _JOBS(
        name="move-all-jobs",
        old=_MOVE,
        new="jobs.c.state == job.state, jobs.c.epoch == job.epoch",
        suite=_EDGES,
        tests=("test_moving_one_job_moves_no_other",),
    ),
    _JOBS(
        name="move-along-any-edge",
        old="if job.state not in sources(to):",
        new="if False:",
        suite=_EDGES,
        tests=("test_every_other_edge_is_refused_and_changes_nothing",),
    ),
    _JOBS(
        name="move-without-an-event",
        old="    await events.add(connection, [JobEvent(job.id, now, job.state, to, note)])\n",
        new="",
        suite=_EDGES,
        tests=("test_every_edge_leaves_one_row_in_order",),
    ),
)

_OF_CLAIM = (
    _QUEUE(
        name="claim-job-without-lock-and-state",
        old=_JOBS_LOCKED,
        new=_JOBS_UNLOCKED,
        suite=_CLAIMS,
        tests=("test_claimers_in_several_processes_never_get_the_same_row",),
    ),
    _QUEUE(
        name="claim-job-waiting-for-others",
        old="with_for_update(of=jobs, skip_locked=True)",
        new="with_for_update(of=jobs)",
        suite=_CLAIMS,
        tests=("test_a_claimer_passes_over_rows_in_other_hands_and_does_not_wait",),
    ),
    _QUEUE(
        name="claim-job-more-than-asked-for",
        old="        .limit(limit)\n        .with_for_update",
        new="        .with_for_update",
        suite=_CLAIMS,
        tests=("test_jobs_are_claimed_in_the_order_they_were_accepted_up_to_the_limit",),
    ),
    _QUEUE(
        name="claim-job-looking-at-any-state",
        old="_WAITING = sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.ended_at.is_(None))",
        new="_WAITING = jobs.c.ended_at.is_(None)",
        suite=_CLAIMS,
        tests=("test_jobs_are_claimed_in_the_order_they_were_accepted_up_to_the_limit",),
    ),
    _QUEUE(
        name="claim-job-in-the-same-epoch",
        old="epoch=jobs.c.epoch + 1",
        new="epoch=jobs.c.epoch",
        suite=_CLAIMS,
        tests=("test_every_claim_of_a_job_raises_its_epoch_and_counts",),
    ),
    _QUEUE(
        name="claim-job-uncounted",
        old="attempts=jobs.c.attempts + 1",
        new="attempts=jobs.c.attempts",
        suite=_CLAIMS,
        tests=("test_every_claim_of_a_job_raises_its_epoch_and_counts",),
    ),
    _QUEUE(
        name="claim-job-before-its-time",
        old="        sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= now),\n",
        new="",
        suite=_CLAIMS,
        tests=("test_a_job_waits_until_its_not_before_and_lets_others_pass",),
    ),
    _QUEUE(
        name="claim-job-that-only-a-newer-version-reads",
        old="        READABLE,\n",
        new="",
        suite=_NEWER,
        tests=("test_a_job_that_takes_an_unknown_way_is_left",),
    ),
    _QUEUE(
        name="claim-job-of-any-model",
        old="jobs.c.model.in_(models)",
        new="sa.true()",
        suite=_NEWER,
        tests=("test_a_job_of_an_unknown_model_is_left_for_some_minutes",),
    ),
    _QUEUE(
        name="claim-job-without-a-lease",
        old="            lease_until=now + lease,\n",
        new="",
        suite=_CLAIMS,
        tests=("test_a_claimed_job_is_submitting_under_a_lease",),
    ),
    _QUEUE(
        name="claim-in-the-order-of-asking",
        old="        .order_by(row.c.place)\n",
        new="        .order_by(jobs.c.id)\n",
        suite=_FAIRNESS,
        tests=("test_who_sends_one_is_second_after_who_sends_twenty",),
    ),
    _QUEUE(
        name="claim-forgetting-who-had-a-turn",
        old="    served = turn >= came\n",
        new="    served = sa.false()\n",
        suite=_FAIRNESS,
        tests=("test_who_sends_one_is_second_after_who_sends_twenty",),
    ),
    _QUEUE(
        name="claim-newcomers-first",
        old="else_=came)",
        new="else_=sa.literal(0))",
        suite=_FAIRNESS,
        tests=("test_who_was_served_while_another_came_goes_behind_them",),
    ),
    _QUEUE(
        name="claim-without-turns-of-guilds",
        old="circles.c.circle_since, circles.c.circle_served, circles.c.id)",
        new="circles.c.id)",
        suite=_FAIRNESS,
        tests=("test_a_small_guild_is_second_after_a_busy_one",),
    ),
    _JOBS(
        name="renew-another-claim",
        old=_RENEW,
        new="jobs.c.id == job.id, jobs.c.state == JobState.SUBMITTING",
        suite=_GUARDS,
        tests=("test_only_the_newest_claim_of_a_job_is_renewed",),
    ),
    _JOBS(
        name="renew-whatever-its-state",
        old=_RENEW,
        new="jobs.c.id == job.id, jobs.c.epoch == job.epoch",
        suite=_GUARDS,
        tests=("test_a_job_that_is_not_submitting_any_more_is_not_renewed",),
    ),
)

_OF_REST = (
    _JOBS(
        name="late-generation-instead-of-its-own",
        old=_LATE,
        new=_LATE.replace("jobs.c.generation_id.is_(None), ", ""),
        suite=_GUARDS,
        tests=("test_an_ended_job_keeps_the_generation_it_has",),
    ),
    _JOBS(
        name="late-generation-of-an-open-job",
        old=_LATE,
        new=_LATE.replace(", jobs.c.ended_at.is_not(None)", ""),
        suite=_OF_POSTS,
        tests=("test_a_job_that_goes_on_does_not_take_a_late_generation",),
    ),
    _JOBS(
        name="cleanup-before-it-is-due",
        old="jobs.c.cleanup_at <= now, order",
        new="jobs.c.cleanup_at.is_not(None), order",
        suite=_OF_JOBS,
        tests=("test_cleanups_come_when_due_and_longest_due_first",),
    ),
    _JOBS(
        name="add-that-breaks-the-transaction",
        old='.on_conflict_do_nothing(index_elements=["interaction_id"])',
        new="",
        suite=_OF_JOBS,
        tests=("test_an_interaction_makes_one_job_and_the_second_can_look_it_up_at_once",),
    ),
    _SCHEMA(
        name="schema-interactions-not-unique",
        old='"interaction_id", sa.BigInteger, nullable=False, unique=True',
        new='"interaction_id", sa.BigInteger, nullable=False',
        tests=("test_the_migrations_build_exactly_the_schema",),
    ),
    _SCHEMA(
        name="schema-generations-not-unique",
        old='"generation_id", sa.String(128), unique=True',
        new='"generation_id", sa.String(128)',
        tests=("test_the_migrations_build_exactly_the_schema",),
    ),
    _SCHEMA(
        name="schema-many-ends-of-a-job",
        old='        unique=True,\n        where="kind IN',
        new='        unique=False,\n        where="kind IN',
        tests=("test_the_migrations_build_exactly_the_schema",),
    ),
    _MIGRATION(
        name="migration-interactions-not-unique",
        old='        sa.UniqueConstraint("interaction_id", name=op.f("uq_jobs_interaction_id")),\n',
        new="",
        suite=_OF_JOBS,
        tests=("test_an_interaction_makes_one_job_and_the_second_can_look_it_up_at_once",),
    ),
    _MIGRATION(
        name="migration-generations-not-unique",
        old='        sa.UniqueConstraint("generation_id", name=op.f("uq_jobs_generation_id")),\n',
        new="",
        suite=_OF_JOBS,
        tests=("test_two_jobs_never_share_a_generation",),
    ),
    _MIGRATION(
        name="migration-many-ends-of-a-job",
        old="        unique=True,\n",
        new="        unique=False,\n",
        suite=_OF_DELIVERIES,
        tests=("test_a_job_has_one_terminal_message",),
    ),
)

_OF_DELIVERING = (
    _DELIVERIES(
        name="claim-delivery-without-lock-and-lease",
        old=_LOCK + _CLAIM_DELIVERIES,
        new=_NO_LOCK + _CLAIM_DELIVERIES.replace(", deliveries.c.lease_until <= now", ""),
        suite=_CLAIMS,
        tests=("test_claimers_in_several_processes_never_get_the_same_row",),
    ),
    _DELIVERIES(
        name="claim-delivery-waiting-for-others",
        old="with_for_update(skip_locked=True)",
        new="with_for_update()",
        suite=_CLAIMS,
        tests=("test_a_claimer_passes_over_rows_in_other_hands_and_does_not_wait",),
    ),
    _DELIVERIES(
        name="claim-delivery-more-than-asked-for",
        old='.cte("due")',
        new=".subquery()",
        suite=_CLAIMS,
        tests=("test_the_limit_holds_even_when_the_planner_starts_from_the_table",),
    ),
    _DELIVERIES(
        name="claim-delivery-looking-at-any-lease",
        old="            deliveries.c.lease_until <= now,\n",
        new="",
        suite=_CLAIMS,
        tests=("test_deliveries_are_claimed_oldest_first_up_to_the_limit",),
    ),
    _DELIVERIES(
        name="claim-delivery-in-any-state",
        old="            ON_ITS_WAY,\n            _known(),\n",
        new="            _known(),\n",
        suite=_OF_DELIVERIES,
        tests=("test_a_sent_delivery_knows_its_message_and_is_never_claimed_again",),
    ),
    _DELIVERIES(
        name="claim-delivery-of-any-kind",
        old="            _known(),\n",
        new="",
        suite=_NEWER,
        tests=("test_a_message_of_an_unknown_kind_is_left",),
    ),
    _DELIVERIES(
        name="delivery-of-any-kind-is-due",
        old="where(ON_ITS_WAY, _known())",
        new="where(ON_ITS_WAY)",
        suite=_NEWER,
        tests=("test_a_message_about_a_job_that_takes_an_unknown_way_is_left",),
    ),
    _DELIVERIES(
        name="claim-delivery-in-the-same-epoch",
        old="epoch=deliveries.c.epoch + 1",
        new="epoch=deliveries.c.epoch",
        suite=_CLAIMS,
        tests=("test_a_lease_ends_at_its_very_moment",),
    ),
    _DELIVERIES(
        name="claim-delivery-without-a-lease",
        old="            lease_until=now + lease,\n",
        new="",
        suite=_CLAIMS,
        tests=("test_a_claimed_delivery_is_sending_under_a_lease",),
    ),
    _DELIVERIES(
        name="claim-delivery-forgetting-the-first-send",
        old="sa.func.coalesce(\n                deliveries.c.sending_at, sa.literal(",
        new="sa.func.coalesce(\n                sa.null(), sa.literal(",
        suite=_OF_DELIVERIES,
        tests=("test_sending_at_keeps_the_first_moment_a_send_may_have_happened",),
    ),
    _DELIVERIES(
        name="write-as-a-stale-holder",
        old="        deliveries.c.epoch == delivery.epoch,\n",
        new="",
        suite=_OF_DELIVERIES,
        tests=("test_a_stale_holder_can_change_nothing",),
    ),
    _DELIVERIES(
        name="write-on-an-ended-delivery",
        old="deliveries.c.state == DeliveryState.SENDING,\n        deliveries.c.epoch",
        new="deliveries.c.epoch",
        suite=_OF_DELIVERIES,
        tests=("test_an_ended_delivery_stays_as_it_ended",),
    ),
    _DELIVERIES(
        name="write-on-all-deliveries",
        old="        deliveries.c.id == delivery.id,\n",
        new="",
        suite=_OF_DELIVERIES,
        tests=("test_ending_one_delivery_leaves_the_others_of_the_same_claim",),
    ),
    _DELIVERIES(
        name="put-off-as-surely-not-sent",
        old='{"sending_at": None} if surely_not_sent else {}',
        new='{"sending_at": None}',
        suite=_OF_DELIVERIES,
        tests=("test_a_delivery_put_off_forgets_the_send_only_when_it_surely_did_not_happen",),
    ),
    _DELIVERIES(
        name="put-off-as-perhaps-sent",
        old='{"sending_at": None} if surely_not_sent else {}',
        new="{}",
        suite=_OF_DELIVERIES,
        tests=("test_a_delivery_put_off_forgets_the_send_only_when_it_surely_did_not_happen",),
    ),
    _DELIVERIES(
        name="put-off-always-counted",
        old="if not counted:",
        new="if False:",
        suite="tests/jobs/test_undeliverable.py",
        tests=("test_trouble_of_discords_is_waited_for_for_a_day",),
    ),
    _DELIVERIES(
        name="put-off-never-counted",
        old="if not counted:",
        new="if True:",
        suite=_OF_DELIVERIES,
        tests=("test_a_delivery_put_off_forgets_the_send_only_when_it_surely_did_not_happen",),
    ),
    _DELIVERIES(
        name="untold-told-again",
        old="            LEFT_UNTOLD,\n",
        new="            deliveries.c.state == DeliveryState.UNDELIVERABLE,\n",
        suite=_OF_DELIVERIES,
        tests=("test_what_could_not_be_posted_is_told_to_its_person_once",),
    ),
)

STORING = (*_OF_MOVE, *_OF_CLAIM, *_OF_REST, *_OF_DELIVERING)
