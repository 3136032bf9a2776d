"""Application commands: what the bot registered, for everybody or for one guild."""

from tests.standins.discord import refusals
from tests.standins.discord.call import Answer, Call
from tests.standins.discord.world import JSON, World, without_nulls

CHAT = 1


def listing(world: World, call: Call) -> Answer:
    return Answer(200, world.commands.get(_scope(world, call), []))


def replace_all(world: World, call: Call) -> Answer:
    """PUT: exactly these commands; one that was there before keeps its id."""
    scope = _scope(world, call)
    registered = [_registered(world, scope, sent) for sent in call.body or []]
    world.commands[scope] = registered
    return Answer(200, registered)


def create(world: World, call: Call) -> Answer:
    """POST: one more command, or a new version of it."""
    scope = _scope(world, call)
    before = _same(world, scope, call.payload)
    command = _registered(world, scope, call.payload)
    others = [c for c in world.commands.get(scope, []) if c is not before]
    world.commands[scope] = [*others, command]
    return Answer(200 if before else 201, command)


def delete(world: World, call: Call) -> Answer:
    scope, command_id = _scope(world, call), call.params["command_id"]
    before = world.commands.get(scope, [])
    world.commands[scope] = [c for c in before if c["id"] != command_id]
    if len(before) == len(world.commands[scope]):
        raise refusals.unknown_command()
    return Answer(204)


def find(world: World, guild_id: int | None, name: str) -> JSON | None:
    """Return the command that a person picks by name; the guild's own goes first."""
    scopes = [None] if guild_id is None else [guild_id, None]
    for scope in scopes:
        for command in world.commands.get(scope, []):
            if command["name"] == name:
                return command
    return None


def _scope(world: World, call: Call) -> int | None:
    if call.id("application_id") != world.application_id:
        raise refusals.missing_access()
    if "guild_id" not in call.params:
        return None
    if call.id("guild_id") not in world.guilds:
        raise refusals.missing_access()
    return call.id("guild_id")


def _same(world: World, scope: int | None, sent: JSON) -> JSON | None:
    key = (sent.get("type") or CHAT, sent["name"])
    return next((c for c in world.commands.get(scope, []) if (c["type"], c["name"]) == key), None)


def _registered(world: World, scope: int | None, sent: JSON) -> JSON:
    """Return a command as Discord shows it once it has an id."""
    before = _same(world, scope, sent)
    may = sent.get("default_member_permissions")
    command: JSON = without_nulls(sent) | {
        "id": before["id"] if before else str(world.clock.snowflake()),
        "application_id": str(world.application_id),
        "version": str(world.clock.snowflake()),
        "type": sent.get("type") or CHAT,
        "description": sent.get("description") or "",
        "default_member_permissions": None if may is None else str(may),
        "nsfw": bool(sent.get("nsfw")),
    }
    return command if scope is None else command | {"guild_id": str(scope)}
