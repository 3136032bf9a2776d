"""The buttons below cards and results. They carry the job's number, so they live for ever."""

from collections.abc import Iterable
from enum import StrEnum

import discord
from discord import ui

from bot.jobs.reasons import WITHHELD
from bot.language import Language, Sentence, language
from storage.jobs import Job
from storage.routes import Route
from storage.states import JobState


class Action(StrEnum):
    """What a button does with a job; the value stands in the button's id for ever."""

    OPEN = "open"
    CANCEL = "cancel"
    REFRESH = "refresh"
    AGAIN = "again"
    REMIX = "remix"
    STAR = "star"
    SEND = "send"
    POST = "post"
    SOUND = "sound"
    DELETE = "delete"
    REPORT = "report"


TEMPLATE = r"foley:(?P<action>[a-z]+):(?P<job>[0-9]{1,19})"
"""The ids of all these buttons, those of other versions included."""

_LABELS = {
    Action.OPEN: Sentence("Open"),
    Action.CANCEL: Sentence("Cancel"),
    Action.REFRESH: Sentence("Refresh"),
    Action.AGAIN: Sentence("Again"),
    Action.REMIX: Sentence("Remix"),
    Action.STAR: Sentence("Star"),
    Action.SEND: Sentence("Send to me"),
    Action.POST: Sentence("Post here"),
    Action.SOUND: Sentence("Add sound"),
    Action.DELETE: Sentence("Delete"),
    Action.REPORT: Sentence("Report"),
}
_EMOJI = {
    Action.REFRESH: "🔄",
    Action.AGAIN: "🔁",
    Action.REMIX: "✏️",
    Action.STAR: "⭐",
    Action.SEND: "📥",
    Action.POST: "📣",
    Action.SOUND: "🔊",
    Action.DELETE: "🗑️",
    Action.REPORT: "🚩",
}


def custom_id(action: Action, job_id: int) -> str:
    """Return the id by which the button is known for ever."""
    return f"foley:{action}:{job_id}"


def on_card(job: Job) -> ui.View:
    """Return the buttons of the one message that follows a job."""
    if not job.ended:
        return _row(job, [Action.CANCEL])
    # Every other end has a message of its own, with buttons of its own.
    return _row(job, [Action.AGAIN, Action.REMIX] if job.state is JobState.CANCELLED else [])


def on_private_card(job: Job) -> ui.View:
    """Return the buttons of an answer that only the requester sees, and that nobody can edit."""
    if not job.ended:
        return _row(job, [Action.REFRESH, Action.CANCEL])
    actions = [Action.AGAIN, Action.REMIX, Action.STAR]
    withheld = job.reason in WITHHELD or job.removed_at is not None
    if job.state is not JobState.FINISHED or withheld:
        return _row(job, actions)
    posting = [] if job.route is Route.DIRECT and job.guild_id is None else [Action.POST]
    return _row(job, [*posting, *actions, Action.DELETE])


def on_result(job: Job, *, sound: bool, report: bool = False) -> ui.View:
    """Return the buttons below a result.

    `sound`: one can be added to it. `report`: there are moderators who want to hear of it.
    """
    actions = [Action.AGAIN, Action.REMIX, Action.STAR, Action.SEND, Action.DELETE]
    more = [*([Action.SOUND] if sound else []), *([Action.REPORT] if report else [])]
    return _row(job, [*actions, *more])


def on_failure(job: Job) -> ui.View:
    """Return the buttons below the message that says why there is no file."""
    return _row(job, [Action.AGAIN, Action.REMIX])


def _row(job: Job, actions: Iterable[Action]) -> ui.View:
    say = language(job.language)
    return deaf(_button(action, job.id, say) for action in actions)


def _button(action: Action, job_id: int, say: Language) -> ui.Button[ui.View]:
    return ui.Button(
        label=say.say(_LABELS[action]),
        emoji=_EMOJI.get(action),
        style=discord.ButtonStyle.secondary,
        custom_id=custom_id(action, job_id),
    )


def deaf(items: Iterable[ui.Item[ui.View]]) -> ui.View:
    """Return a view that the library need not remember: its clicks are known by their ids."""
    view = ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
