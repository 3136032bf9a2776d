"""The stand-in as tests see it: a process to start, people to move, a ledger to read."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import aiohttp
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.standins.discord.faults import Fault
from tests.standins.discord.ledger import Entry
from tests.standins.discord.world import JSON, Home

ROOT = Path(__file__).parents[3]
OPENAPI = ROOT.parent / "shared" / "discord-openapi.json"
"""Discord's own document, which is not part of this project; it may be absent."""

PATIENCE = 5.0
POLL = 2.0


class ControlError(Exception):
    """The test asked the stand-in for something impossible."""


@dataclass
class DiscordStandIn:
    """A running stand-in. Use it as `async with await DiscordStandIn.start() as discord`."""

    api_base: str
    gateway: str
    control: str
    token: str
    process: subprocess.Popen[str]
    session: aiohttp.ClientSession
    home: Home = field(default_factory=Home)

    @classmethod
    async def start(cls, *, openapi: Path | None = None, port: int = 0) -> Self:
        """Start the process; returns once it listens. With a document, contracts are checked."""
        command = [sys.executable, "-m", "tests.standins.discord", f"--port={port}"]
        command += ["--watch-stdin", *([f"--openapi={openapi}"] if openapi else [])]
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own command; a pipe, read in a thread
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        if not line:
            raise ControlError(f"The stand-in ended with {process.wait()} before it listened.")
        return cls(**json.loads(line), process=process, session=aiohttp.ClientSession())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End it politely; again and again if you like."""
        self.process.terminate()
        await self._reap()

    async def kill(self) -> None:
        """End it like a power cut: Discord is gone."""
        self.process.kill()
        await self._reap()

    async def _reap(self) -> None:
        await asyncio.to_thread(self.process.wait, PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        await self.session.close()

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which a Foley in another process talks to the stand-in."""
        return {"DISCORD_API_BASE": self.api_base, "DISCORD_TOKEN": self.token}

    @contextmanager
    def pointed_at(self) -> Iterator[None]:
        """Within this, discord.py in this process talks to the stand-in."""
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.api_base, yarl.URL(self.gateway)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    async def reset(self) -> None:
        """Begin anew: faster than another process. Close your bots first."""
        await self.call("reset")

    async def call(self, name: str, /, **facts: Any) -> Any:
        """Any control call of `control.Control`, by its name."""
        async with self.session.post(f"{self.control}/{name}", json=facts) as response:
            answer = await response.json()
        if response.status != 200:
            raise ControlError(answer["error"])
        return answer["result"]

    # People.

    async def invoke(
        self,
        name: str,
        options: JSON | None = None,
        *,
        user: int = Home.alice,
        channel: int = Home.channel,
        target: int | None = None,
    ) -> int:
        """Pick a command; the id of the interaction. `target`: of a context menu command."""
        facts = {"name": name, "options": options or {}, "user": user, "channel": channel}
        return cast("int", await self.call("invoke", **facts, target=target))

    async def autocomplete(
        self,
        name: str,
        options: JSON,
        *,
        focused: str,
        user: int = Home.alice,
        channel: int = Home.channel,
        timeout: float = PATIENCE,
    ) -> list[JSON]:
        """Type into an option; the choices that the bot offers."""
        facts = {"name": name, "options": options, "user": user, "channel": channel}
        made = await self.call("autocomplete", **facts, focused=focused)
        answer = await self.wait_for(answered(made), timeout=timeout)
        return cast("list[JSON]", answer.body["data"]["choices"])

    async def click(
        self,
        message_id: int,
        custom_id: str,
        *,
        user: int = Home.alice,
        values: Sequence[str] | None = None,
    ) -> int:
        """Press a button or choose in a select menu; the id of the interaction."""
        chosen = None if values is None else list(values)
        facts = {"message_id": message_id, "custom_id": custom_id, "user": user}
        return cast("int", await self.call("click", **facts, values=chosen))

    async def submit(self, interaction_id: int, values: JSON) -> int:
        """Send the form that an interaction opened; the id of the new interaction."""
        made = await self.call("submit", interaction_id=interaction_id, values=values)
        return cast("int", made)

    async def post(
        self, content: str, *, user: int = Home.alice, channel: int = Home.channel
    ) -> int:
        """Write a message as a person; its id."""
        made = await self.call("post", user=user, channel=channel, content=content)
        return cast("int", made)

    async def direct_messages(self, user: int = Home.alice) -> int:
        """Open the direct messages between the bot and a person; the channel's id."""
        return cast("int", await self.call("direct_messages", user=user))

    async def attach(self, filename: str, data: bytes, *, channel: int = Home.channel) -> int:
        """Upload a file as a person; its id is the value of an option or of a form's upload."""
        packed = base64.b64encode(data).decode()
        made = await self.call("attach", channel=channel, filename=filename, data=packed)
        return cast("int", made)

    async def replay(self, interaction_id: int) -> None:
        """Send the same INTERACTION_CREATE again."""
        await self.call("replay", interaction_id=interaction_id)

    # What happened.

    async def ledger(self, *, after: int = 0) -> list[Entry]:
        """Everything that happened since an entry's `seq`."""
        return await self._entries(after, wait=0)

    async def wait_for(
        self, predicate: Callable[[Entry], object], *, timeout: float = PATIENCE, after: int = 0
    ) -> Entry:
        """Return the first entry since `after` that satisfies the predicate, past or to come."""
        seen: list[Entry] = []
        try:
            async with asyncio.timeout(timeout):
                while True:
                    for entry in await self._entries(after, wait=POLL):
                        if predicate(entry):
                            return entry
                        seen.append(entry)
                        after = entry.seq
        except TimeoutError:
            last = "\n".join(str(entry.to_json()) for entry in seen[-10:])
            raise TimeoutError(f"Nothing fits after {timeout} s. The last were:\n{last}") from None

    async def violations(self) -> list[str]:
        """Each way in which the bot or the stand-in left Discord's document."""
        return [
            f"{entry.method} {entry.route} ({entry.detail['side']}): {entry.detail['sentence']}"
            for entry in await self.ledger()
            if entry.kind == "violation"
        ]

    async def messages(self, channel: int = Home.channel, *, deleted: bool = False) -> list[JSON]:
        """Discord's JSON of a channel's messages, oldest first, private ones too, with sha256."""
        return cast("list[JSON]", await self.call("messages", channel=channel, deleted=deleted))

    async def message(self, message_id: int) -> JSON:
        """Discord's JSON of one message, also when it is deleted."""
        return cast("JSON", await self.call("message", message_id=message_id))

    async def interaction(self, interaction_id: int) -> JSON:
        """`answered` (type or None), `original_id`, `modal`, `followups`, `message_id`."""
        return cast("JSON", await self.call("interaction", interaction_id=interaction_id))

    async def commands(self, guild: int | None = None) -> list[JSON]:
        """Say what the bot registered, for everybody or for one guild."""
        return cast("list[JSON]", await self.call("commands", guild=guild))

    async def sessions(self) -> list[JSON]:
        """`id`, `shard`, `seq` and `live` of each gateway session that may still be resumed."""
        return cast("list[JSON]", await self.call("sessions"))

    async def _entries(self, after: int, *, wait: float) -> list[Entry]:
        return [Entry(**facts) for facts in await self.call("ledger", after=after, wait=wait)]

    # Faults, limits and time.

    async def plan(self, fault: Fault) -> None:
        """Let this happen to the next requests that match; faults are served in this order."""
        await self.call("fault", **fault.to_json())

    async def clear_faults(self) -> int:
        """Forget what was planned; how many faults were still left."""
        return cast("int", await self.call("clear_faults"))

    async def limit(self, route: str, requests: int, seconds: float) -> None:
        """So many requests in so many seconds for `POST /channels/{channel_id}/messages`."""
        await self.call("limit", route=route, requests=requests, seconds=seconds)

    async def settings(self, **changes: float) -> None:
        """Change `world.Settings`: nonce_window, answer_within, heartbeat_acks, shards ..."""
        await self.call("settings", **changes)

    async def advance(self, seconds: float) -> None:
        """Push the stand-in's clock: windows close, tokens and links die."""
        await self.call("advance", seconds=seconds)

    async def expire(self, interaction_id: int) -> None:
        """Let an interaction's token die now (401 / 50027)."""
        await self.call("expire", interaction_id=interaction_id)

    # The gateway.

    async def drop(self, code: int | None = None, *, shard: int | None = None) -> int:
        """Close the bot's sockets with a code, or cut them; how many there were."""
        return cast("int", await self.call("drop", code=code, shard=shard))

    async def reset_token(self) -> int:
        """Do what the developer portal's button does: `token` is wrong from now on, until `reset`.

        The bot's sockets are closed with 4004, as is whoever comes back; how many there were.
        """
        return cast("int", await self.call("reset_token"))

    async def reconnect(self, *, shard: int | None = None) -> int:
        """Opcode 7."""
        return cast("int", await self.call("reconnect", shard=shard))

    async def invalidate(self, *, resumable: bool, shard: int | None = None) -> int:
        """Opcode 9."""
        return cast("int", await self.call("invalidate", resumable=resumable, shard=shard))

    async def hold_gateway(self) -> None:
        """Whoever connects from now on waits for `release_gateway`."""
        await self.call("hold_gateway")

    async def release_gateway(self) -> None:
        await self.call("release_gateway")

    async def refuse_identify(self, code: int) -> None:
        """Close with this code (4004, 4014 ...) instead of READY, once."""
        await self.call("refuse_identify", code=code)

    # The world.

    async def add_user(
        self, name: str, *, guild: int | None = Home.guild, permissions: Sequence[str] = ()
    ) -> int:
        facts = {"name": name, "guild": guild, "permissions": list(permissions)}
        return cast("int", await self.call("add_user", **facts))

    async def add_guild(self, name: str, *, owner: int = Home.moderator, **facts: Any) -> int:
        """`bot_member=False`: a guild where only a person installed the application."""
        return cast("int", await self.call("add_guild", name=name, owner=owner, **facts))

    async def add_furnished_guilds(self, number: int, *, owner: int = Home.moderator) -> None:
        """Make many guilds with roles, channels and so on; who connects later is in them."""
        await self.call("add_furnished_guilds", number=number, owner=owner)

    async def add_channel(self, name: str, *, guild: int = Home.guild, **facts: Any) -> int:
        """Make a channel, or with `type=11, parent_id=...` a thread; see also `change_channel`."""
        return cast("int", await self.call("add_channel", name=name, guild=guild, **facts))

    async def change_user(self, user: int, **changes: Any) -> None:
        """`nitro`, `dms_closed`, `locale`."""
        await self.call("change_user", user=user, **changes)

    async def change_guild(self, guild: int = Home.guild, **changes: Any) -> None:
        """`premium_tier`, `upload_limit` (bytes; None: what the tier gives), `locale`."""
        await self.call("change_guild", guild=guild, **changes)

    async def change_channel(self, channel: int = Home.channel, **changes: Any) -> None:
        """`missing` (names of permissions the bot lacks), `nsfw`, `archived`, `locked`."""
        await self.call("change_channel", channel=channel, **changes)

    async def delete_channel(self, channel: int) -> None:
        await self.call("delete_channel", channel=channel)

    async def remove_bot(self, guild: int = Home.guild) -> None:
        await self.call("remove_bot", guild=guild)

    async def remove_member(self, user: int, *, guild: int = Home.guild) -> None:
        await self.call("remove_member", guild=guild, user=user)


def answered(interaction_id: int) -> Callable[[Entry], bool]:
    """For `wait_for`: the first answer to this interaction was accepted."""

    def is_it(entry: Entry) -> bool:
        return (
            entry.interaction_id == interaction_id
            and (entry.route or "").endswith("/callback")
            and (entry.status or 500) < 300
        )

    return is_it


def edited(message_id: int) -> Callable[[Entry], bool]:
    """For `wait_for`: this message was edited."""
    return lambda e: e.method == "PATCH" and e.message_id == message_id and e.status == 200


def posted(channel: int = Home.channel) -> Callable[[Entry], bool]:
    """For `wait_for`: the bot's token made a new message in this channel."""
    return lambda e: (
        e.method == "POST"
        and e.route == "/channels/{channel_id}/messages"
        and e.channel_id == channel
        and e.status == 200
        and not e.repeated
    )


__all__ = ["OPENAPI", "ControlError", "DiscordStandIn", "Entry", "answered", "edited", "posted"]
