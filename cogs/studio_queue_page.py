"""How a page of /studio queue looks. Made from values, without I/O."""

from collections.abc import Iterator
from dataclasses import dataclass

import discord
from discord import ui

from bot import messages, text
from bot.jobs.moderators import Seen
from bot.kinds import words_of
from bot.language import Language
from cogs.history_page import state_of
from cogs.layouts import deaf_layout
from storage.jobs import Job
from storage.routes import Route

PER_PAGE = 5
_PROMPT_SHOWN = 120


@dataclass(frozen=True)
class Page:
    """One page of what is under way; `number` counts from 0, `cancelled` was so just now."""

    number: int
    seen: Seen
    cancelled: int | None = None

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty list is one page too."""
        return max(1, -(-self.seen.count // PER_PAGE))


def layout(page: Page, say: Language) -> ui.LayoutView:
    """Draw a page."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=int(messages.Colour.MAKING))
    box.add_item(ui.TextDisplay("\n".join([f"## {say('Under way here')}", *_about(page, say)])))
    box.add_item(ui.Separator())
    for job, _ in page.seen.found:
        button: ui.Button[ui.LayoutView] = ui.Button(
            label=say("Cancel"), custom_id=f"foley:ending:{job.id}:{page.number}"
        )
        box.add_item(ui.Section(ui.TextDisplay(_told(job, say)), accessory=button))
    if not page.seen.found:
        box.add_item(ui.TextDisplay(say("Nothing is under way here.")))
    if page.pages > 1:
        box.add_item(ui.ActionRow(*_turning(page, say)))
    return deaf_layout(box)


def _about(page: Page, say: Language) -> Iterator[str]:
    if page.cancelled is not None:
        yield say("🚫 #{number} is cancelled.", number=page.cancelled)
    if page.seen.count:
        parts = [say.count("{count} job", "{count} jobs", page.seen.count)]
        if page.pages > 1:
            parts.append(say("page {page} of {pages}", page=page.number + 1, pages=page.pages))
        yield f"-# {' · '.join(parts)}"


def _told(job: Job, say: Language) -> str:
    private = job.route in {Route.PRIVATE, Route.DIRECT}
    parts = [
        f"#{job.id}",
        f"<@{job.requester_id}>",
        state_of(job, say),
        discord.utils.format_dt(job.created_at, "R"),
        *([say("🔒 for them alone")] if private else [f"<#{job.channel_id}>"]),
    ]
    prompt = text.plain(job.prompt, _PROMPT_SHOWN)
    return f"{words_of(job).icon} {prompt}\n-# {' · '.join(parts)}"


def _turning(page: Page, say: Language) -> Iterator[ui.Button[ui.LayoutView]]:
    yield ui.Button(
        emoji="◀️",
        label=say("Newer"),
        disabled=page.number == 0,
        custom_id=f"foley:running:prev:{max(0, page.number - 1)}",
    )
    yield ui.Button(
        emoji="▶️",
        label=say("Older"),
        disabled=page.number + 1 >= page.pages,
        custom_id=f"foley:running:next:{page.number + 1}",
    )
