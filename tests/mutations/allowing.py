"""The guards of who may ask for what: blocks, limits, and moderators' changes."""

from functools import partial

from tests.mutations.mutant import Mutant

_GATE = partial(Mutant, file="bot/jobs/gate.py")
_LIMITS = partial(Mutant, file="bot/jobs/limits.py", suite="tests/cogs/test_limits.py")
_USAGE = partial(Mutant, file="storage/limits.py", suite="tests/storage/test_limits.py")
_BLOCKS = partial(Mutant, file="storage/blocks.py", suite="tests/cogs/test_block.py")
_CHANGES = "tests/cogs/test_changes.py"
_WHERE = "tests/cogs/test_where.py"

ALLOWING = (
    _GATE(
        name="take-jobs-of-who-is-blocked",
        old="        if block is not None:\n            raise Refusal(*blocked",
        new="        if False:\n            raise Refusal(*blocked",
        suite="tests/cogs/test_block.py",
        tests=("test_who_is_blocked_is_told_why_until_when_and_what_they_can_do",),
    ),
    _GATE(
        name="take-jobs-while-paused",
        old="if settings.paused:",
        new="if False:",
        suite=_WHERE,
        tests=("test_a_pause_takes_nothing_new_and_lets_the_rest_go_on",),
    ),
    _GATE(
        name="take-jobs-in-any-channel",
        old="set(places).isdisjoint(settings.channels)",
        new="False",
        suite=_WHERE,
        tests=("test_elsewhere_than_allowed_people_are_told_where_to_go",),
    ),
    Mutant(
        file="bot/jobs/desk.py",
        name="take-jobs-without-limits",
        old="                await self.gate.check_limits(connection, job, wish.roles, now)\n",
        new="",
        suite="tests/cogs/test_limits.py",
        tests=("test_limits_hold_for_a_hundred_commands_at_once",),
    ),
    _LIMITS(
        name="limit-the-day-one-late",
        old="used.today > allowed.per_day",
        new="used.today > allowed.per_day + 1",
        tests=("test_the_day_s_limit_frees_at_midnight_of_the_servers_zone",),
    ),
    _LIMITS(
        name="limit-the-day-of-utc",
        old="now.astimezone(ZoneInfo(time_zone))",
        new="now",
        tests=("test_the_day_s_limit_frees_at_midnight_of_the_servers_zone",),
    ),
    _LIMITS(
        name="limit-by-the-worst-role",
        old="None if not said or NO_LIMIT in said else max(said)",
        new="None if not said or NO_LIMIT in said else min(said)",
        tests=("test_the_best_of_a_persons_roles_counts_each_thing_by_itself",),
    ),
    _LIMITS(
        name="limit-by-anybodys-roles",
        old="if limit.role_id in roles]",
        new="]",
        tests=("test_the_best_of_a_persons_roles_counts_each_thing_by_itself",),
    ),
    _USAGE(
        name="count-what-was-given-back",
        old="jobs.c.created_at >= since, sa.not_(given_back), *of_whom",
        new="jobs.c.created_at >= since, *of_whom",
        tests=("test_what_was_not_had_is_not_counted",),
    ),
    _BLOCKS(
        name="block-in-every-server",
        old="            blocks.c.guild_id.in_([EVERYWHERE, guild_id or EVERYWHERE]),\n",
        new="",
        tests=("test_a_block_holds_in_its_own_server_alone",),
    ),
    _BLOCKS(
        name="block-for-ever",
        old="sa.or_(blocks.c.until.is_(None), blocks.c.until > now)",
        new="sa.true()",
        tests=("test_a_block_ends_by_itself",),
    ),
    Mutant(
        file="storage/audit.py",
        name="undo-in-another-server",
        old="audit.c.guild_id == guild_id, audit.c.id == entry_id",
        new="audit.c.id == entry_id",
        suite=_CHANGES,
        tests=("test_a_change_of_another_server_is_not_undone_here",),
    ),
    Mutant(
        file="cogs/changes.py",
        name="undo-without-managing",
        old="    check_manager(interaction)\n",
        new="",
        suite=_CHANGES,
        tests=("test_who_manages_the_server_no_more_undoes_nothing",),
    ),
)
"""Limits, blocks, pauses, and undoing."""
