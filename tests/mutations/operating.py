"""Guards of what operators use: looking, probing, copies, the pages, the log."""

from functools import partial

from tests.mutations.mutant import Mutant

_COMMAND = partial(Mutant, file="bot/commands/check.py", suite="tests/probe/test_command.py")
_PLAY = partial(Mutant, file="bot/probe/play.py", suite="tests/probe/test_play.py")
_BACKUP = partial(Mutant, file="storage/backup.py", suite="tests/storage/test_backup.py")
_TRANSFER = partial(Mutant, file="bot/transfer_file.py", suite="tests/storage/test_transfer.py")
_ACCESS = partial(Mutant, file="bot/web/access.py", suite="tests/web/test_access.py")
_DISK = partial(Mutant, file="bot/disk.py", suite="tests/test_disk.py")
_REDACT = partial(Mutant, file="bot/redact.py", suite="tests/test_redact.py")
_LIVE = partial(Mutant, file="bot/commands/live.py", suite="tests/test_live_commands.py")

OPERATING = (
    Mutant(
        name="check-finds-nothing-wrong",
        file="bot/check/finding.py",
        old="finding.level is Level.WRONG",
        new="finding.level is None",
        suite="tests/check/test_report.py",
        tests=("test_whatever_is_wrong_the_code_is_one_and_the_output_is_json",),
    ),
    Mutant(
        name="check-waits-for-ever",
        file="bot/check/within.py",
        old="asyncio.timeout(seconds)",
        new="asyncio.timeout(None)",
        suite="tests/check/test_looks.py",
        tests=("test_a_look_that_takes_too_long_is_given_up",),
    ),
    Mutant(
        name="check-ends-with-the-first-look-that-breaks",
        file="bot/check/within.py",
        old="except Exception as error:",
        new="except OSError as error:",
        suite="tests/check/test_looks.py",
        tests=("test_a_look_that_breaks_hides_no_other",),
    ),
    Mutant(
        name="check-stops-at-the-first-wrong-setting",
        file="bot/check/settings.py",
        old="for each in error.problems])",
        new="for each in error.problems[:1]])",
        suite="tests/check/test_looks.py",
        tests=("test_settings_that_contradict_each_other_are_all_named",),
    ),
    Mutant(
        name="invited-with-every-permission",
        file="bot/check/application.py",
        old="permissions=permissions, scopes",
        new="permissions=discord.Permissions.all(), scopes",
        suite="tests/check/test_discord.py",
        tests=("test_the_link_invites_with_exactly_the_permissions_that_are_needed",),
    ),
    _COMMAND(
        name="probe-asks-nobody",
        old="if not sys.stdin.isatty():",
        new="if False:",
        tests=("test_without_anybody_to_ask_it_wants_a_yes",),
    ),
    _COMMAND(
        name="probe-begins-before-it-can-write",
        old="        out.touch()  # before anything is made that nobody could read of",
        new="        pass",
        tests=("test_where_nothing_can_be_written_nothing_is_made",),
    ),
    _PLAY(
        name="probe-leaves-what-it-made",
        old="        await clean_up(recorder, sleep)",
        new="        pass",
        tests=("test_whenever_it_is_interrupted_everything_that_was_made_is_deleted",),
    ),
    _PLAY(
        name="probe-makes-without-a-list",
        old="if before.listed is None:",
        new="if False:",
        tests=("test_where_nothing_can_be_asked_nothing_is_made_and_the_page_says_so",),
    ),
    Mutant(
        name="probe-forgets-what-is-made-while-it-is-interrupted",
        file="bot/probe/recorder.py",
        old="(to_the_end(self._noted(work)) if step in _CREATES else work)",
        new="(self._noted(work) if step in _CREATES else work)",
        suite="tests/probe/test_play.py",
        tests=("test_what_is_made_while_it_is_interrupted_is_deleted_too",),
    ),
    Mutant(
        name="probe-opens-private-links",
        file="bot/probe/recorder.py",
        old="url = check_url(parse_url(link), self._allow)",
        new="url = parse_url(link)",
        suite="tests/probe/test_play.py",
        tests=("test_a_private_result_link_is_not_followed",),
    ),
    Mutant(
        name="probe-tells-the-key",
        file="bot/probe/page.py",
        old="for secret in {token, *_named(record)}:",
        new="for secret in _named(record):",
        suite="tests/probe/test_questions.py",
        tests=("test_whatever_its_words_repeat_no_key_and_no_account_is_on_the_page",),
    ),
    _BACKUP(
        name="restore-under-a-running-bot",
        old="fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKS",
        new="fcntl.LOCK_UN, _LOCKS",
        tests=("test_while_a_bot_has_the_database_open_nothing_is_restored",),
    ),
    _BACKUP(
        name="restore-keeps-nothing",
        old="            kept = _set_aside(database, now)",
        new="            kept = None",
        tests=("test_a_restored_backup_can_be_started_and_the_old_database_is_kept",),
    ),
    _BACKUP(
        name="backup-without-what-is-in-the-log",
        old="?mode=ro",
        new="?mode=ro&immutable=1",
        tests=("test_a_backup_has_what_is_committed_and_nothing_else",),
    ),
    _TRANSFER(
        name="import-of-a-changed-file",
        old="if not digest.fits(manifest.tables[table.name]):",
        new="if False:",
        tests=("test_a_file_that_is_not_as_it_was_written_is_refused",),
    ),
    _TRANSFER(
        name="import-that-nobody-compares",
        old="    if not digest.fits(part):",
        new="    if False:",
        tests=("test_what_the_database_took_is_compared_with_the_file",),
    ),
    _TRANSFER(
        name="import-over-what-is-there",
        old="            await transfer.claim_empty(connection)",
        new="            pass",
        tests=("test_a_database_that_has_rows_is_left_as_it_is",),
    ),
    _TRANSFER(
        name="import-counts-anew",
        old="if part.last_id is not None:",
        new="if False:",
        tests=("test_an_id_is_not_given_again_after_an_import",),
    ),
    _ACCESS(
        name="any-signed-cookie-for-ever",
        old="return self.clock() < datetime.fromtimestamp(int.from_bytes(content), UTC)",
        new="return True",
        tests=("test_a_cookie_holds_for_half_a_day_in_every_process_with_that_token",),
    ),
    _ACCESS(
        name="cookies-that-nobody-signed",
        old="if not hmac.compare_digest(mac, self._mac(content)):",
        new="if len(mac) != _MAC_BYTES:",
        tests=("test_no_changed_cookie_opens",),
    ),
    _ACCESS(
        name="tokens-can-be-tried-without-end",
        old="        self._wrong.append(self.clock())",
        new="        pass",
        tests=("test_wrong_tokens_close_the_form_for_a_minute",),
    ),
    Mutant(
        name="metrics-for-everybody",
        file="bot/web/metrics.py",
        old="if not self.access.bears(",
        new="if not str(",
        suite="tests/web/test_metrics.py",
        tests=("test_without_the_token_there_is_nothing_to_read",),
    ),
    Mutant(
        name="ready-while-it-drains",
        file="bot/web/health.py",
        old='return ["draining", *wrong] if self.draining else wrong',
        new="return wrong",
        suite="tests/web/test_health.py",
        tests=("test_who_drains_is_not_ready_any_more",),
    ),
    _DISK(
        name="herokus-disk-lasts",
        old='if where.platform == "Heroku":',
        new="if False:",
        tests=("test_heroku_has_no_volumes_whatever_is_mounted_there",),
    ),
    _DISK(
        name="scratch-folders-last",
        old='return self.point != Path("/") and not scratch',
        new='return self.point != Path("/")',
        tests=("test_in_a_container_a_file_lasts_if_it_is_on_a_volume",),
    ),
    _REDACT(
        name="secrets-as-they-are-only",
        old='    yield quote(secret, safe="")',
        new="",
        tests=("test_a_secret_with_odd_letters_is_found_however_it_is_spelled",),
    ),
    _REDACT(
        name="half-a-secret-stays",
        old="sorted(spelled, key=len, reverse=True)",
        new="sorted(spelled, key=len)",
        tests=("test_of_two_secrets_that_begin_alike_the_longer_one_is_replaced_as_a_whole",),
    ),
    _LIVE(
        name="drain-without-a-pause",
        old="        await pauses.pause(database, words)\n        while left",
        new="        while left",
        tests=("test_drain_gives_up_after_its_seconds_and_stays_paused",),
    ),
    _LIVE(
        name="drain-at-once",
        old="await pauses.left(database)",
        new="None",
        tests=("test_drain_ends_when_nothing_is_left",),
    ),
    Mutant(
        name="roll-of-every-shard",
        file="cogs/privacy.py",
        old="if (guild_id >> 22) % (self.bot.shard_count or 1) != shard_id:",
        new="if False:",
        suite="tests/cogs/test_privacy.py",
        tests=("test_what_a_guild_did_while_the_bot_was_off_is_noted_at_the_next_connection",),
    ),
    Mutant(
        name="roll-of-guilds-it-never-was-in",
        file="bot/jobs/privacy.py",
        old="if each.joined and not each.left]",
        new="if not each.left]",
        suite="tests/cogs/test_privacy.py",
        tests=("test_a_guild_that_the_bot_never_was_in_is_not_one_that_removed_it",),
    ),
    Mutant(
        name="left-anew-each-time",
        file="storage/guilds.py",
        old=".where(guilds.c.id.in_(guild_ids), guilds.c.left_at.is_(None))",
        new=".where(guilds.c.id.in_(guild_ids))",
        suite="tests/storage/test_choices.py",
        tests=("test_a_guild_is_one_that_the_bot_is_in_or_has_left_or_never_joined",),
    ),
)
