"""Control calls: what a test may do to the world, each `POST /control/<name>` with JSON.

The parameters of a method here are the keys of its JSON. An impossible wish is answered by a 400
with a sentence.
"""

import base64
import mimetypes
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.standins.discord import wire
from tests.standins.discord.faults import Fault
from tests.standins.discord.furniture import furnish, size_of
from tests.standins.discord.gateway import WRONG_TOKEN, Gateway, Op
from tests.standins.discord.http import Api
from tests.standins.discord.people import Actor, ImpossibleError
from tests.standins.discord.permissions import bits
from tests.standins.discord.world import (
    JSON,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Message,
    User,
    World,
    home_world,
)

PREFIX = "/control"


class Control:
    """Every public method is a control call."""

    def __init__(self, world: World, api: Api, gateway: Gateway) -> None:
        self._world = world
        self._api = api
        self._gateway = gateway
        self._given_token = world.token

    def add_to(self, app: web.Application) -> None:
        app.router.add_post(f"{PREFIX}/{{name}}", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        method: Callable[..., Awaitable[Any]] | None = getattr(self, name, None)
        if name.startswith("_") or method is None:
            return web.json_response({"error": f"There is no control call {name!r}."}, status=404)
        try:
            return web.json_response({"result": await method(**await request.json())})
        except (ImpossibleError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{name}: {error!r}"}, status=400)

    # What people do.

    async def invoke(
        self, name: str, options: JSON, user: int, channel: int, target: int | None
    ) -> int:
        actor = Actor.of(self._world, user, channel)
        return await self._send(actor.command(name, options, target=target))

    async def autocomplete(
        self, name: str, options: JSON, focused: str, user: int, channel: int
    ) -> int:
        actor = Actor.of(self._world, user, channel)
        return await self._send(actor.command(name, options, focused=focused))

    async def click(
        self, message_id: int, custom_id: str, user: int, values: list[str] | None
    ) -> int:
        if message_id not in self._world.messages:
            raise ImpossibleError(f"There is no message {message_id}.")
        channel = self._world.messages[message_id].channel_id
        actor = Actor.of(self._world, user, channel)
        return await self._send(actor.click(message_id, custom_id, values))

    async def submit(self, interaction_id: int, values: JSON) -> int:
        opener = self._world.interactions[interaction_id]
        actor = Actor.of(self._world, opener.user_id, opener.channel_id)
        return await self._send(actor.submit(opener, values))

    async def post(self, user: int, channel: int, content: str) -> int:
        """Let a person write a message, which a bot without the message intent does not hear."""
        actor, clock = Actor.of(self._world, user, channel), self._world.clock
        message = Message(clock.snowflake(), actor.channel.id, user, clock.now(), content=content)
        return self._world.add_message(message).id

    async def direct_messages(self, user: int) -> int:
        """Open the direct messages between the bot and a person; the channel's id."""
        return self._world.direct_messages(self._world.users[user].id).id

    async def attach(self, channel: int, filename: str, data: str) -> int:
        """Upload a file (base64) for an option or a form; its id is the value there."""
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        file_id = self._world.clock.snowflake()
        file = Attachment(file_id, channel, filename, kind, base64.b64decode(data))
        self._world.attachments[file.id] = file
        return file.id

    async def replay(self, interaction_id: int) -> int:
        """Send the very same INTERACTION_CREATE once more."""
        return await self._publish(self._world.interactions[interaction_id])

    async def _send(self, interaction: Interaction) -> int:
        self._api.ledger.add(
            interaction.created_at,
            "interaction",
            interaction_id=interaction.id,
            channel_id=interaction.channel_id,
            message_id=interaction.message_id,
            body=interaction.data,
            detail={"type": interaction.type, "user": interaction.user_id},
        )
        await self._publish(interaction)
        return interaction.id

    async def _publish(self, interaction: Interaction) -> int:
        guild_id = self._world.channels[interaction.channel_id].guild_id
        event = wire.interaction_create(self._world, interaction)
        return await self._gateway.publish("INTERACTION_CREATE", event, guild_id)

    # What a test reads.

    async def ledger(self, after: int, wait: float) -> list[JSON]:
        entries = await self._api.ledger.after(after, wait)
        return [entry.to_json() for entry in entries]

    async def messages(self, channel: int, *, deleted: bool) -> list[JSON]:
        """Oldest first, private ones too, each file with its sha256."""
        posts = self._world.messages_in(channel)
        return [self._message(post) for post in posts if deleted or not post.deleted]

    async def message(self, message_id: int) -> JSON:
        return self._message(self._world.messages[message_id])

    def _message(self, post: Message) -> JSON:
        payload = wire.message(self._world, post) | {"deleted": post.deleted}
        for shown, file in zip(payload["attachments"], post.attachments, strict=True):
            shown["sha256"] = file.sha256
        return payload

    async def interaction(self, interaction_id: int) -> JSON:
        """How an interaction was answered so far."""
        found = self._world.interactions[interaction_id]
        shown = ("answered", "original_id", "modal", "followups", "message_id")
        return {name: getattr(found, name) for name in shown}

    async def commands(self, guild: int | None) -> list[JSON]:
        return self._world.commands.get(guild, [])

    async def sessions(self) -> list[JSON]:
        return [
            {"id": s.id, "shard": s.shard, "seq": s.seq, "live": s.connection is not None}
            for s in self._gateway.sessions.values()
        ]

    # Faults, limits and time.

    async def reset(self) -> None:
        """Begin anew with the home world, without what was planned, counted or told."""
        await self._gateway.reset()
        self._world.become(home_world(self._given_token))
        await self._api.reset()

    async def fault(self, **facts: Any) -> None:
        self._api.plan.faults.append(Fault(**facts))

    async def clear_faults(self) -> int:
        """Forget the planned faults; says how many were left."""
        left, self._api.plan.faults = len(self._api.plan.faults), []
        return left

    async def limit(self, route: str, requests: int, seconds: float) -> None:
        self._api.limits.rules[route] = (requests, seconds)

    async def settings(self, **changes: Any) -> None:
        _change(self._world.settings, changes)

    async def advance(self, seconds: float) -> None:
        self._world.clock.offset += seconds

    async def expire(self, interaction_id: int) -> None:
        self._world.interactions[interaction_id].expired = True

    # The gateway.

    async def drop(self, code: int | None, shard: int | None) -> int:
        return await self._gateway.drop(code, shard)

    async def reset_token(self) -> int:
        self._world.token = secrets.token_hex(24)
        return await self._gateway.drop(WRONG_TOKEN)

    async def reconnect(self, shard: int | None) -> int:
        return await self._gateway.tell(Op.RECONNECT, shard=shard)

    async def invalidate(self, *, resumable: bool, shard: int | None) -> int:
        if not resumable:
            self._gateway.forget()
        return await self._gateway.tell(Op.INVALID_SESSION, data=resumable, shard=shard)

    async def forget_sessions(self) -> None:
        self._gateway.forget()

    async def hold_gateway(self) -> None:
        """Let new connections wait at the door."""
        self._gateway.admitting.clear()

    async def release_gateway(self) -> None:
        self._gateway.admitting.set()

    async def refuse_identify(self, code: int) -> None:
        self._gateway.refuse_identify_with.append(code)

    # The world.

    async def add_user(self, name: str, guild: int | None, permissions: list[str]) -> int:
        user = User(self._world.clock.snowflake(), name)
        self._world.users[user.id] = user
        if guild is not None:
            self._world.guilds[guild].members[user.id] = bits(permissions)
        return user.id

    async def add_guild(self, name: str, owner: int, **facts: Any) -> int:
        guild = Guild(self._world.clock.snowflake(), name, owner, {owner: 0})
        _change(guild, facts)
        self._world.guilds[guild.id] = guild
        if guild.bot_member:
            event = wire.guild_create(self._world, guild)
            await self._gateway.publish("GUILD_CREATE", event, guild.id)
        return guild.id

    async def add_furnished_guilds(self, number: int, owner: int) -> None:
        """Make guilds as they are, with much that nobody uses; for bots that come afterwards."""
        begin = self._world.clock.snowflake()
        for each in range(number):
            guild_id = begin + (
                (each + 1) << 22
            )  # each a millisecond younger, so shards get equal parts
            guild = Guild(guild_id, f"Guild {each}", owner, {owner: 0})
            guild.furniture = furnish(guild_id, size_of(each))
            self._world.guilds[guild_id] = guild

    async def add_channel(self, name: str, guild: int, **facts: Any) -> int:
        channel = Channel(self._world.clock.snowflake(), name, guild_id=guild)
        _change(channel, facts)
        self._world.add_channel(channel)
        await self._announce(channel, "CREATE")
        return channel.id

    async def change_user(self, user: int, **changes: Any) -> None:
        _change(self._world.users[user], changes)

    async def change_guild(self, guild: int, **changes: Any) -> None:
        place = self._world.guilds[guild]
        _change(place, changes)
        await self._gateway.publish("GUILD_UPDATE", wire.guild(place), guild)

    async def change_channel(self, channel: int, **changes: Any) -> None:
        place = self._world.channels[channel]
        bits(changes.get("missing", []))
        _change(place, changes)
        await self._announce(place, "UPDATE")

    async def delete_channel(self, channel: int) -> None:
        await self._announce(self._world.channels.pop(channel), "DELETE")

    async def remove_bot(self, guild: int) -> None:
        """Throw the bot out of a guild, as a moderator does."""
        self._world.guilds[guild].bot_member = False
        await self._gateway.publish("GUILD_DELETE", {"id": str(guild)}, guild)

    async def remove_member(self, guild: int, user: int) -> None:
        del self._world.guilds[guild].members[user]

    async def _announce(self, channel: Channel, what: str) -> None:
        guild = self._world.guild_of(channel)
        if guild is not None and guild.bot_member:
            kind = "THREAD" if channel.parent_id else "CHANNEL"
            event = wire.channel(self._world, channel)
            await self._gateway.publish(f"{kind}_{what}", event, guild.id)


def _change(thing: Any, changes: JSON) -> None:
    """Set attributes that exist; an unknown one is an error."""
    for name, value in changes.items():
        getattr(thing, name)
        setattr(thing, name, value)
