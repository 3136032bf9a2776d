"""The vocabulary: which words are not wanted in prompts, per guild and for all guilds."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.clock import Clock
from bot.errors import Refusal
from bot.language import Sentence
from bot.moderation.words import Kind, Matcher, Prompt, Rule, WordFile, read_file
from bot.netmind.catalog import Catalog
from storage import audit, people, words
from storage.database import Database
from storage.errors import StorageError
from storage.jobs import NewJob
from storage.words import EVERYWHERE, Hit, NewWord, Word

log = structlog.get_logger(__name__)

MOST_RULES = 2000
MOST_PATTERNS = 100
"""Patterns take longest; with more of them others would notice."""

# So long do moderators see what was found; then people's words are forgotten.
_KEPT = timedelta(days=30)
# Of one prompt; a list that finds more than these in it says nothing new.
_MOST_HITS = 20
_MOST_REASONS = 3
# The guilds whose rules are kept ready.
_READY_GUILDS = 200
_PROBLEMS_SHOWN = 5

_NOT_ALLOWED = Sentence(
    "The moderators of this server do not allow words that are in your request."
)
_NOWHERE_ALLOWED = Sentence("Your request has words that are not allowed here.")
_NOTHING_MADE = Sentence("Nothing was made, so nothing was spent.")
_UNKNOWN = Sentence("There is no such rule. Choose one from the list.")


@dataclass(frozen=True)
class Verdict:
    """The rules that were found in a request, those for all guilds last."""

    found: tuple[Word, ...] = ()

    @property
    def blocking(self) -> tuple[Word, ...]:
        """Those that are not on trial."""
        return tuple(word for word in self.found if not word.trial)

    def sentences(self) -> list[Sentence]:
        """Say why nothing is made: in the moderators' own words, never with the word itself."""
        reasons = {str(reason): reason for reason in map(_reason, self.blocking)}
        return [*list(reasons.values())[:_MOST_REASONS], _NOTHING_MADE]


@dataclass(frozen=True)
class _Ready:
    """A guild's rules as they were at a version, ready to look for."""

    version: tuple[int, int]
    rules: Sequence[tuple[Word, Matcher]]


@dataclass
class Vocabulary:
    """Keeps moderators' rules about words and applies them. Raises Refusal."""

    database: Database
    catalog: Catalog
    clock: Clock
    _ready: OrderedDict[int, _Ready] = field(default_factory=OrderedDict)

    async def check(self, new: NewJob, *, usual: bool = True) -> None:
        """Raise Refusal if a rule forbids what is asked for; what is found is noted.

        `usual`: what the person usually sets fills in what is not set.
        """
        async with self.database.read() as connection:
            verdict = await self.judge(connection, new, usual=usual)
        if verdict.found:
            await self._note(new, verdict)
        if verdict.blocking:
            log.info("words_refused", guild=new.guild_id, rules=[w.id for w in verdict.blocking])
            raise Refusal(*verdict.sentences())

    async def judge(
        self, connection: AsyncConnection, new: NewJob, *, usual: bool = True
    ) -> Verdict:
        """Return the rules that are found in the prompt or a text option. It writes nothing."""
        rules = await self._rules(connection, new.guild_id or EVERYWHERE)
        if not rules:
            return Verdict()
        options = dict(new.options)
        if usual:
            person = await people.preferences(connection, new.requester_id)
            options = {**person.defaults.get(new.kind, {}), **options}
        return await asyncio.to_thread(_judged, rules, self._texts(new, options))

    async def test(self, guild_id: int, prompt: str) -> Verdict:
        """Return the rules that would be found in this prompt. Nothing is noted."""
        async with self.database.read() as connection:
            rules = await self._rules(connection, guild_id)
        return await asyncio.to_thread(_judged, rules, [prompt])

    async def of_guild(self, guild_id: int) -> list[Word]:
        """Return the guild's own rules, oldest first."""
        async with self.database.read() as connection:
            return await words.of_guild(connection, guild_id)

    async def add(self, guild_id: int, rule: Rule, by: int) -> None:
        """Keep a rule, instead of an older one of the same kind and text."""
        if (problem := rule.problem()) is not None:
            raise Refusal(problem)
        async with self.database.write() as connection:
            await keep(connection, guild_id, [rule], by, self.clock())

    async def bring(self, guild_id: int, content: bytes, by: int) -> int:
        """Keep the rules of a file, all or none of them; return how many it has."""
        file = await asyncio.to_thread(read_file, content)
        check_file(file)
        async with self.database.write() as connection:
            await keep(connection, guild_id, file.rules, by, self.clock())
        return len(file.rules)

    async def remove(self, guild_id: int, word_id: int, by: int) -> Word:
        """Forget a rule of the guild's own and return it."""
        async with self.database.write() as connection:
            every = await words.of_guild(connection, guild_id)
            word = next((each for each in every if each.id == word_id), None)
            if word is None:
                raise Refusal(_UNKNOWN)
            await words.remove(connection, guild_id, [(word.kind, word.text)])
            detail = {"kind": word.kind, "text": word.text}
            await audit.note(connection, guild_id, by, "word_removed", detail, self.clock())
        return word

    async def recent(self, guild_id: int, limit: int) -> list[Hit]:
        """Return what was found in this guild lately, newest first."""
        async with self.database.read() as connection:
            hits = await words.recent_hits(connection, guild_id, limit)
        oldest = self.clock() - _KEPT
        return [hit for hit in hits if hit.at >= oldest]

    async def _note(self, new: NewJob, verdict: Verdict) -> None:
        """Note what was found, in a transaction of its own: a refusal does not take it back."""
        try:
            async with self.database.write() as connection:
                await note_hits(connection, new, verdict, self.clock())
        except StorageError as error:
            log.warning("words_not_noted", guild=new.guild_id, error=str(error))

    async def _rules(
        self, connection: AsyncConnection, guild_id: int
    ) -> list[tuple[Word, Matcher]]:
        return [
            rule
            for each in dict.fromkeys([guild_id, EVERYWHERE])
            for rule in (await self._of(connection, each)).rules
        ]

    async def _of(self, connection: AsyncConnection, guild_id: int) -> _Ready:
        version = await words.version(connection, guild_id)
        ready = self._ready.get(guild_id)
        if ready is None or ready.version != version:
            every = await words.of_guild(connection, guild_id)
            rules = await asyncio.to_thread(lambda: [(word, _matcher(word)) for word in every])
            ready = self._ready[guild_id] = _Ready(version, rules)
        self._ready.move_to_end(guild_id)
        while len(self._ready) > _READY_GUILDS:
            self._ready.popitem(last=False)
        return ready

    def _texts(self, new: NewJob, options: Mapping[str, object]) -> list[str]:
        """Return what the person has written; the names of choices are ours."""
        model = self.catalog.get(new.model)
        known = {} if model is None else model.options
        return [
            new.prompt,
            *(
                value
                for name, value in options.items()
                if isinstance(value, str) and name in known and known[name].type == "text"
            ),
        ]


def rule_of(word: Word) -> Rule:
    """Return a kept rule as one that is not kept yet."""
    return Rule(Kind(word.kind), word.text, word.reason, trial=word.trial)


def check_file(file: WordFile) -> None:
    """Raise Refusal with the first problems of a file, or if it has no rule."""
    if file.problems:
        shown = [
            Sentence.of("Line {line}: {problem}", line=line, problem=problem)
            for line, problem in file.problems[:_PROBLEMS_SHOWN]
        ]
        raise Refusal(Sentence("Nothing was imported; the file has problems."), *shown)
    if not file.rules:
        raise Refusal(Sentence("There is no rule in the file."))


async def keep(
    connection: AsyncConnection, guild_id: int, rules: Sequence[Rule], by: int, now: datetime
) -> None:
    """Keep these rules and note who did it. Raises Refusal if there would be too many."""
    before = {(word.kind, word.text): word for word in await words.of_guild(connection, guild_id)}
    names = set(before) | {(str(rule.kind), rule.text) for rule in rules}
    _check_count(names)
    new = [NewWord(str(rule.kind), rule.text, rule.reason, rule.trial) for rule in rules]
    await words.put(connection, guild_id, new, by, now)
    if len(rules) == 1:
        detail = {"kind": str(rules[0].kind), "text": rules[0].text, "trial": rules[0].trial}
        await audit.note(connection, guild_id, by, "word_added", detail, now)
    else:
        await audit.note(connection, guild_id, by, "words_imported", {"count": len(rules)}, now)


async def note_hits(
    connection: AsyncConnection, new: NewJob, verdict: Verdict, now: datetime
) -> None:
    """Remember what was found, for moderators; what is a month old is forgotten."""
    await words.forget_hits(connection, now - _KEPT)
    noted = sorted(verdict.found, key=lambda word: word.trial)[:_MOST_HITS]
    await words.note_hits(
        connection,
        noted,
        now,
        guild_id=new.guild_id or EVERYWHERE,
        interaction_id=new.interaction_id,
        person_id=new.requester_id,
        prompt=new.prompt,
    )


def _check_count(names: Iterable[tuple[str, str]]) -> None:
    kinds = [kind for kind, _ in names]
    if len(kinds) > MOST_RULES:
        raise Refusal(Sentence.of("There can be {limit} rules at most.", limit=MOST_RULES))
    if kinds.count(Kind.PATTERN) > MOST_PATTERNS:
        raise Refusal(Sentence.of("There can be {limit} patterns at most.", limit=MOST_PATTERNS))


def _matcher(word: Word) -> Matcher:
    return Matcher(Kind(word.kind), word.text)


def _judged(rules: Sequence[tuple[Word, Matcher]], texts: Sequence[str]) -> Verdict:
    prompts = [Prompt.read(each) for each in texts]
    return Verdict(tuple(w for w, m in rules if any(m.finds(prompt) for prompt in prompts)))


def _reason(word: Word) -> Sentence:
    if word.reason:
        # Moderators wrote it, in whatever language they speak there.
        return Sentence.row([text.plain(word.reason, 300)])
    return _NOWHERE_ALLOWED if word.guild_id == EVERYWHERE else _NOT_ALLOWED
