"""Discord in miniature: simcord with one guild, a channel and two people, and its page.

simcord's clock is virtual and starts in the past; here it is kept in step with the real one.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.preview import Preview

# Seconds between two looks whether the page is out of date.
_REFRESH = 0.5


@dataclass
class SandboxDiscord:
    """The guild's one channel and the people in it."""

    env: simcord.Env
    channel: ChannelHandle
    mira: MemberActor
    jonas: MemberActor
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def type(self, person: MemberActor, command: str, options: dict[str, Any]) -> None:
        """Have a person type a slash command."""
        async with self._turn:
            await person.slash(self.channel, command, **options)

    def message(self, message_id: int) -> discord.Message | None:
        """Return a message of the channel, or None."""
        return next((each for each in self.channel.history() if each.id == message_id), None)

    def file(self, attachment: discord.Attachment) -> bytes:
        """Return an uploaded file, as anybody in the channel can fetch it."""
        return self.env.backend.cdn.get(attachment.url) or b""

    async def catch_up(self) -> None:
        """Move the virtual clock to the present."""
        behind = (datetime.now(UTC) - self.env.now()).total_seconds()
        await self.env.advance_time(max(0.0, behind))

    @asynccontextmanager
    async def page(self, port: int | None = None) -> AsyncIterator[Preview]:
        """Serve the channel as a page where anybody can type the commands."""
        preview = self.env.preview(
            self.channel, viewers=[self.mira, self.jonas], layout="channel", port=port
        )
        self._take_turns(preview)
        async with preview:
            refreshing = asyncio.create_task(self._keep_fresh(preview))
            try:
                yield preview
            finally:
                refreshing.cancel()
                await asyncio.gather(refreshing, return_exceptions=True)

    def _take_turns(self, preview: Preview) -> None:
        """Let what people do on the page wait while it is published.

        simcord refuses what comes while it does something else, and then the page takes nothing
        more. It has no public name for this.
        """
        act = preview._action  # noqa: SLF001 - see above

        async def act_in_turn(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
            async with self._turn:
                return await act(context_id, body)

        preview._action = act_in_turn  # type: ignore[method-assign]  # noqa: SLF001

    async def _keep_fresh(self, preview: Preview) -> None:
        """Publish what the bot did on its own; the page asks only after its own actions."""
        seen = self._own_messages()
        while True:
            await asyncio.sleep(_REFRESH)
            async with self._turn:
                with suppress(TimeoutError):  # the bot is busy; the next time
                    await self.catch_up()
                    if seen != (count := self._own_messages()):
                        await preview.refresh()
                        seen = count

    def _own_messages(self) -> int:
        """Count what the bot sent or edited with its own token, not in answer to an action.

        A click on a page that was published anew since is refused, so no more than these may
        publish it.
        """
        return sum(each.path.startswith("/channels/") for each in self.env.http_requests)


@asynccontextmanager
async def started(client: discord.Client) -> AsyncIterator[simcord.Env]:
    """Log the client in to an empty simcord, and out again.

    simcord.run() must end in the very context it began in, which fixtures do not promise.
    """
    env = simcord.Env(client, shard_count=1)
    await env.start()
    try:
        yield env
    finally:
        await env.shutdown()


@asynccontextmanager
async def open_discord(client: discord.Client) -> AsyncIterator[SandboxDiscord]:
    """Log the bot in to a world of its own."""
    async with started(client) as env:
        env.backend.bot_user.name = "Foley"
        guild = env.create_guild("The Sound Shop")
        channel = guild.create_text_channel("studio")
        world = SandboxDiscord(
            env,
            channel,
            guild.add_member(env.create_user("mira", global_name="Mira")),
            guild.add_member(env.create_user("jonas", global_name="Jonas")),
        )
        await world.catch_up()
        yield world
