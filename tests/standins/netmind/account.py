"""One account of the API: its generations, how far each is, and its files. No I/O."""

import hashlib
import heapq
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import yarl

from bot.netmind.magic import HEAD_BYTES
from bot.sandbox.generation import Generation, Pace, Teller
from bot.sandbox.netmind import FIRST_MODEL_NUMBER, MODELS
from bot.sandbox.orders import (
    Kind,
    Order,
    Recipe,
    about_video,
    complaints,
    failure_text,
    video_link,
)
from bot.sandbox.shelf import StoredFile
from tests.standins.netmind.clock import Clock
from tests.standins.netmind.ledger import JSON, Ledger
from tests.standins.netmind.media import Content, media
from tests.standins.netmind.outcomes import WITHOUT_FILES, Outcome, Outcomes
from tests.standins.netmind.settings import Settings

_OTHER_CONTENTS = {"html": b"<html><body>Not here.</body></html>", "empty": b""}


@dataclass(frozen=True, slots=True)
class File:
    """A stored file; `owner` is the generation it came from, if it came from one."""

    label: StoredFile
    content: Content
    owner: str | None = None


@dataclass(slots=True)
class Made:
    """One generation that was paid for."""

    record: Generation
    outcome: Outcome
    config: JSON
    files: tuple[File, ...] = ()
    stranger: bool = False
    """It belongs to somebody else who uses the same account."""

    @property
    def prompt(self) -> str:
        return str(self.config.get("prompt", ""))

    def age(self, now: datetime) -> float:
        return (now - self.record.created_at).total_seconds()

    def shown(self, now: datetime) -> tuple[File, ...]:
        """Return the files that may be told of by now."""
        end, wait = self.record.ended_at, self.outcome.result_after
        if end is None or wait is None or now < end + timedelta(seconds=wait):
            return ()
        return self.files


class Account:
    """What the API knows. `base_url` is set once it is known where it listens."""

    def __init__(self, clock: Clock, ledger: Ledger, settings: Settings, seed: int) -> None:
        self.clock = clock
        self.ledger = ledger
        self.base_url = ""
        self._seed = seed
        self._first_settings = settings
        self.begin()

    def begin(self) -> None:
        """Begin anew: no generations, no files, the first settings, the same ids again."""
        self.settings = replace(self._first_settings)
        self.outcomes = Outcomes()
        self.generations: dict[str, Made] = {}
        self.files: dict[str, File] = {}
        self.links_made = 0
        """Links of an earlier number are dead."""
        self._random = random.Random(self._seed)
        self.user_id = self._new_id()
        self._ends: list[tuple[datetime, str]] = []
        self.running: set[str] = set()

    # Generations.

    def create(self, model: str, config: JSON, *, stranger: bool = False) -> Made:
        """Accept a generation; from now on it costs money. A bad config is found out only later."""
        recipe, now = MODELS[model], self.clock.now()
        outcome = Outcome() if stranger else self.outcomes.take(model)
        kind, found = self._judge(recipe, config)
        if found:
            outcome = replace(outcome, status="failed", logs=(failure_text(found),), endless=False)
        made = Made(self._record(model, kind, outcome, now), outcome, config, stranger=stranger)
        made.files = self._files(made, recipe)
        self.generations[made.record.id] = made
        self.running.add(made.record.id)
        if made.record.ended_at:
            heapq.heappush(self._ends, (made.record.ended_at, made.record.id))
        self._note("created", made, now, model=model)
        return made

    def _judge(self, recipe: Recipe, config: JSON) -> tuple[Kind, list[JSON]]:
        """Return what kind of file this config makes, and what is wrong with it."""
        link = video_link(recipe, config)
        film = self._input(link)
        found = [*complaints(recipe, config), *about_video(recipe, link, film)]
        return "video" if link else recipe.kind, found

    def _input(self, link: object) -> bytes | None:
        """Return the beginning of what a link of ours opens now; nobody else's is followed."""
        if not isinstance(link, str) or not link.startswith(f"{self.base_url}/files/"):
            return None
        url = yarl.URL(link)
        file = self.available(url.parts[-2])
        query = url.query
        opens = self.opens(url.parts[-2], query.get("dies", ""), query.get("signature", ""))
        return b"".join(file.content.pieces(HEAD_BYTES)) if file and opens else None

    def _record(self, model: str, kind: Kind, outcome: Outcome, now: datetime) -> Generation:
        usual = self.settings.pace(kind)
        pace = Pace(
            usual.pending if outcome.pending is None else outcome.pending,
            usual.making if outcome.making is None else outcome.making,
        )
        number = FIRST_MODEL_NUMBER + list(MODELS).index(model)
        new, backend = self._new_id(), self._new_id()
        record = Generation(model, number, Order(kind, "", 0), pace, now, new, backend)
        if not outcome.endless:
            record.settle(outcome.status, now=now, logs=outcome.logs)
        return record

    def delete(self, made: Made) -> None:
        """Delete it, with its files; a running one is not heard of again."""
        made.record.deleted_at = self.clock.now()
        self.running.discard(made.record.id)
        self._note("deleted", made, made.record.deleted_at)

    def find(self, generation_id: str) -> Made | None:
        """Return a generation that a look may see now."""
        made = self.generations.get(generation_id)
        if made is None or made.record.deleted_at is not None:
            return None
        return None if made.outcome.unfound(made.age(self.clock.now())) else made

    def listed(self) -> list[Made]:
        """Return what the list tells now, newest first."""
        now = self.clock.now()
        there = [
            made
            for made in reversed(self.generations.values())
            if made.record.deleted_at is None and not made.outcome.unlisted(made.age(now))
        ]
        return there[: self.settings.list_limit]

    def settle(self) -> None:
        """Write down what has ended by now."""
        now = self.clock.now()
        while self._ends and self._ends[0][0] <= now:
            end, generation_id = heapq.heappop(self._ends)
            if generation_id in self.running:
                self.running.discard(generation_id)
                made = self.generations[generation_id]
                self._note("ended", made, end, status=made.record.word)

    def next_end(self) -> float | None:
        """Seconds until the next generation ends."""
        return (self._ends[0][0] - self.clock.now()).total_seconds() if self._ends else None

    def _note(self, what: str, made: Made, at: datetime, **detail: object) -> None:
        if made.stranger:
            detail["stranger"] = True
        facts = {"generation_id": made.record.id, "prompt": made.prompt, "detail": detail}
        self.ledger.add(at, f"generation.{what}", **facts)

    # How it is told.

    def tell(self, made: Made) -> JSON:
        """Return the JSON of a generation, as it is now."""
        now = self.clock.now()
        wrong = timedelta(seconds=self.settings.clock_offset + made.outcome.clock_offset)
        shape = made.outcome.shape or self.settings.shape
        teller = Teller(shape, self.user_id, partial(self._link_of, made))
        record, files = _moved(made.record, wrong), made.shown(now)
        if files:
            record.file = files[0].label
        told = teller.tell(record, now + wrong)
        for file in files[1:] if shape != "A" else ():
            more = teller.tell(replace(record, file=file.label), now + wrong)
            told["result"]["data"] += more["result"]["data"]
        if made.outcome.running_word and told["status"] == "initializing":
            told["status"] = made.outcome.running_word
        return told

    # Files.

    def keep(self, label: StoredFile, content: Content, owner: str | None = None) -> File:
        """Store a file, in place of one with the same id."""
        file = self.files[label.id] = File(label, content, owner)
        return file

    def label(self, name: str, content_type: str) -> StoredFile:
        """Announce a file: an id for its name and type."""
        return StoredFile(name, content_type, b"", 0, id=f"file-{self._new_id()}")

    def available(self, file_id: str) -> File | None:
        """Return a file unless its generation is deleted."""
        file = self.files.get(file_id)
        owner = self.generations.get(file.owner) if file and file.owner else None
        return None if owner and owner.record.deleted_at is not None else file

    def link(self, label: StoredFile, life: float | None, *, path: str = "files") -> str:
        """Return an address that opens a file for so many seconds."""
        dies = 0 if life is None else int(self.clock.now().timestamp() + life)
        where = f"{path}/{self.user_id}/inference/{label.id}/{quote(label.name, safe='')}"
        return f"{self.base_url}/{where}?dies={dies}&signature={self._sign(label.id, dies)}"

    def opens(self, file_id: str, dies: str, signature: str) -> bool:
        """Whether the query of a link still opens this file."""
        if not dies.isdecimal() or signature != self._sign(file_id, int(dies)):
            return False
        return int(dies) == 0 or self.clock.now().timestamp() < int(dies)

    def _link_of(self, made: Made, label: StoredFile) -> str:
        return made.outcome.link or self.link(label, self.settings.link_life)

    def _sign(self, file_id: str, dies: int) -> str:
        secret = f"{self.user_id}:{self.links_made}:{file_id}:{dies}"
        return hashlib.sha256(secret.encode()).hexdigest()[:32]

    def _files(self, made: Made, recipe: Recipe) -> tuple[File, ...]:
        outcome, order = made.outcome, made.record.order
        if outcome.status in WITHOUT_FILES:
            return ()
        size = max(outcome.size, self.settings.file_size)
        files = []
        for number in range(outcome.files):
            label = self.label(outcome.name or order.file_name, order.content_type)
            other = _OTHER_CONTENTS.get(outcome.content)
            mark = f"{made.record.id}/{number}"
            whole = media(order.kind, mark, size, dubbed=order.kind != recipe.kind)
            content = whole if other is None else Content((other,))
            files.append(self.keep(label, content, made.record.id))
        return tuple(files)

    def _new_id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


def _moved(record: Generation, by: timedelta) -> Generation:
    """Return the record as a clock that goes wrong by so much would have it."""
    settled = record.settled_at
    return replace(
        record,
        created_at=record.created_at + by,
        settled_at=settled + by if settled else None,
        deleted_at=None,
    )
