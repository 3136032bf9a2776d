"""Sending Discord's event about what somebody does, and reading all that they get for it."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simcord import interactions
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.backend.models import ResponseKind
from simcord.builders import ChannelHandle, RoleHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.client import _begun
from tests.authorisation.acts import Act, Click, Command, Form, Menu, Typing
from tests.authorisation.people import Who
from tests.authorisation.stage import Stage
from tests.cogs.layouts import shown

_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_EDITS = frozenset({ResponseKind.UPDATE, ResponseKind.DEFERRED_UPDATE})
_INTEGER, _ATTACHMENT, _HANDED = 4, 11, frozenset({6, 7, 8})
_WORDS = b"thunder\n"


@dataclass(frozen=True)
class Answer:
    """All that somebody gets."""

    result: InteractionResult

    @property
    def messages(self) -> list[ResponseMessage]:
        """The messages, but for one that was edited."""
        first = [] if self.edits else [self.result.response]
        return [each for each in [*first, *self.result.followups] if each is not None]

    @property
    def edits(self) -> bool:
        """Whether the message with the button was changed."""
        return self.result._interaction.response_kind in _EDITS

    @property
    def words(self) -> str:
        """What can be read in the messages."""
        return "\n".join(map(shown, self.messages))

    def everything(self, stage: Stage) -> str:
        """Return all that reached the person's Discord, files too."""
        every = [*filter(None, [self.result.response]), *self.result.followups]
        parts = [[each._message.content, each._message.embeds, each.components] for each in every]
        told = json.dumps([parts, self.result.modal, self.result.autocomplete_choices])
        cdn = stage.world.env.backend.cdn
        files = [file for each in every for file in each._message.attachments]
        held = [(cdn.get(file["url"]) or b"").decode(errors="replace") for file in files]
        return "\n".join([told, *(file["filename"] for file in files), *held])

    def ids(self) -> Iterator[str]:
        """Yield the ids of all buttons, selects and forms that were shown."""
        for message in filter(None, [self.result.response, *self.result.followups]):
            yield from _ids(message.components)
        if self.result.modal is not None:
            yield str(self.result.modal["custom_id"])


def _ids(components: Any) -> Iterator[str]:
    for each in components:
        if "custom_id" in each:
            yield str(each["custom_id"])
        yield from _ids(each.get("components", []))
        yield from _ids([each["accessory"]] if "accessory" in each else [])


async def do(stage: Stage, who: Who, act: Act) -> Answer:
    """Let somebody do it, whether or not Discord would let them."""
    backend, guild = stage.world.env.backend, stage.guild(who)
    kind, data, message = _event(stage, who, act)
    record, payload = interactions.base_payload(
        backend,
        type=kind,
        channel_id=stage.place(who).id,
        guild_id=None if guild is None else guild.id,
        user_id=stage.actors[who].id,
        data=data,
    )
    if message is not None:
        payload["message"] = message
        record.source_message_id = int(message["id"])
    backend.emit("INTERACTION_CREATE", payload)
    await _answered()
    return Answer(InteractionResult(stage.world.env, record))


async def _answered() -> None:
    """Wait until nothing that was begun because of people runs any more."""
    await asyncio.sleep(0)
    while begun := _begun():
        await asyncio.wait(begun)
        await asyncio.sleep(0)


def _event(
    stage: Stage, who: Who, act: Act
) -> tuple[int, dict[str, Any], Mapping[str, Any] | None]:
    match act:
        case Command():
            return _COMMAND, _command(stage, who, act), None
        case Typing():
            return _AUTOCOMPLETE, _typing(stage, act), None
        case Menu():
            return _COMMAND, _menu(stage, who, act), None
        case Click():
            return _COMPONENT, *_click(stage, who, act)
        case Form():
            return _MODAL, *_form(stage, who, act)


def _command(stage: Stage, who: Who, act: Command) -> dict[str, Any]:
    root, leaf, nesting = _found(stage, act.path)
    kinds = {each["name"]: each["type"] for each in leaf.get("options") or []}
    resolved: dict[str, Any] = {}
    options = [
        {
            "name": name,
            "type": kinds[name],
            "value": _value(stage, who, kinds[name], value, resolved),
        }
        for name, value in act.options.items()
    ]
    return _of(root, nesting, options) | {"resolved": resolved}


def _typing(stage: Stage, act: Typing) -> dict[str, Any]:
    root, leaf, nesting = _found(stage, act.path)
    (kind,) = (each["type"] for each in leaf["options"] if each["name"] == act.option)
    option = {"name": act.option, "type": kind, "value": "", "focused": True}
    return _of(root, nesting, [option])


def _found(stage: Stage, path: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    name, *rest = path.split()
    root = stage.world.env.backend.find_command(name, stage.world.guild.id, type=1)
    assert root is not None
    return root, *interactions.walk_to_subcommand(root, rest)


def _of(root: dict[str, Any], nesting: list[str], options: list[dict[str, Any]]) -> dict[str, Any]:
    nested = interactions.nest_options(root, nesting, options)
    return {"id": root["id"], "name": root["name"], "type": 1, "options": nested}


def _value(stage: Stage, who: Who, kind: int, value: object, resolved: dict[str, Any]) -> object:
    """Return an option's value as Discord has it, and add what is handed over to `resolved`."""
    if kind == _ATTACHMENT:
        backend, place = stage.world.env.backend, stage.place(who).id
        return interactions.store_interaction_attachment(
            backend, place, "words.txt", _WORDS, resolved
        )
    if kind in _HANDED:
        thing = stage.thing(str(value).removeprefix("@"), who)
        _hand_over(stage, thing, resolved)
        return str(thing.id)
    filled = stage.filled(value, who) if isinstance(value, str) else value
    return int(str(filled)) if kind == _INTEGER else filled


def _hand_over(stage: Stage, thing: Any, resolved: dict[str, Any]) -> None:
    backend, number = stage.world.env.backend, str(thing.id)
    match thing:
        case RoleHandle():
            resolved["roles"] = {number: dict(serializers.role_payload(thing._role))}
        case ChannelHandle():
            told = serializers.channel_payload(backend, backend.get_channel(thing.id))
            resolved["channels"] = {number: dict(told) | {"permissions": "0"}}
        case _:
            user = dict(serializers.user_payload(backend.get_user(thing.id)))
            resolved["users"] = {number: user}


def _menu(stage: Stage, who: Who, act: Menu) -> dict[str, Any]:
    root = stage.world.env.backend.find_command(act.name, stage.world.guild.id, type=3)
    assert root is not None
    message = stage.with_video(who) if act.message == "film" else stage.messages[act.message]
    number = message["id"]
    named = {"id": root["id"], "name": root["name"], "type": 3, "target_id": number}
    return named | {"resolved": {"messages": {number: message}}}


def _click(stage: Stage, who: Who, act: Click) -> tuple[dict[str, Any], dict[str, Any]]:
    custom_id = stage.filled(act.custom_id, who)
    item: dict[str, Any] = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id}
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": 2}
    if act.values is not None:
        item = {"type": 3, "custom_id": custom_id, "options": [{"label": "x", "value": "x"}]}
        values = [stage.filled(each, who) for each in act.values]
        data |= {"component_type": 3, "values": values}
    video = act.message is not None
    return data, stage.with_video(who) if video else stage.with_item(who, item)


def _form(stage: Stage, who: Who, act: Form) -> tuple[dict[str, Any], dict[str, Any]]:
    custom_id = stage.filled(act.custom_id, who)
    fields = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in act.written.items()
    ]
    item = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id}
    # A form that a button has opened comes with the button's message.
    return {"custom_id": custom_id, "components": fields}, stage.with_item(who, item)


def offered(stage: Stage, who: Who) -> set[str]:
    """Return the slash commands that Discord offers to somebody where they are."""
    actor = stage.actors[who]
    if isinstance(actor, MemberActor):
        return set(actor.available_commands(stage.place(who)))
    return set(actor.available_commands())
