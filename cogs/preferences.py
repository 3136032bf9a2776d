"""/preferences: what a person chooses for all their jobs. Only they see it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import border, messages
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs import form
from bot.jobs.choices import MODEL
from bot.kinds import words_for
from bot.language import LANGUAGES, Language, Sentence, language, spoken
from bot.netmind.catalog import Catalog
from bot.netmind.model import Model
from bot.speech import locale_of
from cogs import modal
from cogs.answer import answer, promptly
from cogs.modal import Drafts
from storage.people import Preferences

_ID = re.compile(r"foley:pref:(?P<name>[a-z]+)(?::(?P<value>[a-z0-9_-]{1,32}))?")
_OWN_LANGUAGE = "discord"
_YES, _NO = Sentence("yes"), Sentence("no")
# What the menu's values stand for.
_DIRECT = {"yes": True, "no": False, "ask": None}
_DIRECT_WORDS = {
    "yes": Sentence("Private results come by direct message"),
    "no": Sentence("Private results wait for me in /job"),
    "ask": Sentence("Private results: ask me"),
}
_NO_MODEL = Sentence("There is no model of this kind here any more.")
# Discord takes five buttons in a row, and so many characters in a field.
_ROWS_FROM, _PER_ROW, _BUTTONS = 3, 5, 10
_FIELD = 1024


class PreferencesCog(commands.Cog, name="Preferences"):
    """Shows a person's preferences and changes them."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.services = bot.services
        self.drafts = Drafts()

    @app_commands.command(
        name="preferences", description="Your language, privacy and usual options"
    )
    async def show(self, interaction: discord.Interaction[Foley]) -> None:
        """Show the panel."""
        chosen = await promptly(
            interaction, self.services.choices.of_person(interaction.user.id), private=True
        )
        embed, view = self._panel(chosen, locale_of(interaction))
        await answer(interaction, embed, view, private=True)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Take a click on the panel, or a form that was sent. They are known by their ids."""
        data: Mapping[str, Any] = interaction.data or {}
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        if match is None:
            return
        try:
            await self._take(interaction, match["name"], match["value"] or "", data)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _take(
        self,
        interaction: discord.Interaction[Foley],
        name: str,
        value: str,
        data: Mapping[str, Any],
    ) -> None:
        if name == "usual" and interaction.type is not discord.InteractionType.modal_submit:
            await self._open_form(interaction, value)
            return
        work = self._change(interaction, name, value, data)
        try:
            chosen = await promptly(interaction, work, thinking=False)
        except Refusal as refusal:
            await modal.offer_again(interaction, _form_id(value), refusal)
            return
        embed, view = self._panel(chosen, locale_of(interaction))
        # The form may have been opened from the message that said what was wrong.
        if interaction.response.is_done():
            await interaction.edit_original_response(content=None, embed=embed, view=view)
        else:
            await interaction.response.edit_message(content=None, embed=embed, view=view)

    async def _change(
        self,
        interaction: discord.Interaction[Foley],
        name: str,
        value: str,
        data: Mapping[str, Any],
    ) -> Preferences:
        person = interaction.user.id
        picked = "".join(data.get("values", ()))
        match name:
            case "language":
                chosen = picked if picked in LANGUAGES else None
                await self.services.choices.prefer(person, language=chosen)
            case "direct" if _DIRECT.get(picked) is not None:
                await self.services.choices.agree(person, agreed=picked == "yes")
            case "direct":
                await self.services.choices.prefer(person, direct=None)
            case "mention" | "private":
                await self.services.choices.prefer(person, **{name: value == "yes"})
            case "usual":
                await self._take_usual(person, value, dict(modal.written(data["components"])))
        return await self.services.choices.of_person(person)

    async def _take_usual(self, person_id: int, kind: str, given: Mapping[str, str]) -> None:
        """Keep what was written as the usual options. Raises Refusal."""
        self.drafts.keep(person_id, _form_id(kind), given)
        models = _models(self.bot.catalog, kind)
        asked = form.read(models, models[0], given)
        model = next(each for each in models if each.key == asked.model)
        form.check_options(model, asked.options)
        # The first model is everybody's; naming it would keep the person from a later one.
        own = {} if model is models[0] else {MODEL: model.key}
        await self.services.choices.set_defaults(person_id, kind, own | dict(asked.options))
        self.drafts.drop(person_id, _form_id(kind))

    async def _open_form(self, interaction: discord.Interaction[Foley], kind: str) -> None:
        models = _models(self.bot.catalog, kind)
        chosen = await modal.in_time(self.services.choices.of_person(interaction.user.id))
        say = language(chosen.language or locale_of(interaction))
        usual = chosen.defaults.get(kind, {})
        model = _usual_model(models, usual)
        title = say("Your usual options: {kind}", kind=say.say(words_for(kind).name))
        every = form.fields(model, models, "", usual)
        form_id = _form_id(kind)
        draft = self.drafts.get(interaction.user.id, form_id)
        fields = [each for each in every if each.key != form.PROMPT]
        built = modal.build(title[:45], form_id, fields, draft, say)
        await interaction.response.send_modal(built)

    def _panel(self, chosen: Preferences, locale: str) -> tuple[discord.Embed, ui.View]:
        say = language(chosen.language or locale)
        embed = discord.Embed(
            title=f"⚙️ {say('Your preferences')}",
            colour=int(messages.Colour.MAKING),
            description="\n".join(_lines(chosen, say)),
        )
        kinds = self.bot.catalog.kinds()[:_BUTTONS]
        for kind in kinds:
            usual = chosen.defaults.get(kind, {})
            words = words_for(kind)
            embed.add_field(
                name=f"{words.icon} {say.say(words.name)}",
                value=self._listed(kind, usual, say) or say("As the model has them"),
            )
        return embed, deaf(
            [
                _languages(chosen, say),
                _direct(chosen, say),
                _switch("mention", say("Mention me"), say, on=chosen.mention),
                _switch("private", say("Private"), say, on=chosen.private),
                *(
                    _usual_button(kind, _ROWS_FROM + number // _PER_ROW, say)
                    for number, kind in enumerate(kinds)
                ),
            ]
        )

    def _listed(self, kind: str, usual: Mapping[str, Any], say: Language) -> str:
        """Write down what still holds: a model may have left the catalogue, or changed."""
        model = _usual_model(_models(self.bot.catalog, kind), usual)
        holds = {key: value for key, value in usual.items() if _fits(model, key, value)}
        named = {MODEL: say.word(model.title)} if usual.get(MODEL) == model.key else {}
        return messages.listed(named | holds, model.options, say)[:_FIELD]


def _form_id(kind: str) -> str:
    return f"foley:pref:usual:{kind}"


def _models(catalog: Catalog, kind: str) -> Sequence[Model]:
    models = catalog.of_kind(kind)
    if not models:
        raise Refusal(_NO_MODEL)
    return models


def _usual_model(models: Sequence[Model], usual: Mapping[str, Any]) -> Model:
    return next((each for each in models if each.key == usual.get(MODEL)), models[0])


def _fits(model: Model, key: str, value: object) -> bool:
    return key in model.options and model.options[key].problem(value) is None


def _lines(chosen: Preferences, say: Language) -> list[str]:
    spoken_to = LANGUAGES.get(chosen.language or "", say("as your Discord"))
    direct = say("I ask you") if chosen.direct is None else _word(say, on=chosen.direct)
    return [
        say("Language: **{language}**", language=spoken_to),
        say("Mention you when it is ready: **{choice}**", choice=_word(say, on=chosen.mention)),
        say("Only you get your results: **{choice}**", choice=_word(say, on=chosen.private)),
        say("Private results come by direct message: **{choice}**", choice=direct),
    ]


def _word(say: Language, *, on: bool) -> str:
    return say.say(_YES if on else _NO)


def _languages(chosen: Preferences, say: Language) -> ui.Select[ui.View]:
    own = discord.SelectOption(
        label=say("Language: as my Discord"), value=_OWN_LANGUAGE, default=chosen.language is None
    )
    others = [
        discord.SelectOption(label=LANGUAGES[code], value=code, default=chosen.language == code)
        for code in spoken()
    ]
    return ui.Select(custom_id="foley:pref:language", options=[own, *others], row=0)


def _switch(name: str, words: str, say: Language, *, on: bool) -> ui.Button[ui.View]:
    """Return a button that says what it is now, and turns it round."""
    return ui.Button(
        label=f"{words}: {_word(say, on=on)}"[:80],
        style=discord.ButtonStyle.success if on else discord.ButtonStyle.secondary,
        custom_id=f"foley:pref:{name}:{'no' if on else 'yes'}",
        row=2,
    )


def _direct(chosen: Preferences, say: Language) -> ui.Select[ui.View]:
    options = [
        discord.SelectOption(
            label=say.say(words)[:100], value=value, default=chosen.direct is _DIRECT[value]
        )
        for value, words in _DIRECT_WORDS.items()
    ]
    return ui.Select(custom_id="foley:pref:direct", options=options, row=1)


def _usual_button(kind: str, row: int, say: Language) -> ui.Button[ui.View]:
    words = words_for(kind)
    return ui.Button(
        label=say("Usual options: {kind}", kind=say.say(words.name))[:80],
        emoji=words.icon,
        row=row,
        custom_id=_form_id(kind),
    )


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(PreferencesCog(bot))
