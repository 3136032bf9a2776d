"""Forms as Discord shows them: built of fields, read back, opened again as they were written."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import discord
from discord import ui

from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.desk import JobView
from bot.jobs.form import Field
from bot.language import Language, Sentence
from bot.speech import language_of
from cogs.answer import promptly
from cogs.cards import show_card

T = TypeVar("T")

# Seconds. A form has to be the first answer, and Discord waits three for that.
_PATIENCE = 2.0
_SLOW = Sentence("My memory is slow just now. Try again in a moment.")
# What was refused is shown again when the form is opened anew.
_DRAFTS = 500


class Drafts:
    """What people wrote into forms that were refused, by person and form; the latest only."""

    def __init__(self) -> None:
        self._written: OrderedDict[tuple[int, str], Mapping[str, str]] = OrderedDict()

    def get(self, person_id: int, form_id: str) -> Mapping[str, str]:
        """Return what was written into each field, by its key; nothing if nothing was kept."""
        return self._written.get((person_id, form_id), {})

    def keep(self, person_id: int, form_id: str, written: Mapping[str, str]) -> None:
        """Keep what was written."""
        self._written[person_id, form_id] = written
        while len(self._written) > _DRAFTS:
            self._written.popitem(last=False)

    def drop(self, person_id: int, form_id: str) -> None:
        """Forget what was written."""
        self._written.pop((person_id, form_id), None)


async def in_time(work: Awaitable[T]) -> T:
    """Return what has to be known before a form is shown. Raises Refusal if that takes long."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await work
    except TimeoutError as error:
        raise Refusal(_SLOW) from error


async def take(
    interaction: discord.Interaction[Foley],
    drafts: Drafts,
    form_id: str,
    written: Mapping[str, str],
    work: Awaitable[JobView],
) -> None:
    """Answer a form with the card of the job that it asks for; keep it if it is refused."""
    person_id = interaction.user.id
    try:
        view = await promptly(interaction, work)
    except Refusal as refusal:
        drafts.keep(person_id, form_id, written)
        await offer_again(interaction, form_id, refusal)
        return
    drafts.drop(person_id, form_id)
    await show_card(interaction, view)


def build(
    title: str, form_id: str, fields: Iterable[Field], draft: Mapping[str, str], say: Language
) -> ui.Modal:
    """Return a form; what stands in the draft goes before a field's own value."""
    modal = ui.Modal(title=title, custom_id=form_id)
    for field in fields:
        own = say.say(field.value) if isinstance(field.value, Sentence) else field.value
        modal.add_item(label(field, draft.get(field.key, own), say))
    modal.stop()  # its id says all, so the library need not remember it
    return modal


def label(field: Field, value: str, say: Language) -> ui.Label[ui.Modal]:
    """Return one field of a form with this in it."""
    name, about = say.say(field.label), field.description
    return ui.Label(
        text=f"{name[:1].upper()}{name[1:]}"[:45],
        description=None if about is None else say.say(about)[:100],
        component=_select(field, value, say) if field.choices else _text(field, value),
    )


def _text(field: Field, value: str) -> ui.TextInput[ui.Modal]:
    return ui.TextInput(
        custom_id=field.key,
        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
        default=value[: field.limit] or None,
        max_length=field.limit,
        required=field.required,
    )


def _select(field: Field, value: str, say: Language) -> ui.Select[ui.Modal]:
    options = [
        discord.SelectOption(label=say.word(choice)[:100], value=choice, default=choice == value)
        for choice in field.choices
    ]
    return ui.Select(custom_id=field.key, options=options, required=False, min_values=0)


def written(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what was written into each field of a form that was sent, by its key."""
    for outer in components:
        for item in [outer.get("component"), *outer.get("components", [])]:
            if item is not None:
                yield item["custom_id"], item.get("value") or "".join(item.get("values", []))


async def offer_again(
    interaction: discord.Interaction[Foley], form_id: str, refusal: Refusal
) -> None:
    """Say what is wrong, with a button that opens the form as it was sent."""
    say = await language_of(interaction)
    button: ui.Button[ui.View] = ui.Button(
        label=say("Open the form again"),
        style=discord.ButtonStyle.primary,
        custom_id=form_id,
    )
    words, view = refusal.said(say), deaf([button])
    if interaction.response.is_done():
        await interaction.followup.send(words, view=view, ephemeral=True)
    else:
        await interaction.response.send_message(words, view=view, ephemeral=True)
