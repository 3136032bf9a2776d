"""The judge: which promises did a run break? It reads nothing but the evidence.

Each violation is one sentence that begins with its kind, such as `lost:` or `doubled:`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from tests.rig.evidence import Answer, Evidence, File, Generation, Message
from tests.rig.story import Story, endings, own_posts, stories

SETTLES_WITHIN = 60.0
"""Seconds, from the end of all faults, without the time that a generation takes by itself."""

RARELY = 3
"""So many refused requests that nobody planned are an accident; more are a habit."""

LIMIT = 10 * 1024**2
"""Bytes that one file may have in the guilds of the stand-ins."""

WAVEFORM = ".png"
"""What a sound looks like stands beside it under such a name; nothing else here is a picture."""

_ENDED = frozenset({"finished", "failed", "cancelled", "rejected"})
_TOLD_BY_MESSAGE = {"finished": "result", "failed": "failure"}
_NOTES = ("outcome unknown", "lease ran out")
_LINKS_AND_TOKENS = ("/inference/", "presigned", "standin-interaction-")
_STRUCK_OUT = "{token}"  # what the stand-in's ledger writes for a token
_REFUSED = frozenset({401, 403, 429})
_SHOWN = 200
_CLOCKS_DIFFER = timedelta(seconds=1)
_LEAKS = (
    "Traceback (most recent call last)",
    "was never awaited",
    "exception was never retrieved",
    "Task was destroyed",
    "Unclosed ",
)

Sentences = Iterator[str]


@dataclass(frozen=True)
class PaidDouble:
    """A command that was paid more than once: how often too many, and the notes that say why."""

    prompt: str
    surplus: int
    notes: tuple[str, ...]

    @property
    def counted(self) -> bool:
        """Tell whether the bot knows of every one of them."""
        return self.surplus <= self.notes.count("outcome unknown")


def violations(evidence: Evidence) -> list[str]:
    """Return a sentence for each broken promise; an empty list: nothing was broken."""
    return [sentence for invariant in INVARIANTS for sentence in invariant(evidence)]


# 1. Each accepted command ends in exactly one terminal message.


def ends_once(evidence: Evidence) -> Sentences:
    """Judge what people saw."""
    for story in stories(evidence):
        job, answer = story.job, story.command.answer
        if job is None and answer is Answer.ACCEPTED:
            yield f"lost: {story} was accepted, and nothing of it is in the database"
        elif job is not None and answer is Answer.REFUSED:
            yield f"doubled: {story} was refused, and yet there is a job"
        elif job is not None:
            yield from _ends_once(story, evidence)


def _ends_once(story: Story, evidence: Evidence) -> Sentences:
    if _given_up_rightly(story, evidence):
        return
    told = len(story.endings) + story.cancelled_on_card
    if told == 0:
        yield f"lost: nobody was told how {story} ended"
    if story.endings and story.cancelled_on_card:
        yield f"doubled: {story} says cancelled on its card, and has another end too"


def _given_up_rightly(story: Story, evidence: Evidence) -> bool:
    """Tell whether there was no way left to tell the person, or none needed: they cancelled it."""
    undeliverable = any(row.state == "undeliverable" for row in story.deliveries)
    cancelled = story.job is not None and story.job.state == "cancelled"
    return (undeliverable or cancelled) and story.command.channel in evidence.closed_channels


def is_at_rest(evidence: Evidence) -> Sentences:
    """Judge the database: every job in one terminal state, every delivery sent, nothing open."""
    for story in stories(evidence):
        if story.job is not None:
            yield from _job_at_rest(story, evidence)
    for row in evidence.records.deliveries:
        if row.state not in {"sent", "undeliverable"}:
            yield f"lost: delivery {row.id} of job {row.job_id} is left in {row.state}"


def _job_at_rest(story: Story, evidence: Evidence) -> Sentences:
    job = story.job
    assert job is not None
    if job.state not in _ENDED:
        yield f"lost: {story} is left in {job.state}"
        return
    ends = [event for event in story.events if event.to_state in _ENDED]
    if len(ends) != 1:
        yield f"doubled: {story} has ended {len(ends)} times"
    if job.card_id is not None and not job.card_closed:
        yield f"lost: the card of {story} does not tell its end"
    yield from _deliveries_at_rest(story, evidence)


def _deliveries_at_rest(story: Story, evidence: Evidence) -> Sentences:
    assert story.job is not None
    expected = _TOLD_BY_MESSAGE.get(story.job.state)
    kinds = [row.kind for row in story.deliveries]
    if kinds != ([expected] if expected else []):
        yield f"doubled: {story} is {story.job.state} and has the deliveries {kinds}"
    posted = {message.id for message in story.endings}
    for row in story.deliveries:
        if row.state == "sent" and row.message_id not in posted:
            yield f"lost: delivery {row.id} of {story} was sent, says the database; it is nowhere"
        if row.state == "undeliverable" and not _given_up_rightly(story, evidence):
            yield f"lost: delivery {row.id} of {story} was given up, and the channel is open"


def comes_from_a_command(evidence: Evidence) -> Sentences:
    """Judge jobs and messages that nobody asked for."""
    asked = {command.interaction_id for command in evidence.commands}
    numbers = {row.id for row in evidence.records.jobs if row.interaction_id in asked}
    for row in evidence.records.jobs:
        if row.interaction_id not in asked:
            yield f"doubled: job {row.id} comes from no command"
    for number, messages in endings(evidence):
        if number not in numbers:
            yield f"wrong: {_where(messages[0])} tells of job {number}, which nobody asked for"
    told = {message.id for _, messages in endings(evidence) for message in messages}
    for message in own_posts(evidence):
        if message.files and message.id not in told:
            yield f"wrong: {_where(message)} has a file and belongs to no job"


def stale_cards(evidence: Evidence) -> list[str]:
    """Return the commands whose card was not touched since their job has ended.

    No promise is broken where the bot never learnt the card's id; people see a card that waits.
    """
    found = []
    for story in stories(evidence):
        ends = [event.at for event in story.events if event.to_state in _ENDED]
        if ends and story.card is not None and not story.card.deleted:
            touched = story.card.edited_at or story.card.at
            if touched < ends[0] - _CLOCKS_DIFFER:
                found.append(str(story))
    return found


# 2. At most one paid generation a command.


def paid_doubles(evidence: Evidence) -> list[PaidDouble]:
    """Return each command that was paid more than once, with the notes that count it."""
    found = []
    for story in stories(evidence):
        surplus = len(story.generations) - 1
        notes = tuple(e.note for e in story.events if e.note in _NOTES)
        if surplus > 0:
            found.append(PaidDouble(story.command.prompt, surplus, notes))
    return found


def pays_once(evidence: Evidence) -> Sentences:
    """Judge what NetMind was asked to make."""
    for double in paid_doubles(evidence):
        if not double.counted:
            yield (
                f"paid: {double.prompt!r} was paid {double.surplus} times too often, "
                f"and of that the notes know only {list(double.notes)}"
            )
    for story in stories(evidence):
        if story.generations and story.job is None:
            yield f"paid: {story} was paid for nobody"
    asked = {command.prompt for command in evidence.commands}
    for generation in evidence.generations:
        if generation.prompt not in asked and not generation.stranger:
            yield f"paid: nobody asked for {generation.prompt!r}"


def leaves_strangers_alone(evidence: Evidence) -> Sentences:
    """Judge what became of other people's generations on the same account."""
    for generation in evidence.generations:
        if generation.stranger and generation.deleted_at is not None:
            yield f"wrong: generation {generation.id} of somebody else was deleted"


# 3. The right file, in the right channel, to the right person.


def reaches_its_person(evidence: Evidence) -> Sentences:
    """Judge each message that tells an end: file, channel, mention and reply."""
    for story in stories(evidence):
        for message in story.endings:
            yield from _right_file(story, message)
            yield from _right_address(story, message)


def _right_file(story: Story, message: Message) -> Sentences:
    own = story.own_generation
    if message.files and not _results(message):
        yield f"wrong: {_where(message)} shows a sound of {story} and does not bring it"
    for file in _results(message):
        if own is None:
            yield f"wrong: {_where(message)} has a file; {story} has no generation of its prompt"
        elif file.sha256 != own.sha256 and not _made_smaller(file, own, message):
            yield f"wrong: {_where(message)} has another file than the generation of {story}"
    if story.job and story.job.state == "failed" and message.files:
        yield f"wrong: {story} failed, and {_where(message)} brings a file"


def _results(message: Message) -> list[File]:
    return [file for file in message.files if not file.name.endswith(WAVEFORM)]


def _made_smaller(file: File, own: Generation, message: Message) -> bool:
    """Tell whether the file is rightly not the generation's very own, and people are told so."""
    return own.size > LIMIT >= file.size and "Made smaller" in message.content


def _right_address(story: Story, message: Message) -> Sentences:
    if message.channel != story.command.channel:
        yield f"wrong: {_where(message)} belongs into channel {story.command.channel}"
    if message.mentions != (story.command.person,):
        yield (
            f"wrong: {_where(message)} calls {list(message.mentions)}, "
            f"and {story} is of {story.command.person}"
        )
    card = story.card
    known = story.job is not None and story.job.card_id is not None
    expected = card.id if card and known and not card.deleted else None
    allowed = {expected, card.id} if card and not known else {expected}
    if message.reply_to not in allowed:
        yield f"wrong: {_where(message)} replies to {message.reply_to}, not to the card {expected}"


# 4. Never two messages with the same file, never two ends of one job.


def posts_once(evidence: Evidence) -> Sentences:
    """Judge how often a thing was posted, whether it was deleted later or not."""
    shown = Counter(file.sha256 for post in own_posts(evidence) for file in _results(post))
    for sha256, times in shown.items():
        if times > 1:
            yield f"doubled: the file {sha256[:12]} was posted {times} times"
    for number, messages in endings(evidence):
        if len(messages) > 1:
            yield f"doubled: the end of job {number} was told {len(messages)} times"


# 5. No secret in a log, a message or the database.


def keeps_secrets(evidence: Evidence) -> Sentences:
    """Judge every text that leaves the process."""
    words = [word for word in (*evidence.secrets, *_LINKS_AND_TOKENS) if word]
    for place, text in _texts(evidence):
        for word in words:
            if word in text:
                yield f"secret: {word[:4]}... ({len(word)} characters) stands in {place}"


def _texts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(evidence.logs, 1):
        yield f"log {number}", text
    for message in evidence.messages:
        if message.author == evidence.bot:
            names = " ".join(file.name for file in message.files)
            yield _where(message), f"{message.content}\n{message.embeds}\n{names}"
    yield from evidence.records.texts.items()
    for request in evidence.requests:
        if request.to == "discord" and request.body is not None:
            said = json.dumps(request.body, ensure_ascii=False)
            place = f"a {request.method} {request.route} to Discord"
            yield place, said.replace(_STRUCK_OUT, _LINKS_AND_TOKENS[-1])


# 6. Nothing is fetched from a private address.


def fetches_nothing_private(evidence: Evidence) -> Sentences:
    """Judge what reached the server that nobody may ask anything."""
    for hit in evidence.canary:
        yield f"private: the canary was asked for {hit}"


# 7. When faults stop, every job is settled within 60 seconds.


def settling(evidence: Evidence) -> dict[int, float]:
    """Return in how many seconds each command was settled, by its interaction's id.

    They count from the end of the faults, or from the command if that was later, without the time
    that the generation took by itself. What was settled before counts as 0; the rest is missing.
    """
    found = {}
    for story in stories(evidence):
        if story.ended_at is not None:
            begun = max(evidence.faults_stopped_at, story.command.at)
            own = story.own_generation
            making = own.making if own else 0.0
            took = (story.ended_at - begun).total_seconds() - making
            found[story.command.interaction_id] = max(0.0, took)
    return found


def settles_soon(evidence: Evidence) -> Sentences:
    """Judge how long people waited once nothing went wrong any more."""
    prompts = {command.interaction_id: command.prompt for command in evidence.commands}
    for interaction_id, seconds in settling(evidence).items():
        if seconds > SETTLES_WITHIN:
            yield f"late: {prompts[interaction_id]!r} was settled after {seconds:.0f} s"


# 8. No unhandled exception.


def handles_every_error(evidence: Evidence) -> Sentences:
    """Judge the log: tracebacks of our own, and what Python complains of at the end."""
    for number, text in enumerate(evidence.logs, 1):
        for line in text.splitlines():
            event, error = _event(line)
            if any(leak in line for leak in _LEAKS) and event not in evidence.allowed_errors:
                yield f"unhandled: log {number} has {event!r}: {error}"


def _event(line: str) -> tuple[str, str]:
    """Return the name of a JSON line's event and the last line of its traceback."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        return "", line[:_SHOWN]
    said = str(entry.get("exception") or line).strip().splitlines()
    return str(entry.get("message", "")), said[-1][:_SHOWN]


# 9. Rate limits are respected; refused requests stay rare. The services' rules are kept.


def is_rarely_refused(evidence: Evidence) -> Sentences:
    """Judge what was answered with 401, 403 or 429 although nobody had planned that."""
    refused = Counter(
        f"{request.status} to {request.method} {request.route}"
        for request in evidence.requests
        if request.status in _REFUSED and not request.planned
    )
    if refused.total() > RARELY:
        yield f"refused: {refused.total()} requests, such as {refused.most_common(1)[0][0]}"


def keeps_the_services_rules(evidence: Evidence) -> Sentences:
    """Pass on what the stand-ins complained of."""
    for rule in evidence.broken_rules:
        yield f"rule: {rule}"


# After a cancellation nothing comes, and nothing is left running.


def stays_cancelled(evidence: Evidence) -> Sentences:
    """Judge jobs that somebody cancelled, rightly or not."""
    for story in stories(evidence):
        if story.job is None:
            continue
        own_wish = [c for c in story.cancels if c.person == story.command.person]
        said_yes = [c for c in story.cancels if c.answer is Answer.ACCEPTED]
        if said_yes and story.job.state != "cancelled":
            yield f"lost: the cancellation of {story}, which is {story.job.state}"
        if story.job.state == "cancelled":
            if not own_wish:
                yield f"wrong: {story} is cancelled, and its requester never asked for that"
            yield from _nothing_left(story)


def _nothing_left(story: Story) -> Sentences:
    assert story.job is not None
    if any(message.files for message in story.endings):
        yield f"doubled: {story} is cancelled, and its file was posted"
    # Cancelled while its POST had no answer: only the process that had sent it could have known.
    unknown = any(
        event.to_state == "uncertain"
        or (event.from_state, event.to_state) == ("submitting", "cancelled")
        for event in story.events
    )
    for generation in story.generations:
        own = generation.id == story.job.generation_id
        done = generation.deleted_at is not None or generation.gone
        left = not done and not (own and story.job.cleanup_at)
        # Which generation an unanswered request made, nobody can tell.
        if left and (own or not unknown):
            yield f"paid: {story} is cancelled, and its generation is not deleted"


def _where(message: Message) -> str:
    return f"message {message.id} in channel {message.channel}"


INVARIANTS: tuple[Callable[[Evidence], Sentences], ...] = (
    ends_once,
    is_at_rest,
    comes_from_a_command,
    pays_once,
    leaves_strangers_alone,
    reaches_its_person,
    posts_once,
    keeps_secrets,
    fetches_nothing_private,
    settles_soon,
    handles_every_error,
    is_rarely_refused,
    keeps_the_services_rules,
    stays_cancelled,
)
