"""/studio words: what moderators do not want in prompts."""

import io
from collections.abc import Iterable

import discord
from discord import app_commands

from bot import messages, text
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.vocabulary import rule_of
from bot.language import Language, Sentence
from bot.moderation.words import LONGEST_PATTERN, LONGEST_REASON, Kind, Rule, write_file
from bot.speech import language_of
from cogs.answer import NO_ANSWER, answer, promptly
from cogs.studio import below_studio
from storage.words import EVERYWHERE, Hit, Word

_KINDS = {
    Kind.WORD: Sentence("a whole word"),
    Kind.PLAIN: Sentence("letters anywhere, within words too"),
    Kind.WILDCARD: Sentence("a word with * for any letters and ? for one"),
    Kind.PATTERN: Sentence("a pattern (RE2)"),
}
_SHOWN = 25
_HITS_SHOWN = 10
_PROMPT_SHOWN = 120
# Bytes; 2,000 rules of the greatest length fit.
_LARGEST_FILE = 1 << 20
# Discord takes no more choices, and no longer ones.
_MOST_CHOICES = 25
_LONGEST_CHOICE = 100

_NO_RULE = Sentence("There is no such rule. Choose one from the list.")


class Words(app_commands.Group):
    """A guild's rules about words."""

    def __init__(self, bot: Foley) -> None:
        super().__init__(name="words", description="Words that nobody may use in a prompt here")
        self.services = bot.services

    @app_commands.command(name="add", description="Do not allow a word")
    @app_commands.describe(
        word="What is not allowed",
        kind="How it is looked for; usually as a whole word",
        reason="What people read instead of the word",
        trial="Only note what it finds, and let it be made",
    )
    @app_commands.choices(
        kind=[app_commands.Choice(name=str(words), value=key) for key, words in _KINDS.items()]
    )
    async def add(
        self,
        interaction: discord.Interaction[Foley],
        word: app_commands.Range[str, 1, LONGEST_PATTERN],
        kind: str = Kind.WORD,
        reason: app_commands.Range[str, 0, LONGEST_REASON] = "",
        trial: bool = False,  # noqa: FBT001, FBT002 - Discord's parameter
    ) -> None:
        """Keep a rule. Raises Refusal."""
        meant = next((each for each in Kind if each == kind), Kind.WORD)
        rule = Rule(meant, word.strip(), " ".join(reason.split()), trial=trial)
        work = self.services.vocabulary.add(interaction.guild_id or 0, rule, interaction.user.id)
        await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        await _tell(interaction, say("Added"), [_line(rule, say)])

    @app_commands.command(name="remove", description="Allow a word again")
    @app_commands.describe(rule="Which rule")
    async def remove(self, interaction: discord.Interaction[Foley], rule: str) -> None:
        """Forget a rule. Raises Refusal."""
        if not (rule.isascii() and rule.isdecimal() and len(rule) < 19):  # noqa: PLR2004 - 64 bits
            raise Refusal(_NO_RULE)
        work = self.services.vocabulary.remove(
            interaction.guild_id or 0, int(rule), interaction.user.id
        )
        word = await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        await _tell(interaction, say("Removed"), [_line(rule_of(word), say)])

    @remove.autocomplete("rule")
    async def suggest(
        self, interaction: discord.Interaction[Foley], current: str
    ) -> list[app_commands.Choice[str]]:
        """Suggest the rules that have these letters."""
        if interaction.guild_id is None:
            return []  # those of no server are the operator's
        every = await self.services.vocabulary.of_guild(interaction.guild_id)
        found = [word for word in every if current.casefold() in word.text.casefold()]
        return [
            app_commands.Choice(
                name=text.visible(f"{word.text} ({word.kind})", _LONGEST_CHOICE), value=str(word.id)
            )
            for word in reversed(found[-_MOST_CHOICES:])
        ]

    @app_commands.command(name="list", description="Which words are not allowed here")
    async def show(self, interaction: discord.Interaction[Foley]) -> None:
        """List the guild's rules, the newest first."""
        work = self.services.vocabulary.of_guild(interaction.guild_id or 0)
        every = await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        lines = [_line(rule_of(word), say) for word in every[: -_SHOWN - 1 : -1]]
        if more := max(0, len(every) - _SHOWN):
            more_of_them = say.count("and {count} more", "and {count} more", more)
            lines += [more_of_them, "-# " + say("`/studio words export` gives you all of them.")]
        nothing = say("There are no rules of your own here. `/studio words add` makes one.")
        await _tell(interaction, say("Words"), lines or [nothing])

    @app_commands.command(name="test", description="See which rules a prompt would meet")
    @app_commands.describe(prompt="What somebody could ask for; nothing is made")
    async def test(self, interaction: discord.Interaction[Foley], prompt: str) -> None:
        """Show what is found in a prompt."""
        work = self.services.vocabulary.test(interaction.guild_id or 0, prompt)
        verdict = await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        outcome = say("This would be made.")
        if verdict.blocking:
            outcome = say("This would not be made. Its person would read:")
            outcome += "".join(f"\n> {say.say(each)}" for each in verdict.sentences())
        lines = [_found(word, say) for word in verdict.found[:_SHOWN]]
        await _tell(interaction, say("Test"), [*lines, outcome])

    @app_commands.command(name="import", description="Add the words of a file, one a line")
    @app_commands.describe(file="A text file; export gives you one to begin with")
    async def bring(
        self, interaction: discord.Interaction[Foley], file: discord.Attachment
    ) -> None:
        """Keep the rules of a file. Raises Refusal."""
        if file.size > _LARGEST_FILE:
            size = text.size(_LARGEST_FILE)
            raise Refusal(Sentence.of("The file is larger than {size}.", size=size))
        count = await promptly(interaction, self._bring(interaction, file), private=True)
        say = await language_of(interaction)
        told = say.count("{count} rule was added.", "{count} rules were added.", count)
        await _tell(interaction, say("Imported"), [told])

    async def _bring(
        self, interaction: discord.Interaction[Foley], file: discord.Attachment
    ) -> int:
        try:
            content = await file.read()
        except NO_ANSWER as error:
            raise Refusal(Sentence("Discord did not give me the file. Try again.")) from error
        guild_id = interaction.guild_id or 0
        return await self.services.vocabulary.bring(guild_id, content, interaction.user.id)

    @app_commands.command(name="export", description="Get all words of this server as a file")
    async def export(self, interaction: discord.Interaction[Foley]) -> None:
        """Send the guild's rules as a file that can be imported. Raises Refusal."""
        work = self.services.vocabulary.of_guild(interaction.guild_id or 0)
        every = await promptly(interaction, work, private=True)
        content = write_file(map(rule_of, every)).encode()
        file = discord.File(io.BytesIO(content), "words.txt")
        if interaction.response.is_done():
            await interaction.edit_original_response(attachments=[file])
        else:
            await interaction.response.send_message(file=file, ephemeral=True)

    @app_commands.command(name="blocked", description="What was found lately, and in whose prompt")
    async def blocked(self, interaction: discord.Interaction[Foley]) -> None:
        """List what was found lately."""
        work = self.services.vocabulary.recent(interaction.guild_id or 0, _HITS_SHOWN)
        hits = await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        lines = [_hit(hit, say) for hit in hits]
        await _tell(
            interaction, say("Found lately"), lines or [say("Nothing was found in the last month.")]
        )


async def _tell(interaction: discord.Interaction[Foley], title: str, lines: Iterable[str]) -> None:
    embed = discord.Embed(
        title=f"🔤 {title}", colour=int(messages.Colour.MAKING), description="\n".join(lines)
    )
    await answer(interaction, embed, deaf([]), private=True)


def _line(rule: Rule, say: Language) -> str:
    """Show a rule on one line, in at most half of what 25 of them may take."""
    parts = [f"**{text.plain(rule.text, 30)}**", say.say(_KINDS[rule.kind])]
    if rule.trial:
        parts.append(say("on trial"))
    if rule.reason:
        parts.append(f"“{text.plain(rule.reason, 30)}”")
    return " · ".join(parts)


def _found(word: Word, say: Language) -> str:
    line = _line(rule_of(word), say)
    return f"{line} · {say('for all servers')}" if word.guild_id == EVERYWHERE else line


def _hit(hit: Hit, say: Language) -> str:
    when = discord.utils.format_dt(hit.at, "R")
    rule = f"**{text.plain(hit.text, 40)}** · {say.say(_KINDS[Kind(hit.kind)])}"
    outcome = say("on trial") if hit.trial else say("not made")
    prompt = text.plain(hit.prompt, _PROMPT_SHOWN)
    return f"<@{hit.person_id}> {when} · {rule} · {outcome}\n> {prompt}"


async def setup(bot: Foley) -> None:
    """Load what is below /studio; discord.py calls this."""
    below_studio(bot, Words(bot))
