"""How a page of /studio log looks. Made from values, without I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import discord
from discord import ui

from bot import messages, text
from bot.jobs.moderators import Seen
from bot.jobs.reasons import Reason
from bot.kinds import words_of
from bot.language import Language, Sentence
from bot.log_line import link_to
from cogs.history_page import FILTERS, state_of
from cogs.history_query import Filter
from cogs.layouts import deaf_layout
from cogs.studio_log_query import LogQuery
from storage.audit import Entry
from storage.deliveries import Delivery
from storage.jobs import Job
from storage.states import JobState

PER_PAGE = 5
_PROMPT_SHOWN = 120
_DONE_SHOWN = 5
_REASON_SHOWN = 100

_DONE = {
    "cancel": Sentence("cancelled it"),
    "remove": Sentence("removed it"),
    "case": Sentence("decided a report about it"),
    "review": Sentence("decided a review of it"),
}
_OTHER = Sentence("moderated it")


@dataclass(frozen=True)
class LogPage:
    """One page of a guild's jobs."""

    query: LogQuery
    seen: Seen

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty list is one page too."""
        return max(1, -(-self.seen.count // PER_PAGE))


def layout(page: LogPage, say: Language) -> ui.LayoutView:
    """Draw a page."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=int(messages.Colour.MAKING))
    box.add_item(
        ui.TextDisplay("\n".join([f"## {say('Jobs of this server')}", *_about(page, say)]))
    )
    box.add_item(ui.Separator())
    for job, told in page.seen.found:
        lines = [_told(job, told, say), *_done(page.seen.done.get(job.id, ()), say)]
        box.add_item(ui.TextDisplay("\n".join(lines)))
    if not page.seen.found:
        box.add_item(ui.TextDisplay(say("There is no such job.")))
    if page.pages > 1:
        box.add_item(ui.ActionRow(*_turning(page, say)))
    return deaf_layout(box)


def _about(page: LogPage, say: Language) -> Iterator[str]:
    query = page.query
    words = text.plain(query.words_shown, 100)
    if query.cut:
        yield "-# " + say("That is too long to search for; I look for “{words}”.", words=words)
    parts = [say.count("{count} job", "{count} jobs", page.seen.count)]
    if page.pages > 1:
        parts.append(say("page {page} of {pages}", page=query.page + 1, pages=page.pages))
    parts += _narrowed(query, say)
    yield f"-# {' · '.join(parts)}"


def _narrowed(query: LogQuery, say: Language) -> Iterator[str]:
    """Say which jobs are looked for."""
    if query.person_id is not None:
        yield f"<@{query.person_id}>"
    if query.state is not Filter.ALL:
        yield say.say(FILTERS[query.state])
    if query.model:
        yield text.plain(query.model_shown, 64)
    if query.days:
        yield say.count("the last day", "the last {count} days", query.days)
    if query.words_shown:
        yield say("with “{words}”", words=text.plain(query.words_shown, 100))


def _told(job: Job, told: Delivery | None, say: Language) -> str:
    state, link = _state(job, say), link_to(job, told)
    parts = [
        f"#{job.id}",
        f"<@{job.requester_id}>",
        f"[{state}]({link})" if link else state,
        discord.utils.format_dt(job.created_at, "R"),
        text.plain(job.model, 64),
    ]
    prompt = text.plain(job.prompt, _PROMPT_SHOWN)
    return f"{words_of(job).icon} {prompt}\n-# {' · '.join(parts)}"


def _state(job: Job, say: Language) -> str:
    kept = job.state is JobState.FINISHED and job.reason == Reason.PRIVATE
    return say("🔒 for them alone") if kept and job.removed_at is None else state_of(job, say)


def _done(entries: Sequence[Entry], say: Language) -> Iterator[str]:
    """Say what moderators did about a job."""
    for entry in entries[-_DONE_SHOWN:]:
        when = discord.utils.format_dt(entry.at, "R")
        line = f"-# 🛡️ <@{entry.by}> {say.say(_DONE.get(entry.what, _OTHER))} {when}"
        reason = text.plain(str(entry.detail.get("reason") or ""), _REASON_SHOWN)
        yield f"{line}: {reason}" if reason else line


def _turning(page: LogPage, say: Language) -> Iterator[ui.Button[ui.LayoutView]]:
    query = page.query
    yield ui.Button(
        emoji="◀️",
        label=say("Newer"),
        disabled=query.page == 0,
        custom_id=replace(query, page=max(0, query.page - 1)).custom_id("prev"),
    )
    yield ui.Button(
        emoji="▶️",
        label=say("Older"),
        disabled=query.page + 1 >= page.pages,
        custom_id=replace(query, page=query.page + 1).custom_id("next"),
    )
