"""What people do: pick a command, click, fill in a form. Each makes one interaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.standins.discord import commands, components, wire
from tests.standins.discord.world import JSON, Channel, Interaction, User, World

SUBCOMMAND, GROUP, USER, CHANNEL, ATTACHMENT = 1, 2, 6, 7, 11
ON_USER, ON_MESSAGE = 2, 3


class ImpossibleError(Exception):
    """Nobody could do this in Discord: the test asks for what is not there."""


@dataclass(frozen=True)
class Actor:
    """A person in a channel."""

    world: World
    person: User
    channel: Channel

    @classmethod
    def of(cls, world: World, user: int, channel: int) -> "Actor":
        if user not in world.users or channel not in world.channels:
            raise ImpossibleError(f"There is no person {user} or no channel {channel}.")
        return cls(world, world.users[user], world.channels[channel])

    def command(
        self,
        name: str,
        options: JSON,
        *,
        target: int | None = None,
        focused: str | None = None,
    ) -> Interaction:
        """Pick a command, `studio settings` for a subcommand; or, focused, be still typing."""
        root, *path = [name] if target else name.split(" ")
        command = commands.find(self.world, self.channel.guild_id, root)
        if command is None:
            raise ImpossibleError(f"The bot has registered no command {root!r}.")
        kind = wire.COMMAND if focused is None else wire.AUTOCOMPLETE
        data = {"id": command["id"], "name": root, "type": command["type"]}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if target is not None:
            data |= self._targeted(command["type"], target)
        else:
            data["options"], leaf = _filled(command, path, options, focused)
            data["resolved"] = self._resolved(leaf)
        return self._interaction(kind, data)

    def click(self, message_id: int, custom_id: str, values: list[str] | None) -> Interaction:
        """Press a button, or choose values in a select menu."""
        message = self.world.messages.get(message_id)
        if message is None or message.deleted:
            raise ImpossibleError(f"There is no message {message_id}.")
        component = components.find(message.components, custom_id)
        if component is None or component.get("disabled"):
            raise ImpossibleError(f"Message {message_id} offers no {custom_id!r} to click.")
        data: JSON = {"custom_id": custom_id, "component_type": component["type"]}
        if component["type"] in components.SELECTS:
            data |= {"values": values or [], "resolved": {}}
        return self._interaction(wire.COMPONENT, data, message_id=message_id)

    def submit(self, opener: Interaction, values: JSON) -> Interaction:
        """Send the form that an interaction opened, with values by custom id."""
        if opener.modal is None:
            raise ImpossibleError(f"Interaction {opener.id} opened no form.")
        unknown = values.keys() - {
            c.get("custom_id") for c in components.walk(opener.modal["components"])
        }
        if unknown:
            raise ImpossibleError(f"The form has no {sorted(unknown)}.")
        filled = [_answered(part, values) for part in opener.modal["components"]]
        files = [file_id for part in filled for file_id in _uploads(part)]
        data = {
            "custom_id": opener.modal["custom_id"],
            "components": filled,
            "resolved": self._files(files),
        }
        made = self._interaction(wire.MODAL, data, message_id=opener.message_id)
        made.parent_id = opener.id
        return made

    def _interaction(self, kind: int, data: JSON, *, message_id: int | None = None) -> Interaction:
        interaction = Interaction(
            id=self.world.clock.snowflake(),
            token=self.world.new_token(),
            type=kind,
            user_id=self.person.id,
            channel_id=self.channel.id,
            created_at=self.world.clock.now(),
            data=data,
            file_limit=wire.file_limit(self.world, self.person, self.channel),
            message_id=message_id,
        )
        self.world.interactions[interaction.id] = interaction
        return interaction

    def _targeted(self, kind: int, target: int) -> JSON:
        if kind == ON_MESSAGE and target in self.world.messages:
            shown = wire.message(self.world, self.world.messages[target])
            resolved: JSON = {"messages": {str(target): shown}}
        elif kind == ON_USER and target in self.world.users:
            resolved = {"users": {str(target): wire.user(self.world.users[target])}}
        else:
            raise ImpossibleError(f"{target} is nothing that this command can be used on.")
        return {"target_id": str(target), "resolved": resolved}

    def _resolved(self, options: list[JSON]) -> JSON:
        """Return the people, channels and files that options of a command name by id."""
        chosen: dict[int, list[int]] = {}
        for option in options:
            if option["type"] in {USER, CHANNEL, ATTACHMENT}:
                chosen.setdefault(option["type"], []).append(int(option["value"]))
        resolved = self._files(chosen.get(ATTACHMENT, []))
        if USER in chosen:
            resolved |= self._people(chosen[USER])
        if CHANNEL in chosen:
            places = [self.world.channels[channel_id] for channel_id in chosen[CHANNEL]]
            resolved["channels"] = {
                str(place.id): wire.channel(self.world, place)
                | {"permissions": str(self.world.bot_permissions(place))}
                for place in places
            }
        return resolved

    def _people(self, ids: list[int]) -> JSON:
        resolved: JSON = {"users": {str(i): wire.user(self.world.users[i]) for i in ids}}
        guild = self.world.guild_of(self.channel)
        if guild is not None:
            resolved["members"] = {
                str(i): wire.member(self.world, self.world.users[i])
                | {"permissions": str(self.world.member_permissions(guild, i))}
                for i in ids
                if i in guild.members
            }
        return resolved

    def _files(self, ids: list[int]) -> JSON:
        if not ids:
            return {}
        stored = [self.world.attachments[file_id] for file_id in ids]
        shown = {str(file.id): wire.attachment(self.world, file) for file in stored}
        return {"attachments": shown}


def _filled(
    command: JSON, path: list[str], values: JSON, focused: str | None
) -> tuple[list[JSON], list[JSON]]:
    """Return the options of a command down to its subcommand; and those of the innermost alone."""
    known = {option["name"]: option for option in command.get("options", [])}
    if path:
        step = known.get(path[0])
        if step is None or step["type"] not in {SUBCOMMAND, GROUP}:
            raise ImpossibleError(f"{command['name']!r} has no subcommand {path[0]!r}.")
        inner, leaf = _filled(step, path[1:], values, focused)
        return [{"name": step["name"], "type": step["type"], "options": inner}], leaf
    given = values if focused is None else {focused: "", **values}
    _check_options(command["name"], known, given, typing=focused is not None)
    chosen = [{"name": n, "type": known[n]["type"], "value": _value(v)} for n, v in given.items()]
    for option in chosen:
        if option["name"] == focused:
            option["focused"] = True
    return chosen, chosen


def _value(given: Any) -> Any:
    """Ids go over the wire as text; so small a number is none."""
    is_id = isinstance(given, int) and given > 1 << 53
    return str(given) if is_id else given


def _check_options(name: str, known: dict[str, JSON], given: JSON, *, typing: bool) -> None:
    unknown = given.keys() - known.keys()
    needed = {option for option, facts in known.items() if facts.get("required")}
    missing = set() if typing else needed - given.keys()
    if unknown or missing:
        raise ImpossibleError(
            f"{name!r} has no options {sorted(unknown)} and needs {sorted(missing)}."
        )
    for option, value in given.items():
        allowed = {choice["value"] for choice in known[option].get("choices", [])}
        if allowed and value not in allowed and not typing:
            raise ImpossibleError(f"{value!r} is not among the choices of {option!r}.")


def _answered(part: JSON, values: JSON) -> JSON:
    """One part of a form as it is sent back: with the value of its custom id, or its default."""
    shown = {"type": part["type"], "id": part.get("id", 0)}
    if "components" in part:
        return shown | {"components": [_answered(inner, values) for inner in part["components"]]}
    if "component" in part:
        return shown | {"component": _answered(part["component"], values)}
    if "custom_id" not in part:
        return shown
    several = part["type"] in components.SELECTS | {components.FILE_UPLOAD, 22}
    default = [] if several else part.get("value", part.get("default", ""))
    value = values.get(part["custom_id"], default)
    key = "values" if several else "value"
    return shown | {"custom_id": part["custom_id"], key: value}


def _uploads(part: JSON) -> Iterator[int]:
    for component in components.walk([part]):
        if component["type"] == components.FILE_UPLOAD:
            yield from (int(file_id) for file_id in component["values"])
