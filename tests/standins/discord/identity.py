"""Who the bot is, where its gateway stands, and the guilds and people it can look up."""

from tests.standins.discord import refusals, wire
from tests.standins.discord.call import Answer, Call
from tests.standins.discord.world import Guild, World

IDENTIFIES_A_DAY = 1000


def gateway_url(world: World) -> str:
    return world.base_url.replace("http", "ws", 1) + "/gateway"


def me(world: World, _: Call) -> Answer:
    return Answer(200, wire.me(world))


def application(world: World, _: Call) -> Answer:
    return Answer(200, wire.application(world))


def gateway(world: World, _: Call) -> Answer:
    return Answer(200, {"url": gateway_url(world)})


def gateway_bot(world: World, _: Call) -> Answer:
    limit = {
        "total": IDENTIFIES_A_DAY,
        "remaining": IDENTIFIES_A_DAY - world.identifies,
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    payload = {
        "url": gateway_url(world),
        "shards": world.settings.shards,
        "session_start_limit": limit,
    }
    return Answer(200, payload)


def guild(world: World, call: Call) -> Answer:
    return Answer(200, wire.guild(_guild(world, call)))


def channels(world: World, call: Call) -> Answer:
    place = _guild(world, call)
    inside = [c for c in world.channels.values() if c.guild_id == place.id and not c.parent_id]
    return Answer(200, [wire.channel(world, channel) for channel in inside])


def member(world: World, call: Call) -> Answer:
    place, user_id = _guild(world, call), call.id("user_id")
    if user_id not in world.users:
        raise refusals.unknown_user()
    if user_id not in {*place.members, world.application_id}:
        raise refusals.unknown_member()
    return Answer(200, wire.member(world, world.users[user_id]))


def user(world: World, call: Call) -> Answer:
    person = world.users.get(call.id("user_id"))
    if person is None:
        raise refusals.unknown_user()
    return Answer(200, wire.user(person))


def _guild(world: World, call: Call) -> Guild:
    """Return the guild of the path, if the bot is in it."""
    place = world.guilds.get(call.id("guild_id"))
    if place is None or not place.bot_member:
        raise refusals.unknown_guild()
    return place
