"""The guards of delivering and of cleaning up."""

from functools import partial

from tests.mutations.mutant import Mutant

_COURIER = partial(Mutant, file="bot/jobs/courier.py")
_SENDER = partial(Mutant, file="bot/jobs/sending.py")

_RESTART = "tests/jobs/test_restart.py"
_UNDELIVERABLE = "tests/jobs/test_undeliverable.py"
_GUARDS = "tests/jobs/test_guards.py"
_ROUTES = "tests/jobs/test_routes.py"
_VOICE = "tests/jobs/test_voice.py"
_FOOTAGE = "tests/jobs/test_footage.py"

_NONCE = 'return f"{errand.delivery.nonce}{form}"'
_SEND = "posted = await self.sender.send(delivery, job, fresh=delivery.sending_at == now)"
_FAILED = "await self._failed(delivery, error, fresh=delivery.sending_at == now)"

_OF_COURIER = (
    _SENDER(
        name="send-with-another-nonce-each-time",
        old=_NONCE,
        new='return __import__("secrets").token_hex(10)',
        suite=_GUARDS,
        tests=("test_a_notice_sent_again_within_the_window_has_the_same_nonce",),
    ),
    _SENDER(
        name="send-a-notice-with-the-results-nonce",
        old=_NONCE,
        new="return errand.delivery.nonce",
        suite="tests/jobs/test_files.py",
        tests=("test_a_file_that_discord_finds_too_large_is_told_in_its_place",),
    ),
    _SENDER(
        name="send-without-a-search",
        old="if not errand.fresh and (found := await self._already_posted(errand)) is not None:",
        new="if (found := None) is not None:",
        suite=_RESTART,
        tests=("test_past_the_window_a_posted_message_is_found_and_not_posted_again",),
    ),
    _SENDER(
        name="send-as-if-the-window-never-ended",
        old="self.clock() - sending_at < NONCE_WINDOW",
        new="True",
        suite=_RESTART,
        tests=("test_a_failure_notice_is_posted_once_whatever_dies",),
    ),
    _SENDER(
        name="send-as-if-there-were-no-window",
        old="self.clock() - sending_at < NONCE_WINDOW",
        new="False",
        suite=_GUARDS,
        tests=("test_where_no_search_is_allowed_a_result_has_the_same_nonce_within_the_window",),
    ),
    _SENDER(
        name="send-a-file-after-a-notice",
        old="if remembered and errand.wordy:",
        new="if remembered:",
        suite=_GUARDS,
        tests=("test_a_result_that_was_perhaps_told_in_words_is_not_brought_as_a_file",),
    ),
    _SENDER(
        name="send-where-no-search-is-allowed",
        old="            if not remembered:\n                raise\n",
        new="",
        suite=_GUARDS,
        tests=("test_where_no_search_is_allowed_nothing_is_sent_again_past_the_window",),
    ),
    _COURIER(
        name="send-as-if-nobody-had-before",
        old=_SEND,
        new="posted = await self.sender.send(delivery, job, fresh=True)",
        suite=_RESTART,
        tests=("test_past_the_window_a_posted_message_is_found_and_not_posted_again",),
    ),
    _COURIER(
        name="fail-as-if-nobody-had-sent-before",
        old=_FAILED,
        new="await self._failed(delivery, error, fresh=True)",
        suite=_GUARDS,
        tests=("test_a_refusal_says_nothing_of_an_earlier_send",),
    ),
    _COURIER(
        name="fail-as-if-no-answer-were-a-no",
        old="again, surely_not_sent = passing and age < WAIT_FOR_DISCORD, False",
        new="again, surely_not_sent = passing and age < WAIT_FOR_DISCORD, True",
        suite=_GUARDS,
        tests=("test_without_an_answer_the_first_send_is_remembered",),
    ),
    _COURIER(
        name="sent-before-it-is-posted",
        old=_SEND,
        new="await self._sent(delivery, job, Posted(1))\n                " + _SEND,
        suite=_RESTART,
        tests=("test_a_claim_is_left_alone_until_its_lease_runs_out",),
    ),
    _COURIER(
        name="sent-written-once-or-never",
        old="await written(lambda: self._sent(delivery, job, posted))",
        new="await self._sent(delivery, job, posted)",
        suite="tests/jobs/test_persist.py",
        tests=("test_a_post_that_cannot_be_noted_at_once_is_noted_later_and_not_repeated",),
    ),
    _COURIER(
        name="send-without-holding-the-claim",
        old=", or_stop=True)",
        new=")",
        suite=_GUARDS,
        tests=("test_a_courier_that_lost_its_claim_sends_nothing_any_more",),
    ),
    _COURIER(
        name="give-back-as-surely-not-sent",
        old="self.clock(), surely_not_sent=False, counted=False",
        new="self.clock(), surely_not_sent=True, counted=False",
        suite="tests/jobs/test_drain.py",
        tests=("test_a_delivery_that_was_cut_off_is_taken_by_the_next_process_at_once",),
    ),
    _COURIER(
        name="cleanup-of-what-was-not-posted",
        old="        now += KEEP_UNPOSTED\n",
        new="        pass\n",
        suite=_UNDELIVERABLE,
        tests=("test_a_refused_upload_is_kept_too",),
    ),
    _COURIER(
        name="refused-for-ever",
        old="again, surely_not_sent = delivery.attempts < MAX_ATTEMPTS, fresh",
        new="again, surely_not_sent = True, fresh",
        suite=_UNDELIVERABLE,
        tests=("test_six_refusals_are_enough",),
    ),
    _SENDER(
        name="post-what-is-for-its-person-alone",
        old="if job.route is Route.PRIVATE and delivery.kind is not DeliveryKind.COPY:",
        new="if False:",
        suite=_ROUTES,
        tests=("test_a_private_result_of_who_did_not_agree_waits_for_them",),
    ),
    _SENDER(
        name="learn-nothing-of-a-refused-size",
        old="    return max(LEAST_LIMIT, refused * 9 // 10)\n",
        new="    return 10**12\n",
        suite="tests/jobs/test_ladder.py",
        tests=("test_a_limit_that_discord_has_lowered_is_learnt_for_a_week",),
    ),
    _COURIER(
        name="forget-the-original-at-once",
        old="    if unposted is not None or keep:\n",
        new="    if unposted is not None:\n",
        suite="tests/jobs/test_ladder.py",
        tests=("test_the_original_of_what_was_made_smaller_is_kept_for_a_while",),
    ),
    _SENDER(
        name="open-a-forum-post-again",
        old="return await self.post.find_forum_post(place.channel_id, name_of(errand.job))",
        new="return None",
        suite=_ROUTES,
        tests=("test_a_forum_post_whose_answer_was_lost_is_found_and_not_opened_again",),
    ),
    Mutant(
        name="speak-again-what-was-spoken",
        file="bot/post.py",
        old="return spoken_to is not None and answered == spoken_to",
        new="return False",
        suite=_VOICE,
        tests=("test_a_voice_message_that_was_posted_unnoticed_is_posted_once",),
    ),
    _COURIER(
        name="promise-words-without-their-sound",
        old="if delivery.kind is DeliveryKind.RESULT and job.voice:",
        new="if False:",
        suite=_VOICE,
        tests=("test_a_guild_that_wants_voice_messages_gets_words_and_then_the_sound",),
    ),
    _SENDER(
        name="speak-of-what-was-deleted",
        old="if job.removed_at is not None and delivery.kind is not DeliveryKind.FAILURE:",
        new="if False:",
        suite=_VOICE,
        tests=("test_a_result_that_is_deleted_before_its_sound_came_stays_silent",),
    ),
    Mutant(
        name="post-a-sound-for-a-video-in-other-hands",
        file="bot/jobs/submitter.py",
        old="            if not await self._renew(job):\n"
        '                raise LeaseLostError("the claim was lost")\n',
        new="",
        suite=_FOOTAGE,
        tests=("test_a_job_that_was_taken_over_during_the_upload_is_not_posted",),
    ),
    Mutant(
        name="forget-which-file-the-video-is",
        file="bot/jobs/footage.py",
        old="            await jobs.set_video_file(connection, job.id, file_id)\n",
        new="            pass\n",
        suite=_FOOTAGE,
        tests=("test_a_restart_between_upload_and_post_uploads_nothing_more",),
    ),
    Mutant(
        name="take-a-broken-upload-for-a-lost-post",
        file="bot/jobs/submitter.py",
        old="            self._unsent.add(job.id)\n",
        new="",
        suite=_FOOTAGE,
        tests=("test_an_upload_that_is_cut_off_by_the_end_is_no_lost_post",),
    ),
    Mutant(
        name="copy-again-for-a-replayed-click",
        file="storage/deliveries.py",
        old='nonce=f"{interaction_id:x}c",',
        new="nonce=secrets.token_hex(_NONCE_BYTES),",
        suite=_ROUTES,
        tests=("test_a_click_that_arrives_twice_makes_one_copy",),
    ),
    Mutant(
        name="draw-over-a-cancelled-card",
        file="bot/jobs/cards.py",
        old="            await self._correct(job)\n",
        new="",
        suite="tests/jobs/test_cards.py",
        tests=("test_a_card_that_is_cancelled_while_it_is_edited_says_so_in_the_end",),
    ),
    Mutant(
        name="find-anybodys-message",
        file="bot/post.py",
        old="if own is not None and message.author.id == own.id and is_it(message):",
        new="if is_it(message):",
        suite=_RESTART,
        tests=("test_past_the_window_a_message_that_was_not_posted_is_posted",),
    ),
    Mutant(
        name="hold-on-to-a-lost-claim",
        file="bot/jobs/lease.py",
        old="                if block is not None:\n",
        new="                if False:\n",
        suite=_GUARDS,
        tests=("test_a_courier_that_lost_its_claim_sends_nothing_any_more",),
    ),
)

_OF_JANITOR = (
    Mutant(
        name="cleanup-of-what-is-not-known-yet",
        file="bot/jobs/janitor.py",
        old="again = self._when_surely_known(job)",
        new="again = None",
        suite="tests/cogs/test_cancel.py",
        tests=("test_a_generation_that_is_not_known_yet_is_deleted_once_it_surely_is",),
    ),
    Mutant(
        name="follow-forged-links",
        file="bot/web/links.py",
        old=" or not hmac.compare_digest(mac, self._sign(content))",
        new="",
        suite="tests/web/test_links.py",
        tests=("test_no_letter_of_a_link_can_be_changed",),
    ),
    Mutant(
        name="cleanup-of-a-delivery-in-other-hands",
        file="bot/jobs/courier.py",
        old="            if sent:\n",
        new="            if True:\n",
        suite=_GUARDS,
        tests=("test_a_courier_whose_claim_was_taken_plans_no_deletion",),
    ),
)

DELIVERING = (*_OF_COURIER, *_OF_JANITOR)
