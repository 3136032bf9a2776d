"""The panel of /studio settings, drawn: three pages of buttons and selects, each with its state."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord
from discord import SelectDefaultValueType as Kind
from discord import ui

from bot import messages
from bot.language import LANGUAGES, Language, Sentence, spoken
from bot.netmind.model import Model
from cogs.layouts import deaf_layout
from cogs.reviewing import ENDS, LOOKS
from cogs.studio import OWN_LANGUAGE, WHERE
from storage.guilds import GuildSettings

# Discord takes so many values of a select.
MOST = 25

PLACES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.category,
)
WRITTEN = (discord.ChannelType.text, discord.ChannelType.news)
GALLERIES = (*WRITTEN, discord.ChannelType.forum)


class Part(StrEnum):
    """A page of the panel."""

    USE = "use"
    RESULTS = "results"
    MODERATORS = "moderators"


_TITLES = {
    Part.USE: Sentence("Use"),
    Part.RESULTS: Sentence("Results"),
    Part.MODERATORS: Sentence("Moderators"),
}


@dataclass(frozen=True)
class Panel:
    """What the panel shows. `models` None: everybody may use all; `roles`: ids that are roles'."""

    part: Part
    settings: GuildSettings
    offered: Sequence[Model]
    models: Collection[str] | None
    roles: frozenset[int]
    note: Sentence | None = None


Box = ui.Container[ui.LayoutView]


def layout(panel: Panel, say: Language) -> ui.LayoutView:
    """Draw a page."""
    box: Box = ui.Container(accent_colour=int(messages.Colour.MAKING))
    box.add_item(ui.TextDisplay(f"## 🎛️ {say('This server')}"))
    box.add_item(_row(_tab(part, panel.part, say) for part in Part))
    box.add_item(ui.Separator())
    _PAGES[panel.part](box, panel, say)
    if panel.note is not None:
        box.add_item(ui.TextDisplay(f"⚠️ {say.say(panel.note)}"))
    return deaf_layout(box)


def _use(box: Box, panel: Panel, say: Language) -> None:
    settings = panel.settings
    paused = say("I am **paused**.") if settings.paused else say("I am **open**.")
    box.add_item(ui.TextDisplay(paused))
    box.add_item(_row([_switch(panel, "paused", settings.paused, say("Pause"), say("Go on"))]))
    title = say("**Where I may be used**")
    _channels(box, panel, "channels", title, settings.channels, PLACES, none=say("everywhere"))
    title = say("**Models that everybody may use**")
    _choice(
        box,
        panel,
        "models",
        title,
        {model.key: say.word(model.title) for model in panel.offered},
        panel.models or (),
        several=True,
        none=say("all models"),
    )
    places = [each for each in settings.spoilers or () if each not in panel.roles]
    title = say("**Channels whose results are hidden** until somebody looks")
    _channels(box, panel, "spoiler_channels", title, places, PLACES, none=say("none"))
    roles = [each for each in settings.spoilers or () if each in panel.roles]
    box.add_item(ui.TextDisplay(say("**Roles whose results are hidden**")))
    box.add_item(
        _row(
            [
                ui.RoleSelect(
                    custom_id=_id(panel, "spoiler_roles"),
                    placeholder=say("none"),
                    min_values=0,
                    max_values=MOST,
                    default_values=_defaults(roles, Kind.role),
                )
            ]
        )
    )


def _results(box: Box, panel: Panel, say: Language) -> None:
    settings = panel.settings
    routes = {str(key): say.say(words) for key, words in WHERE.items()}
    _choice(box, panel, "route", say("**Where results go**"), routes, [settings.route])
    gallery = [] if settings.gallery_id is None else [settings.gallery_id]
    title = say("**The gallery**, a channel or forum")
    _channels(box, panel, "gallery_id", title, gallery, GALLERIES, none=say("none"), most=1)
    languages = {
        OWN_LANGUAGE: say("everybody's own"),
        **{code: LANGUAGES[code] for code in spoken()},
    }
    title = say("**The language** of what everybody reads")
    _choice(box, panel, "language", title, languages, [settings.language or OWN_LANGUAGE])
    how = (
        say("Sounds come as **voice messages**.")
        if settings.voice
        else say("Sounds come as **files**, each with a picture.")
    )
    box.add_item(ui.TextDisplay(how))
    box.add_item(
        _row([_switch(panel, "voice", settings.voice, say("Voice messages"), say("Files"))])
    )


def _moderators(box: Box, panel: Panel, say: Language) -> None:
    settings = panel.settings
    told = [] if settings.log_channel_id is None else [settings.log_channel_id]
    title = say("**Your channel**, for reports and for what waits for you")
    _channels(box, panel, "log_channel_id", title, told, WRITTEN, none=say("none"), most=1)
    asked = [
        (settings.review_prompts, say("You approve requests before anything is made.")),
        (settings.review_results, say("You approve results before they are posted.")),
    ]
    lines = [f"{'✅' if on else '▫️'} {words}" for on, words in asked]
    end = say.say(ENDS[settings.review_approves])
    lines.append(
        "-# "
        + say(
            "What you have not decided after {count} hours is **{end}**",
            count=settings.review_hours,
            end=end,
        )
    )
    box.add_item(ui.TextDisplay("\n".join(lines)))
    requests, results = say("Requests"), say("Results")
    box.add_item(
        _row(
            [
                _switch(panel, "review_prompts", settings.review_prompts, requests, requests),
                _switch(panel, "review_results", settings.review_results, results, results),
                _switch(
                    panel,
                    "review_approves",
                    settings.review_approves,
                    say("Approve what is left"),
                    say("Reject what is left"),
                ),
            ]
        )
    )
    looks = {str(key): say.say(words) for key, words in LOOKS.items()}
    title = say("**Results that do not look right** are")
    _choice(box, panel, "look", title, looks, [settings.look])
    lined = (
        say("Each job is a line in your channel.")
        if settings.log_lines_since
        else say("Jobs are not written into your channel.")
    )
    box.add_item(ui.TextDisplay(lined))
    on = settings.log_lines_since is not None
    box.add_item(
        _row(
            [
                _switch(panel, "log_lines", on, say("Write each job"), say("Write no jobs")),
                _form_button(say("Numbers and words")),
            ]
        )
    )


_PAGES = {Part.USE: _use, Part.RESULTS: _results, Part.MODERATORS: _moderators}


def _id(panel: Panel, name: str) -> str:
    return f"foley:panel:{panel.part}:{name}"


def _tab(part: Part, shown: Part, say: Language) -> ui.Button[ui.LayoutView]:
    return ui.Button(
        label=say.say(_TITLES[part]),
        style=discord.ButtonStyle.primary if part is shown else discord.ButtonStyle.secondary,
        custom_id=f"foley:panel:{part}",
    )


def _switch(panel: Panel, name: str, on: object, turn_on: str, turn_off: str) -> ui.Button:  # type: ignore[type-arg] # of any view
    """Return a button whose id says what it leads to: two clicks are as good as one."""
    return ui.Button(
        label=turn_off if on else turn_on,
        style=discord.ButtonStyle.success if on else discord.ButtonStyle.secondary,
        custom_id=f"{_id(panel, name)}:{int(not on)}",
    )


def _form_button(label: str) -> ui.Button:  # type: ignore[type-arg] # of any view
    return ui.Button(label=label, emoji="✏️", custom_id="foley:numbers")


def _row(items: Iterable[ui.Item]) -> ui.ActionRow:  # type: ignore[type-arg] # of any view
    return ui.ActionRow(*items)


def _choice(  # noqa: PLR0917 - each is another thing
    box: Box,
    panel: Panel,
    name: str,
    title: str,
    choices: dict[str, str],
    chosen: Collection[str],
    *,
    several: bool = False,
    none: str | None = None,
) -> None:
    options = [
        discord.SelectOption(label=label[:100], value=value, default=value in chosen)
        for value, label in list(choices.items())[:MOST]
    ]
    box.add_item(ui.TextDisplay(title))
    select: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=_id(panel, name),
        options=options,
        placeholder=none,
        min_values=0 if several else 1,
        max_values=len(options) if several else 1,
    )
    box.add_item(_row([select]))


def _channels(  # noqa: PLR0917 - each is another thing
    box: Box,
    panel: Panel,
    name: str,
    title: str,
    chosen: Collection[int] | None,
    kinds: Sequence[discord.ChannelType],
    *,
    none: str,
    most: int = MOST,
) -> None:
    box.add_item(ui.TextDisplay(title))
    select: ui.ChannelSelect[ui.LayoutView] = ui.ChannelSelect(
        custom_id=_id(panel, name),
        channel_types=list(kinds),
        placeholder=none,
        min_values=0,
        max_values=most,
        default_values=_defaults(chosen or (), Kind.channel),
    )
    box.add_item(_row([select]))


def _defaults(ids: Collection[int], kind: Kind) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=each, type=kind) for each in list(ids)[:MOST]]
