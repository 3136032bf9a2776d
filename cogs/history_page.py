"""How a page of /jobs looks, and one job in it. Made from values, without I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import discord
from discord import ui

from bot import messages, text
from bot.buttons import Action, custom_id
from bot.jobs.reasons import Reason
from bot.kinds import words_of
from bot.language import COMMAND, Language, Sentence
from cogs.history_query import Filter, Query
from cogs.layouts import deaf_layout
from storage.deliveries import Delivery
from storage.jobs import Job
from storage.states import JobState

PER_PAGE = 5
_PROMPT_SHOWN = 120

_WORDS = {
    JobState.HELD: Sentence("⏸️ waits for a moderator"),
    JobState.QUEUED: Sentence("⏳ in the queue"),
    JobState.SUBMITTING: Sentence("⏳ in the queue"),
    JobState.UNCERTAIN: Sentence("⏳ in the queue"),
    JobState.GENERATING: Sentence("⚙️ being made"),
    JobState.FINISHED: Sentence("✅ done"),
    JobState.FAILED: Sentence("⚠️ failed"),
    JobState.CANCELLED: Sentence("🚫 cancelled"),
    JobState.REJECTED: Sentence("🚫 not approved"),
}
_KEPT = Sentence("🔒 kept for you")
_UNPOSTED = Sentence("⚠️ made, but not posted")
_DELETED = Sentence("🗑️ deleted")

FILTERS = {
    Filter.ALL: Sentence("All"),
    Filter.OPEN: Sentence("Under way"),
    Filter.DONE: Sentence("Done"),
    Filter.FAILED: Sentence("Failed"),
    Filter.CANCELLED: Sentence("Cancelled"),
}
_NONE_LIKE_THAT = Sentence("None of your jobs is like that. The menu below shows the others.")
_NO_STARS = Sentence("No stars here yet. The ⭐ button below a result puts it on this list.")
_NOT_FOUND = Sentence("None of your jobs has these words. `/jobs` without them lists all.")


@dataclass(frozen=True)
class Page:
    """One page of a person's jobs; `cut`: the words searched for did not fit whole."""

    query: Query
    found: Sequence[tuple[Job, Delivery | None]]
    count: int
    cut: bool = False

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty list is one page too."""
        return max(1, -(-self.count // PER_PAGE))


def layout(page: Page, kind: str, say: Language) -> ui.LayoutView:
    """Draw a page; `kind` is the command to try for who has no job yet."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=int(messages.Colour.MAKING))
    box.add_item(ui.TextDisplay("\n".join([f"## {say('Your jobs')}", *_about(page, say)])))
    box.add_item(ui.Separator())
    for job, delivery in page.found:
        box.add_item(
            ui.Section(ui.TextDisplay(_told(job, delivery, say)), accessory=_open(job, say))
        )
    if not page.found:
        box.add_item(ui.TextDisplay(_empty(page.query, kind, say)))
    box.add_item(ui.Separator())
    box.add_item(ui.ActionRow(_menu(page.query, say)))
    box.add_item(ui.ActionRow(*_buttons(page, say)))
    return deaf_layout(box)


def _about(page: Page, say: Language) -> Iterator[str]:
    words = text.plain(page.query.words, 100)
    if page.cut:
        yield "-# " + say("That is too long to search for; I look for “{words}”.", words=words)
    parts = [say.count("{count} job", "{count} jobs", page.count)] if page.count else []
    if page.pages > 1:
        parts.append(say("page {page} of {pages}", page=page.query.page + 1, pages=page.pages))
    if words and not page.cut:
        parts.append(say("with “{words}”", words=words))
    if parts:
        yield f"-# {' · '.join(parts)}"


def _told(job: Job, delivery: Delivery | None, say: Language) -> str:
    star = "⭐ " if job.starred_at else ""
    link = link_to(job, delivery)
    state = state_of(job, say)
    return "\n".join(
        [
            f"{words_of(job).icon} {star}{text.plain(job.prompt, _PROMPT_SHOWN)}",
            f"-# #{job.id} · {f'[{state}]({link})' if link else state} · "
            + discord.utils.format_dt(job.created_at, "R"),
        ]
    )


def state_of(job: Job, say: Language) -> str:
    """Say in a word or two what has become of a job."""
    if job.removed_at is not None:
        return say.say(_DELETED)
    if job.state is JobState.FINISHED and job.reason is not None:
        return say.say(_KEPT if job.reason == Reason.PRIVATE else _UNPOSTED)
    return say.say(_WORDS[job.state])


def link_to(job: Job, delivery: Delivery | None) -> str | None:
    """Return the jump link to the message that ended the job, if it is there."""
    if delivery is None or delivery.message_id is None or job.removed_at is not None:
        return None
    direct = job.guild_id is None or delivery.person_id is not None
    place = "@me" if direct else job.guild_id
    return f"https://discord.com/channels/{place}/{delivery.channel_id}/{delivery.message_id}"


def _empty(query: Query, kind: str, say: Language) -> str:
    if query.words:
        return say.say(_NOT_FOUND)
    if query.starred:
        return say.say(_NO_STARS)
    if query.state is not Filter.ALL:
        return say.say(_NONE_LIKE_THAT)
    return say(
        "None yet. Try `/{kind} prompt: wind over willow branches`.", kind=say.name(COMMAND, kind)
    )


def _open(job: Job, say: Language) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=say("Open"), custom_id=custom_id(Action.OPEN, job.id))


def _menu(query: Query, say: Language) -> ui.Select[ui.LayoutView]:
    return ui.Select(
        custom_id=query.custom_id("state"),
        options=[
            discord.SelectOption(label=say.say(words), value=value, default=value is query.state)
            for value, words in FILTERS.items()
        ],
    )


def _buttons(page: Page, say: Language) -> Iterator[ui.Button[ui.LayoutView]]:
    yield from _turning(page, say) if page.pages > 1 else ()
    query = page.query
    yield ui.Button(
        emoji="⭐",
        label=say("Stars"),
        style=discord.ButtonStyle.primary if query.starred else discord.ButtonStyle.secondary,
        custom_id=replace(query, page=0, starred=not query.starred).custom_id("stars"),
    )


def _turning(page: Page, say: Language) -> Iterator[ui.Button[ui.LayoutView]]:
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
