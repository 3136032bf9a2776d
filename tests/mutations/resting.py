"""The guards of a bot that has nothing to do, is told to end, or cannot go on."""

from tests.mutations.mutant import Mutant

RESTING = (
    Mutant(
        name="no-last-look-after-the-end",
        file="bot/jobs/lookout.py",
        old="if busy or self._was_busy:",
        new="if busy:",
        suite="tests/jobs/test_lookout.py",
        tests=("test_workers_are_woken_while_anything_is_on_its_way_and_once_after_it",),
    ),
    Mutant(
        name="never-at-rest-while-moderators-think",
        file="storage/waiting.py",
        old="_MOVING = OPEN - {JobState.HELD}",
        new="_MOVING = OPEN",
        suite="tests/storage/test_waiting.py",
        tests=("test_only_a_job_that_goes_on_by_itself_waits",),
    ),
    Mutant(
        name="messages-of-another-process-not-seen",
        file="storage/waiting.py",
        old="sa.select(job | message)",
        new="sa.select(job)",
        suite="tests/storage/test_waiting.py",
        tests=("test_a_message_waits_that_is_due_in_time",),
    ),
    Mutant(
        name="lookout-wakes-itself",
        file="bot/jobs/workers.py",
        old="Bell(list(bell.loops)).ring",
        new="bell.ring",
        suite="tests/jobs/test_turn.py",
        tests=("test_what_one_process_has_left_the_lookout_of_another_shows_its_workers",),
    ),
    Mutant(
        name="second-sigterm-ends-at-once",
        file="bot/__main__.py",
        old="if stopping.is_set() and number == signal.SIGINT:",
        new="if stopping.is_set():",
        suite="tests/test_wire.py",
        tests=("test_ctrl_c_ends_a_stop_at_once_and_further_sigterms_do_not",),
    ),
    Mutant(
        name="refused-intents-are-a-crash",
        file="bot/app.py",
        old="except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:",
        new="except discord.ConnectionClosed as error:",
        suite="tests/test_app.py",
        tests=("test_what_no_second_try_mends_is_said_with_what_to_look_at",),
    ),
    Mutant(
        name="reset-token-is-a-crash",
        file="bot/app.py",
        old="frozenset({4004, 4013, 4014})",
        new="frozenset({4013, 4014})",
        suite="tests/test_wire.py",
        tests=("test_a_token_that_is_reset_while_it_runs_ends_with_exit_code_3",),
    ),
    Mutant(
        name="refused-key-after-other-trouble-not-told",
        file="bot/jobs/outage.py",
        old="if reason in _TO_DO and reason is not self.reason:",
        new="if reason in _TO_DO and self.reason is None:",
        suite="tests/jobs/test_outage.py",
        tests=(
            "test_what_the_operator_has_to_mend_is_an_error_with_what_to_do_even_after_other_trouble",
        ),
    ),
    Mutant(
        name="codecs-in-every-bot",
        file="bot/check/codecs.py",
        old="from bot.check.finding import Finding, ok, wrong\n",
        new="import av\nfrom bot.check.finding import Finding, ok, wrong\n",
        suite="tests/test_app.py",
        tests=("test_a_database_that_cannot_be_opened_ends_with_its_own_exit_code",),
    ),
    Mutant(
        name="an-unknown-order-of-migrations",
        file="storage/migrate.py",
        old="for name in names), reverse=True))",
        new="for name in names)))",
        suite="tests/storage/test_migrate.py",
        tests=("test_the_names_of_the_migrations_tell_their_order",),
    ),
)
