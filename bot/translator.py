"""The names and descriptions of commands in the languages that Discord shows them in."""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot import text
from bot.language import COMMAND, MENU, OPTION, Language, Sentence, language, to_discord

_CONTEXTS = {
    Location.command_name: COMMAND,
    Location.group_name: COMMAND,
    Location.parameter_name: OPTION,
}
# What Discord takes of a description and of a choice, in characters.
_LIMIT = 100
_LATER = "sentence"


def said_later(sentence: Sentence) -> app_commands.locale_str:
    """Return a sentence with values for a place where discord.py takes words to be translated."""
    return app_commands.locale_str(text.shorten(str(sentence), _LIMIT), **{_LATER: sentence})


def context_of(context: app_commands.TranslationContextTypes) -> str | None:
    """Return gettext's context for something that Discord shows; None: it is no name."""
    if isinstance(context.data, app_commands.ContextMenu):
        return MENU
    return _CONTEXTS.get(context.location)


def sentence_of(string: app_commands.locale_str) -> Sentence:
    """Return what is to be said where no name stands."""
    later = string.extras.get(_LATER)
    return later if isinstance(later, Sentence) else Sentence(string.message)


class Translator(app_commands.Translator):
    """Says them in the languages of our files; where nothing is written, the English stays."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the words for people whose Discord is set to this locale; None: the English."""
        code = to_discord().get(locale.value)
        if code is None:
            return None
        said = _said(language(code), string, context_of(context))
        return None if said == string.message else said


def _said(say: Language, string: app_commands.locale_str, context: str | None) -> str:
    if context is not None:
        return say.name(context, string.message)
    return text.shorten(say.say(sentence_of(string)), _LIMIT)
