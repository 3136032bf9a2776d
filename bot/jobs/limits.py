"""What a person may ask for: decided from what their roles say, without I/O."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot import text
from bot.language import Sentence
from bot.netmind.model import Model
from storage.jobs import Job
from storage.limits import Limit, Usage

NO_LIMIT = 0
"""Said of a number: as much as anybody likes."""


class Whose(StrEnum):
    """Whose limit it is."""

    PERSON = "person"
    """This person's in this guild, by their roles."""
    GUILD = "guild"
    """That of all people in this guild together."""
    BOT = "bot"
    """Everybody's, over all guilds; the operator's."""


@dataclass(frozen=True)
class Allowed:
    """What may be asked for; None: as much as anybody likes. `longest` is in seconds."""

    at_once: int | None = None
    per_day: int | None = None
    longest: int | None = None
    models: frozenset[str] | None = None


@dataclass(frozen=True)
class Over:
    """One more would be more than `limit`. `today`: it is the day's, else what is open."""

    whose: Whose
    limit: int
    today: bool


def best(said: Iterable[Limit], roles: Collection[int]) -> Allowed:
    """Return the best of what a person's roles say, each thing by itself."""
    own = [limit for limit in said if limit.role_id in roles]
    models = [limit.models for limit in own if limit.models is not None]
    return Allowed(
        at_once=_largest(limit.at_once for limit in own),
        per_day=_largest(limit.per_day for limit in own),
        longest=_largest(limit.longest for limit in own),
        models=frozenset().union(*models) if models else None,
    )


def _largest(numbers: Iterable[int | None]) -> int | None:
    said = [number for number in numbers if number is not None]
    return None if not said or NO_LIMIT in said else max(said)


def day(now: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """Return when the day began in that zone, and when it ends, both in UTC."""
    begin = now.astimezone(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    # The zone's own calendar: a day has 23 or 25 hours twice a year.
    return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)


def over(allowed: Allowed, used: Usage, whose: Whose) -> Over | None:
    """Tell which limit is exceeded; the new job is counted in already."""
    if allowed.per_day is not None and used.today > allowed.per_day:
        return Over(whose, allowed.per_day, today=True)
    if allowed.at_once is not None and used.at_once > allowed.at_once:
        return Over(whose, allowed.at_once, today=False)
    return None


def not_allowed(
    allowed: Allowed, job: Job, model: Model, models: Sequence[Model]
) -> Sentence | None:
    """Say why this person may not ask for this at all; None: they may."""
    if allowed.models is not None and model.key not in allowed.models:
        others = [Sentence(each.title) for each in models if each.key in allowed.models]
        if not others:
            return Sentence.of("Your roles here do not allow {model}.", model=Sentence(model.title))
        return Sentence.of(
            "Your roles here do not allow {model}. They allow: {models}.",
            model=Sentence(model.title),
            models=Sentence.row(others),
        )
    seconds = model.seconds(job.options)
    if allowed.longest is not None and seconds is not None and seconds > allowed.longest:
        return Sentence.of(
            "That is longer than your roles here allow: {time} at most.",
            time=text.seconds(allowed.longest),
        )
    return None


_TODAY = {
    Whose.PERSON: Sentence("You have asked for {limit} today, which is your limit here."),
    Whose.GUILD: Sentence("This server has asked for {limit} today, which is its limit."),
    Whose.BOT: Sentence("You have asked for {limit} today, which is the limit of this bot."),
}
_AT_ONCE = {
    Whose.PERSON: Sentence("You have {limit} under way, which is your limit here."),
    Whose.GUILD: Sentence("This server has {limit} under way, which is its limit."),
    Whose.BOT: Sentence("You have {limit} under way, which is the limit of this bot."),
}


def refusal(over: Over, frees: Sentence) -> Sentence:
    """Say which limit it is and when it frees."""
    words = (_TODAY if over.today else _AT_ONCE)[over.whose]
    return Sentence.of(
        "{limit} {frees}", limit=Sentence.of(words.template, limit=over.limit), frees=frees
    )
