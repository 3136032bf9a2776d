"""The guards of reporting a result and of deciding about it."""

from functools import partial

from tests.mutations.mutant import Mutant

_CASES = partial(Mutant, file="bot/jobs/cases.py", suite="tests/cogs/test_report.py")
_ACTIONS = "tests/cogs/test_case_actions.py"

REPORTING = (
    Mutant(
        name="decide-what-is-decided",
        file="storage/cases.py",
        old=".where(which, cases.c.state == CaseState.OPEN)",
        new=".where(which)",
        suite="tests/storage/test_cases.py",
        tests=("test_the_first_decision_stays",),
    ),
    Mutant(
        name="decide-without-taking-turns",
        file="storage/cases.py",
        old=".where(jobs.c.id == case.job_id).with_for_update(key_share=True)",
        new="",
        suite="tests/storage/test_cases.py",
        tests=("test_of_two_moderators_at_once_the_first_decides_all",),
    ),
    Mutant(
        name="decide-without-moderating",
        file="cogs/report.py",
        old="    check_moderator(interaction)\n    match",
        new="    match",
        suite="tests/cogs/test_report.py",
        tests=("test_who_moderates_nothing_decides_nothing",),
    ),
    _CASES(
        name="decide-for-another-guild",
        old=" or case.guild_id != guild_id:",
        new=":",
        tests=("test_a_moderator_of_another_guild_decides_nothing_here",),
    ),
    _CASES(
        name="decide-what-is-under-way",
        old="if ruling.to is CaseState.REMOVED and not job.ended:",
        new="if False:",
        tests=("test_what_is_still_under_way_is_not_removed_yet",),
    ),
    _CASES(
        name="report-in-another-guild",
        old=" or job.guild_id != guild_id or",
        new=" or",
        tests=("test_a_job_of_another_guild_is_not_reported",),
    ),
    _CASES(
        name="report-what-is-private",
        old="private = job is not None and job.route in {Route.PRIVATE, Route.DIRECT}",
        new="private = False",
        tests=("test_a_private_job_is_as_good_as_unknown",),
    ),
    _CASES(
        name="report-a-message-that-shows-nothing-of-it",
        old=" or not await _shows(connection, message, job):",
        new=":",
        tests=("test_a_message_that_shows_nothing_of_the_job_is_not_reported",),
    ),
    Mutant(
        name="report-to-who-is-reported",
        file="storage/schema.py",
        old='OF_THE_JOB = deliveries.c.kind.in_(["result", "failure", "voice", "copy"])',
        new="OF_THE_JOB = sa.true()",
        suite="tests/storage/test_cases.py",
        tests=("test_a_report_that_could_not_be_posted_is_not_told_to_who_was_reported",),
    ),
    Mutant(
        name="report-with-a-ping",
        file="bot/jobs/sending.py",
        old="            mention=None,\n",
        new="            mention=job.requester_id,\n",
        suite="tests/cogs/test_report.py",
        tests=("test_nothing_in_the_words_of_a_report_works",),
    ),
    _CASES(
        name="remove-what-is-hidden",
        old="case.state is CaseState.REMOVED and case.action is not CaseAction.HIDE",
        new="case.state is CaseState.REMOVED",
        suite=_ACTIONS,
        tests=("test_a_hidden_result_keeps_its_message_and_its_words",),
    ),
    _CASES(
        name="hide-once-only",
        old="        await jobs.set_hidden(connection, job.id)\n",
        new="        pass\n",
        suite=_ACTIONS,
        tests=("test_what_is_hidden_stays_so_wherever_it_is_posted_again",),
    ),
    _CASES(
        name="tell-moderators-what-they-did",
        old="        if person_id != ruling.by:\n",
        new="        if True:\n",
        suite=_ACTIONS,
        tests=("test_a_moderator_is_not_told_what_they_did_themselves",),
    ),
    _CASES(
        name="block-without-a-reason",
        old="if ruling.action is CaseAction.BLOCK and not ruling.reason.strip():",
        new="if False:",
        suite=_ACTIONS,
        tests=("test_a_block_needs_a_reason",),
    ),
    Mutant(
        name="remind-of-what-is-on-its-way",
        file="storage/notices.py",
        old="notices.c.told_at.is_(None), sa.not_(on_its_way)",
        new="notices.c.told_at.is_(None)",
        suite="tests/storage/test_notices.py",
        tests=("test_who_has_agreed_gets_one_direct_message_and_is_told_nothing_else",),
    ),
    Mutant(
        name="remind-of-what-was-told",
        file="bot/jobs/courier.py",
        old="                if delivery.notice_id is not None:\n",
        new="                if False:\n",
        suite=_ACTIONS,
        tests=("test_who_agreed_to_direct_messages_hears_it_there_and_not_twice",),
    ),
)
