"""The matrix: everything that can be done with the bot, and who may."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.authorisation.acts import Act, Click, Command, Form, Menu, Typing
from tests.authorisation.people import (
    EVERYBODY,
    HERE,
    JUDGES,
    KEEPERS,
    MANAGERS,
    NOBODY,
    OWNER,
    UNBLOCKED,
    Who,
)


class Effect(StrEnum):
    """What happens for those who may."""

    SHOWS = "shows"
    CHANGES = "changes"
    ASKS = "asks"
    SUGGESTS = "suggests"


@dataclass(frozen=True)
class Row:
    """One thing to do. `offered`: to whom Discord offers it at all."""

    what: str
    act: Act
    effect: Effect
    may: Collection[Who]
    offered: Collection[Who] = EVERYBODY


SHOWS, CHANGES, ASKS, SUGGESTS = Effect
_REASON = {"reason": "too loud"}
_NOT_OWN = HERE - {Who.REQUESTER}
_MAKERS = (HERE | {Who.DIRECT}) - {Who.BLOCKED}
"""Who may make a job of the words of a public one."""


def _commands() -> Iterator[Row]:
    prompt = {"prompt": "wind", "private": False}
    for kind in ("audio", "video"):
        yield Row(f"`/{kind}`", Command(kind, prompt), CHANGES, UNBLOCKED)
    for name in ("jobs", "queue", "preferences", "privacy", "help"):
        yield Row(f"`/{name}`", Command(name), SHOWS, EVERYBODY)
    for job, what, may in (
        ("own", "one's own", EVERYBODY),
        ("public", "a public job", OWNER),
        ("private", "a private job", OWNER),
        ("reviewed", "a job that waits for moderators", OWNER),
    ):
        yield Row(f"`/job` of {what}", Command("job", {"id": f"{{{job}}}"}), SHOWS, may)
    yield Row("`/job`, typing", Typing("job", "id"), SUGGESTS, EVERYBODY)


def _menus() -> Iterator[Row]:
    guild = HERE | {Who.ELSEWHERE, Who.GONE}
    yield Row("Remix, of a public result", Menu("Remix", "public"), ASKS, HERE | OWNER)
    yield Row("Remix, of a private card", Menu("Remix", "private"), ASKS, OWNER)
    yield Row("Report, of a public result", Menu("Report", "public"), ASKS, _NOT_OWN, guild)
    yield Row("Report, of a private card", Menu("Report", "private"), ASKS, NOBODY, guild)
    yield Row("Add sound, of a video", Menu("Add sound", "film"), ASKS, EVERYBODY)


def _studio() -> Iterator[Row]:
    for effect, path, options in (
        (SHOWS, "show", {}),
        (CHANGES, "results", {"where": "channel"}),
        (CHANGES, "voice", {"on": True}),
        (CHANGES, "reports", {"channel": "@channel"}),
        (CHANGES, "language", {"language": "own"}),
        (SHOWS, "limits show", {}),
        (CHANGES, "limits role", {"role": "@role", "at_once": 3}),
        (CHANGES, "limits forget", {"role": "@role"}),
        (CHANGES, "limits server", {"per_day": 50}),
        (CHANGES, "block add", {"person": "@member", "reason": "enough"}),
        (SHOWS, "block list", {}),
        (CHANGES, "block appeal", {"words": "Write to us."}),
        (CHANGES, "pause", {"on": True}),
        (CHANGES, "channels", {"everywhere": True}),
        (CHANGES, "spoilers", {"on": True, "role": "@role"}),
        (SHOWS, "changes", {}),
        (CHANGES, "words add", {"word": "thunder"}),
        (SHOWS, "words list", {}),
        (SHOWS, "words test", {"prompt": "thunder"}),
        (CHANGES, "words import", {"file": "@file"}),
        (SHOWS, "words export", {}),
        (SHOWS, "words blocked", {}),
        (SHOWS, "queue", {}),
        (SHOWS, "log", {}),
        (SHOWS, "log", {"export": True}),
        (SHOWS, "log", {"person": "@requester"}),
        (CHANGES, "lines", {"on": True}),
        (SHOWS, "stats", {}),
        (CHANGES, "review", {"requests": True}),
        (CHANGES, "look", {"doubtful": "hide"}),
        (SHOWS, "settings", {}),
    ):
        named = "".join(f" {name}" for name in options if name in {"export", "person"})
        act = Command(f"studio {path}", options)
        yield Row(f"`/studio {path}{named}`", act, effect, MANAGERS, MANAGERS)
    for path, options, what in (
        ("block lift", {"person": "@blocked"}, "of a person blocked in the server"),
        ("distrust", {"person": "@trusted"}, "of a person trusted in the server"),
        ("words remove", {"rule": "{word}"}, "of the server's word"),
        ("cancel", {"job": "{queued}"} | _REASON, "of a job of the server"),
        ("cancel", {"job": "{queued_private}"} | _REASON, "of a private job there"),
        ("remove", {"job": "{public}"} | _REASON, "of a result of the server"),
        ("remove", {"job": "{private}"} | _REASON, "of a private result there"),
    ):
        act = Command(f"studio {path}", options)
        yield Row(f"`/studio {path}` {what}", act, CHANGES, KEEPERS, MANAGERS)
    for path, option in (
        ("language", "language"),
        ("limits role", "models"),
        ("limits server", "time_zone"),
        ("words remove", "rule"),
        ("cancel", "job"),
        ("remove", "job"),
        ("log", "model"),
    ):
        # What is on offer everywhere is no secret.
        may = MANAGERS if option in {"rule", "job"} else MANAGERS | {Who.DIRECT}
        typing = Typing(f"studio {path}", option)
        yield Row(f"`/studio {path}`, typing the {option}", typing, SUGGESTS, may, MANAGERS)


def _buttons() -> Iterator[Row]:
    on_public = {"again": _MAKERS, "remix": HERE | OWNER, "delete": OWNER | JUDGES}
    on_private = {"delete": OWNER | JUDGES}
    on_own = {"again": UNBLOCKED}
    effects = {"open": SHOWS, "refresh": SHOWS, "remix": ASKS}
    for job, what, others in (
        ("public", "a public result", on_public),
        ("private", "a private result", on_private),
        ("own", "one's own result", on_own),
    ):
        for action in ("open", "refresh", "again", "remix", "star", "send", "post", "delete"):
            usual = EVERYBODY if job == "own" else OWNER
            act = Click(f"foley:{action}:{{{job}}}")
            effect = effects.get(action, CHANGES)
            yield Row(f"{_LABELS[action]}, of {what}", act, effect, others.get(action, usual))
    for job, what, may in (
        ("queued", "a public job", OWNER),
        ("queued_private", "a private job", OWNER),
        ("own_queued", "one's own job", EVERYBODY),
    ):
        yield Row(f"Cancel, of {what}", Click(f"foley:cancel:{{{job}}}"), CHANGES, may)
    for action in ("send", "post"):
        act = Click(f"foley:{action}:{{reviewed}}")
        yield Row(f"{_LABELS[action]}, of a result that waits", act, CHANGES, NOBODY)
    for job, what, may in (
        ("public", "a public result", _NOT_OWN),
        ("private", "a private result", NOBODY),
        ("own", "one's own result", NOBODY),
    ):
        yield Row(f"Report, of {what}", Click(f"foley:report:{{{job}}}"), ASKS, may)
    act = Click("foley:sound:{public}", message="film")
    yield Row("Add sound, below a video", act, ASKS, EVERYBODY)
    act = Click("foley:whatever:{public}")
    yield Row("A button of another version", act, CHANGES, NOBODY)
    for answer in ("yes", "no"):
        act = Click(f"foley:direct:{answer}")
        yield Row(f"“{answer.title()}” to direct messages", act, CHANGES, EVERYBODY)


_LABELS = {
    "open": "Open",
    "refresh": "Refresh",
    "again": "Again",
    "remix": "Remix",
    "star": "Star",
    "send": "Send to me",
    "post": "Post here",
    "delete": "Delete",
}


def _forms() -> Iterator[Row]:
    words = {"prompt": "wind"}
    form = Form("foley:remix:{public}", words)
    yield Row("The form of Remix, of a public job", form, CHANGES, _MAKERS)
    form = Form("foley:remix:{private}", words)
    yield Row("The form of Remix, of a private job", form, CHANGES, OWNER)
    video = "foley:film:{channel}:{film}"
    yield Row("The form of Add sound, opened again", Click(video), ASKS, HERE)
    form = Form(video, words)
    yield Row("The form of Add sound", form, CHANGES, HERE - {Who.BLOCKED})
    wrong = {"words": "too loud"}
    form = Form("foley:report:{public}:{public_message}", wrong)
    yield Row("The form of Report, of a public result", form, CHANGES, _NOT_OWN)
    form = Form("foley:report:{private}:{private_message}", wrong)
    yield Row("The form of Report, of a private card", form, CHANGES, NOBODY)


def _own() -> Iterator[Row]:
    for role in ("prev", "next", "stars"):
        act = Click(f"foley:list:{role}:0:all:0:")
        yield Row(f"`/jobs`, {role}", act, SHOWS, EVERYBODY)
    act = Click("foley:list:state:0:cancelled:0:", ("done",))
    yield Row("`/jobs`, the menu", act, SHOWS, EVERYBODY)
    for name, value in (("language", "de"), ("direct", "yes")):
        act = Click(f"foley:pref:{name}", (value,))
        yield Row(f"`/preferences`, {name}", act, CHANGES, EVERYBODY)
    for name in ("mention:no", "private:yes"):
        act = Click(f"foley:pref:{name}")
        yield Row(f"`/preferences`, {name.partition(':')[0]}", act, CHANGES, EVERYBODY)
    for kind in ("audio", "video"):
        usual = f"foley:pref:usual:{kind}"
        yield Row(f"`/preferences`, usual {kind}", Click(usual), ASKS, EVERYBODY)
        form = Form(usual, {"seed": "7"})
        yield Row(f"`/preferences`, the form of {kind}", form, CHANGES, EVERYBODY)
    for name, effect in (
        ("show", SHOWS),
        ("export", SHOWS),
        ("ask", SHOWS),
        ("all", CHANGES),
        ("data", CHANGES),
    ):
        yield Row(f"`/privacy`, {name}", Click(f"foley:privacy:{name}"), effect, EVERYBODY)


def _decisions() -> Iterator[Row]:
    for verdict in ("remove", "hide", "dismiss"):
        act = Click(f"foley:case:{verdict}:{{case}}")
        yield Row(f"A report, {verdict}", act, CHANGES, JUDGES)
    yield Row("A report, block", Click("foley:case:block:{case}"), ASKS, JUDGES)
    form = Form("foley:blocking:{case}", {"words": "enough"})
    yield Row("A report, the form of the block", form, CHANGES, JUDGES)
    for review, what in (("held", "A request"), ("made", "A result")):
        for verdict in ("approve", "trust"):
            act = Click(f"foley:review:{verdict}:{{review_{review}}}")
            yield Row(f"{what} in review, {verdict}", act, CHANGES, JUDGES)
        act = Click(f"foley:review:reject:{{review_{review}}}")
        yield Row(f"{what} in review, reject", act, ASKS, JUDGES)
        form = Form(f"foley:rejection:{{review_{review}}}", {"words": "no"})
        yield Row(f"{what} in review, the form of the rejection", form, CHANGES, JUDGES)
    act = Click("foley:review:look:{review_made}")
    yield Row("A result in review, look at it", act, SHOWS, JUDGES)


def _panels() -> Iterator[Row]:
    act = Click("foley:change:undo:{entry}")
    yield Row("`/studio changes`, undo", act, CHANGES, KEEPERS)
    for part, name, values in (
        ("use", "channels", ("{place}",)),
        ("use", "models", ()),
        ("use", "spoiler_channels", ("{place}",)),
        ("use", "spoiler_roles", ()),
        ("results", "route", ("thread",)),
        ("results", "gallery_id", ("{place}",)),
        ("results", "language", ("de",)),
        ("moderators", "log_channel_id", ("{place}",)),
        ("moderators", "look", ("hold",)),
    ):
        act = Click(f"foley:panel:{part}:{name}", values)
        yield Row(f"`/studio settings`, {name}", act, CHANGES, MANAGERS)
    for part in ("use", "results", "moderators"):
        yield Row(f"`/studio settings`, {part}", Click(f"foley:panel:{part}"), SHOWS, MANAGERS)
    for part, name in (
        ("use", "paused"),
        ("results", "voice"),
        ("moderators", "review_prompts"),
        ("moderators", "review_results"),
        ("moderators", "review_approves"),
        ("moderators", "log_lines"),
    ):
        act = Click(f"foley:panel:{part}:{name}:1")
        yield Row(f"`/studio settings`, {name}", act, CHANGES, MANAGERS)
    yield Row("`/studio settings`, numbers", Click("foley:numbers"), ASKS, MANAGERS)
    form = Form("foley:numbers", {"cap_per_day": "9"})
    yield Row("`/studio settings`, the form of numbers", form, CHANGES, MANAGERS)
    for role in ("prev", "next"):
        act = Click(f"foley:log:{role}:0::all:0::")
        yield Row(f"`/studio log`, {role}", act, SHOWS, MANAGERS)
        act = Click(f"foley:running:{role}:0")
        yield Row(f"`/studio queue`, {role}", act, SHOWS, MANAGERS)
    ending = "foley:ending:{queued}:0"
    yield Row("`/studio queue`, cancel", Click(ending), ASKS, KEEPERS)
    yield Row("`/studio queue`, the form of cancel", Form(ending, _REASON), CHANGES, KEEPERS)


PARTS = {
    "Commands for everybody": tuple(_commands()),
    "In the menu of a message": tuple(_menus()),
    "Commands of moderators": tuple(_studio()),
    "Buttons below jobs": tuple(_buttons()),
    "Forms": tuple(_forms()),
    "Buttons and selects of one's own": tuple(_own()),
    "Buttons for moderators, below what they decide": tuple(_decisions()),
    "Buttons and selects of /studio": tuple(_panels()),
}
ROWS = tuple(row for rows in PARTS.values() for row in rows)
