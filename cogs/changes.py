"""/studio changes: what moderators have changed here, each with a button that undoes it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import border, messages, text
from bot.buttons import deaf
from bot.client import Foley
from bot.jobs.rules import UNDONE
from bot.language import Language, Sentence
from bot.speech import language_of
from cogs.answer import answer, promptly
from cogs.authority import check_manager
from cogs.studio import below_studio
from storage.audit import Entry

_SHOWN = 10
_WHAT = {
    "limit": Sentence("changed a limit"),
    "settings": Sentence("changed a setting"),
    "block": Sentence("blocked a person"),
    "unblock": Sentence("lifted a block"),
    "case": Sentence("decided a report"),
    "review": Sentence("decided a review"),
    "distrust": Sentence("trusts somebody no more"),
    "cancel": Sentence("cancelled a job"),
    "remove": Sentence("removed a result"),
    "word_added": Sentence("added a word"),
    "word_removed": Sentence("removed a word"),
    "words_imported": Sentence("imported words"),
}
_OTHER = Sentence("moderated")
_NAMES = {
    "at_once": Sentence("at once"),
    "per_day": Sentence("a day"),
    "longest": Sentence("longest"),
    "models": Sentence("models"),
    "cap_at_once": Sentence("all together, at once"),
    "cap_per_day": Sentence("all together, a day"),
    "time_zone": Sentence("time zone"),
    "appeal": Sentence("words to who is blocked"),
    "paused": Sentence("paused"),
    "channels": Sentence("channels"),
    "spoilers": Sentence("hidden results"),
    "route": Sentence("where results go"),
    "gallery_id": Sentence("gallery"),
    "voice": Sentence("voice messages"),
    "language": Sentence("language"),
    "log_channel_id": Sentence("channel for reports"),
    "review_prompts": Sentence("you are asked before it is made"),
    "review_results": Sentence("you are asked before it is posted"),
    "review_hours": Sentence("hours to decide"),
    "review_approves": Sentence("undecided is approved"),
    "look": Sentence("what does not look right"),
    "log_lines_since": Sentence("jobs as lines, since"),
    "look_closed": Sentence("what could not be looked at does not look right"),
}


_TEMPLATE = r"foley:change:undo:(?P<entry>[0-9]{1,18})"


class Undo(ui.DynamicItem[ui.Button[ui.View]], template=_TEMPLATE):
    """A button below the list, on a message of any age, made anew from its id."""

    def __init__(self, entry_id: int, label: str = "") -> None:
        super().__init__(
            ui.Button(
                label=label or None,
                emoji="↩️",
                custom_id=f"foley:change:undo:{entry_id}",
                style=discord.ButtonStyle.secondary,
            )
        )
        self.entry_id = entry_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003 - discord.py's signature
        item: ui.Item[ui.View],  # noqa: ARG003 - discord.py's signature
        match: re.Match[str],
    ) -> Self:
        """Read the button's id."""
        return cls(int(match["entry"]))

    async def callback(self, interaction: discord.Interaction[Foley]) -> None:  # type: ignore[override] # our client
        """Undo the change, and show the list as it is then."""
        try:
            await _undo(interaction, self.entry_id)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def _undo(interaction: discord.Interaction[Foley], entry_id: int) -> None:
    check_manager(interaction)
    rules, guild_id = interaction.client.services.rules, interaction.guild_id or 0

    async def work() -> Sequence[Entry]:
        await rules.undo(guild_id, interaction.user.id, entry_id)
        return await rules.changes(guild_id, _SHOWN)

    entries = await promptly(interaction, work(), thinking=False)
    embed, view = _list(entries, await language_of(interaction))
    if interaction.response.is_done():
        await interaction.edit_original_response(embed=embed, view=view)
    else:
        await interaction.response.edit_message(embed=embed, view=view)


async def show(interaction: discord.Interaction[Foley]) -> None:
    """Show what was changed."""
    work = interaction.client.services.rules.changes(interaction.guild_id or 0, _SHOWN)
    entries = await promptly(interaction, work, private=True)
    embed, view = _list(entries, await language_of(interaction))
    await answer(interaction, embed, view, private=True)


def _list(entries: Sequence[Entry], say: Language) -> tuple[discord.Embed, ui.View]:
    lines = [_line(number, entry, say) for number, entry in enumerate(entries, 1)]
    embed = discord.Embed(
        title=f"🗒️ {say('Changes')}",
        colour=int(messages.Colour.MAKING),
        description="\n".join(lines) or say("Nobody has changed anything yet."),
    )
    buttons = [
        Undo(entry.id, say("Undo {number}", number=number)).item
        for number, entry in enumerate(entries, 1)
        if entry.what in UNDONE
    ]
    return embed, deaf(buttons)


def _line(number: int, entry: Entry, say: Language) -> str:
    when = discord.utils.format_dt(entry.at, "R")
    what = say.say(_WHAT.get(entry.what, _OTHER))
    told = f"**{number}** <@{entry.by}> {what} {when}"
    return f"{told}\n> {detail}" if (detail := _detail(entry, say)) else told


def _detail(entry: Entry, say: Language) -> str:
    if person := entry.detail.get("person"):
        return f"<@{person}> {text.plain(str(entry.detail.get('reason') or ''), 100)}".strip()
    if (word := entry.detail.get("text", entry.detail.get("count"))) is not None:
        return text.plain(str(word), 100)
    before: Mapping[str, Any] = entry.detail.get("before", {})
    after: Mapping[str, Any] = entry.detail.get("after", {})
    changed = [
        f"{say.say(_NAMES[name])}: {_value(before.get(name))} → {_value(value)}"
        for name, value in after.items()
        if name in _NAMES and value != before.get(name)
    ]
    role = after.get("role_id")
    whose = [] if role is None else ["@everyone" if role == entry.guild_id else f"<@&{role}>"]
    return text.shorten(" · ".join([*whose, *changed]), 300)


def _value(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list):
        return text.plain(", ".join(map(str, value)), 80)
    return text.plain(str(value), 80)


async def setup(bot: Foley) -> None:
    """Load what is below /studio, and its buttons; discord.py calls this."""
    below_studio(
        bot,
        app_commands.Command(
            name="changes", description="What was changed here, and by whom", callback=show
        ),
    )
    bot.add_dynamic_items(Undo)


async def teardown(bot: commands.Bot) -> None:
    """Take the buttons away again."""
    bot.remove_dynamic_items(Undo)
