"""What moderators read about a result that somebody has reported, and the buttons below it."""

from enum import StrEnum

import discord
from discord import ui

from bot import text
from bot.buttons import deaf
from bot.language import Language, Sentence
from bot.messages import marker
from storage.case_states import CaseAction, CaseState
from storage.cases import Case
from storage.jobs import Job

# Discord takes 2000 characters, and escaping may double what people wrote.
_PROMPT_SHOWN = 250
_WORDS_SHOWN = 500


class Verdict(StrEnum):
    """What a button does with a case; the value stands in the button's id for ever."""

    REMOVE = "remove"
    HIDE = "hide"
    BLOCK = "block"
    DISMISS = "dismiss"


TEMPLATE = r"foley:case:(?P<verdict>remove|hide|block|dismiss):(?P<case>[0-9]{1,18})"
"""The ids of these buttons."""

FORM = r"foley:blocking:([0-9]{1,18})"
"""The id of the form that asks why somebody is blocked, and for how long."""

_LABELS = {
    Verdict.REMOVE: Sentence("Remove"),
    Verdict.HIDE: Sentence("Hide"),
    Verdict.BLOCK: Sentence("Remove and block"),
    Verdict.DISMISS: Sentence("Dismiss"),
}
_USUAL = discord.ButtonStyle.secondary
_DANGEROUS = frozenset({Verdict.REMOVE, Verdict.BLOCK})
_DECIDED = {
    (CaseState.REMOVED, None): Sentence("🗑️ **Removed** by {person} {when}"),
    (CaseState.REMOVED, CaseAction.HIDE): Sentence("🙈 **Hidden** by {person} {when}"),
    (CaseState.REMOVED, CaseAction.BLOCK): Sentence(
        "⛔ **Removed, and its person blocked**, by {person} {when}"
    ),
    (CaseState.DISMISSED, None): Sentence("✅ **Dismissed** by {person} {when}"),
}


def write(case: Case, job: Job, delivery_id: int, say: Language) -> str:
    """Write what was reported, by whom and why, and what has been decided if anything was.

    It mentions people, so it has to be sent in a way that pings nobody.
    """
    reported = discord.utils.format_dt(case.created_at, "R")
    return "\n".join(
        [
            f"🚩 **{say('A result was reported')}**",
            say("{person} asked for it:", person=f"<@{job.requester_id}>"),
            f"> {text.plain(job.prompt, _PROMPT_SHOWN)}",
            say("{person} reported it {when}:", person=f"<@{case.reporter_id}>", when=reported),
            f"> {text.plain(case.words, _WORDS_SHOWN)}",
            *_decision(case, say),
            f"-#{marker(job, delivery_id)} [{say('Open its message')}]({_link(case)})",
        ]
    )


def _decision(case: Case, say: Language) -> list[str]:
    if case.decided_by is None or case.decided_at is None:
        return []
    when = discord.utils.format_dt(case.decided_at, "R")
    words = _DECIDED[case.state, case.action].template
    return [say(words, person=f"<@{case.decided_by}>", when=when)]


def _link(case: Case) -> str:
    place = f"{case.guild_id}/{case.channel_id}/{case.message_id}"
    return f"https://discord.com/channels/{place}"


def buttons(case: Case, say: Language) -> ui.View:
    """Return what can be done with a case; nothing once it is decided."""
    if case.state is not CaseState.OPEN:
        return deaf([])
    return deaf(_button(verdict, case.id, say) for verdict in Verdict)


def _button(verdict: Verdict, case_id: int, say: Language) -> ui.Button[ui.View]:
    return ui.Button(
        label=say.say(_LABELS[verdict]),
        style=discord.ButtonStyle.danger if verdict in _DANGEROUS else _USUAL,
        custom_id=f"foley:case:{verdict}:{case_id}",
    )
