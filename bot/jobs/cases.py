"""Cases: results that people report, and what moderators decide. It raises Refusal."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import case_message
from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs.rules import put_block
from bot.jobs.shelf import Place
from bot.language import Sentence, language
from storage import audit, cases, deliveries, guilds, jobs, notices, people
from storage.blocks import Block
from storage.case_states import CaseAction, CaseState
from storage.cases import Case, NewCase
from storage.database import Database
from storage.jobs import Job
from storage.notices import NoticeKind
from storage.routes import Route

log = structlog.get_logger(__name__)

_NOT_MINE = Sentence("There is no result of mine in this message.")
_UNKNOWN = Sentence("This job is not known here any more.")
_OWN = Sentence("This is your own. Delete, below the result, takes it away.")
_NO_CHANNEL = Sentence(
    "Moderators have no channel for reports here yet. "
    "Who manages this server can choose one with /studio reports."
)
_REPORTED = Sentence("You have reported this already.")
_NO_WORDS = Sentence("Write in a few words what is wrong with it.")
_NO_CASE = Sentence("This report is not known here any more.")
_NO_REASON = Sentence("Say in a few words why; the person reads it.")
_NOT_DONE = Sentence("This job is still under way; it can be removed once it has ended.")
_BEING_POSTED = Sentence("It is being posted just now. Try again in a moment.")

# To who reported it, and to whose it is.
_NOTICES: dict[tuple[CaseState, CaseAction | None], tuple[NoticeKind, NoticeKind | None]] = {
    (CaseState.REMOVED, None): (NoticeKind.REPORT_REMOVED, NoticeKind.REMOVED),
    (CaseState.REMOVED, CaseAction.HIDE): (NoticeKind.REPORT_HIDDEN, NoticeKind.HIDDEN),
    (CaseState.REMOVED, CaseAction.BLOCK): (NoticeKind.REPORT_REMOVED, NoticeKind.BLOCKED),
    (CaseState.DISMISSED, None): (NoticeKind.REPORT_DISMISSED, None),
}


@dataclass(frozen=True)
class Ruling:
    """What a moderator decides about a case. `reason`, and `length` (None: for ever): of a block.

    Who hides a result has done so in Discord already, in the messages `hidden`.
    """

    by: int
    to: CaseState
    action: CaseAction | None = None
    reason: str = ""
    length: timedelta | None = None
    hidden: Collection[Place] = ()


@dataclass(frozen=True)
class Told:
    """A message to moderators, and what it is to say now; None: it is not known where it is."""

    case_id: int
    place: Place | None
    words: str


@dataclass(frozen=True)
class Outcome:
    """What is to be seen in Discord after a click of a moderator's.

    `first`: it was this click that decided. `told`: the messages of the cases that are decided, of
    the clicked one first. `removed`: the messages of the result, which are to be deleted.
    """

    first: bool
    told: Sequence[Told]
    removed: Sequence[Place]


@dataclass
class Cases:
    """Opens and decides cases, each only by who may."""

    database: Database
    clock: Clock
    on_change: Callable[[], None]

    async def job_of(self, message_id: int, interaction_id: int | None) -> int:
        """Return the job that a message of ours is about.

        `interaction_id`: the interaction that the message answered; a job's card is an answer.
        """
        async with self.database.read() as connection:
            job_id = await deliveries.job_of(connection, message_id)
            if job_id is not None:
                return job_id
            job = await jobs.of_interaction(connection, interaction_id or 0)
        if job is None:
            raise Refusal(_NOT_MINE)
        return job.id

    async def check(self, job_id: int, reporter_id: int, guild_id: int | None) -> None:
        """Raise Refusal unless this person may report this job."""
        async with self.database.read() as connection:
            job = await jobs.get(connection, job_id)
            await _channel_for(connection, job, reporter_id, guild_id)
            if await cases.of_reporter(connection, job_id, reporter_id):
                raise Refusal(_REPORTED)

    async def report(
        self, job_id: int, message: Place, reporter_id: int, guild_id: int | None, words: str
    ) -> None:
        """Open a case about a job that was seen in this message, and promise it to moderators."""
        if not words.strip():
            raise Refusal(_NO_WORDS)
        now = self.clock()
        async with self.database.write() as connection:
            job = await jobs.get(connection, job_id)
            channel_id = await _channel_for(connection, job, reporter_id, guild_id)
            if job is None or guild_id is None or not await _shows(connection, message, job):
                raise Refusal(_UNKNOWN)
            await people.note(connection, reporter_id, now)
            new = NewCase(
                guild_id, job_id, reporter_id, message.channel_id, message.message_id, words
            )
            case = await cases.add(connection, new, now)
            if case is None:
                raise Refusal(_REPORTED)
            await deliveries.add_case(connection, case, channel_id, now)
        log.info("case_opened", case=case.id, job=job_id, guild=guild_id)
        self.on_change()

    async def open(
        self, case_id: int, ruling: Ruling, guild_id: int | None
    ) -> tuple[Case, Sequence[Place]]:
        """Return a case of this guild, and the messages that bring its result.

        Raises Refusal if it cannot be decided so now.
        """
        async with self.database.read() as connection:
            case, job = await _known(connection, case_id, guild_id)
            await _check(connection, case, job, ruling)
            sent = await deliveries.messages_of(connection, job.id)
        return case, [Place(*each) for each in sent]

    async def decide(self, case_id: int, ruling: Ruling, guild_id: int | None) -> Outcome:
        """Decide a case for its guild; what is removed is deleted at NetMind, too.

        If somebody else was first, nothing is changed, and the outcome is what they decided: they
        may have died before Discord showed it.
        """
        if ruling.action is CaseAction.BLOCK and not ruling.reason.strip():
            raise Refusal(_NO_REASON)
        now = self.clock()
        async with self.database.write() as connection:
            case, job = await _known(connection, case_id, guild_id)
            await _check(connection, case, job, ruling)
            await _check_hidden(connection, case, ruling)
            decided = await cases.decide(connection, case, ruling.to, ruling.by, now, ruling.action)
            if decided:
                await _carry_out(connection, case, job, ruling, now)
                await _tell(connection, decided, job, ruling, now)
            outcome = await _outcome(connection, job, decided, case_id)
        for each in decided:
            log.info("case_decided", case=each.id, job=job.id, by=ruling.by, state=each.state)
        self.on_change()
        return outcome


async def _known(
    connection: AsyncConnection, case_id: int, guild_id: int | None
) -> tuple[Case, Job]:
    case = await cases.get(connection, case_id)
    job = None if case is None else await jobs.get(connection, case.job_id)
    if case is None or job is None or case.guild_id != guild_id:
        raise Refusal(_NO_CASE)
    return case, job


async def _check(connection: AsyncConnection, case: Case, job: Job, ruling: Ruling) -> None:
    """Raise Refusal for what cannot be done yet; what was decided before is only shown.

    A message on its way was written before the decision, and nobody would take it back.
    """
    if ruling.to is CaseState.REMOVED and not job.ended:
        raise Refusal(_NOT_DONE)
    if ruling.to is not CaseState.REMOVED or case.state is not CaseState.OPEN:
        return
    if await deliveries.is_telling(connection, job.id):
        raise Refusal(_BEING_POSTED)


async def _check_hidden(connection: AsyncConnection, case: Case, ruling: Ruling) -> None:
    """Raise Refusal if a message was posted while the others were being hidden."""
    if ruling.action is CaseAction.HIDE and case.state is CaseState.OPEN:
        sent = {Place(*each) for each in await deliveries.messages_of(connection, case.job_id)}
        if not sent <= set(ruling.hidden):
            raise Refusal(_BEING_POSTED)


async def _carry_out(
    connection: AsyncConnection, case: Case, job: Job, ruling: Ruling, now: datetime
) -> None:
    """Do what a ruling says, and write it down."""
    if ruling.action is CaseAction.HIDE:
        await jobs.set_hidden(connection, job.id)
    elif ruling.to is CaseState.REMOVED:
        await jobs.set_removed(connection, job.id, now)
    if ruling.action is CaseAction.BLOCK:
        until = None if ruling.length is None else now + ruling.length
        reason = ruling.reason.strip()
        block = Block(case.guild_id, job.requester_id, until, reason, ruling.by, now)
        await put_block(connection, block, now)
    detail = {
        "case": case.id,
        "job": job.id,
        "person": job.requester_id,
        "to": ruling.action or ruling.to,
        "reason": ruling.reason,
    }
    await audit.note(connection, case.guild_id, ruling.by, "case", detail, now)


async def _tell(
    connection: AsyncConnection, decided: Sequence[Case], job: Job, ruling: Ruling, now: datetime
) -> None:
    """Promise to tell who reported it, and whose it is; nobody is told what they did themselves."""
    to_reporter, to_person = _NOTICES[ruling.to, ruling.action]
    told: list[tuple[int, NoticeKind, str | None]] = [
        (case.reporter_id, to_reporter, None) for case in decided
    ]
    if to_person is not None and job.erased_at is None:
        told.append((job.requester_id, to_person, ruling.reason or None))
    for person_id, what, words in told:
        if person_id != ruling.by:
            await notices.add(connection, person_id, job.id, what, words, now)


async def _channel_for(
    connection: AsyncConnection, job: Job | None, reporter_id: int, guild_id: int | None
) -> int:
    """Return where the moderators of this guild are told of the job. Raises Refusal."""
    if job is not None and job.requester_id == reporter_id:
        raise Refusal(_OWN)
    erased = job is not None and job.erased_at is not None
    private = job is not None and job.route in {Route.PRIVATE, Route.DIRECT}
    if job is None or job.guild_id != guild_id or private or erased:
        raise Refusal(_UNKNOWN)
    settings = await guilds.settings(connection, guild_id)
    if settings.log_channel_id is None:
        raise Refusal(_NO_CHANNEL)
    return settings.log_channel_id


async def _shows(connection: AsyncConnection, message: Place, job: Job) -> bool:
    """Tell whether the message is about the job; a form's id can be made up."""
    card = (job.channel_id, job.card_id)
    shown = [card, *await deliveries.messages_of(connection, job.id)]
    return (message.channel_id, message.message_id) in shown


async def _outcome(
    connection: AsyncConnection, job: Job, decided: Sequence[Case], case_id: int
) -> Outcome:
    now_decided = list(decided)
    if not decided and (case := await cases.get(connection, case_id)) is not None:
        now_decided = [case]
    settings = await guilds.settings(connection, job.guild_id)
    say = language(settings.language)
    sent = await deliveries.of_cases(connection, [case.id for case in now_decided])
    told = [
        Told(
            case.id,
            _place(sent[case.id]),
            case_message.write(case, job, sent[case.id].id, say),
        )
        for case in now_decided
    ]
    removed = []
    if any(
        case.state is CaseState.REMOVED and case.action is not CaseAction.HIDE
        for case in now_decided
    ):
        removed = [Place(*each) for each in await deliveries.messages_of(connection, job.id)]
    return Outcome(bool(decided), told, removed)


def _place(delivery: deliveries.Delivery) -> Place | None:
    if delivery.message_id is None:
        return None
    return Place(delivery.channel_id, delivery.message_id)
