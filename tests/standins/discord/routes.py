"""Every route that is modelled, under the name it has in Discord's own document."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.standins.discord import commands, identity, interactions, messages
from tests.standins.discord.call import Answer, Call
from tests.standins.discord.world import World


@dataclass(frozen=True)
class Route:
    """A method and a path; `open` ones need no bot token and count against no limit."""

    method: str
    template: str
    handle: Callable[[World, Call], Answer]
    open: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


APP = "/applications/{application_id}"
CHANNEL = "/channels/{channel_id}"
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
GUILD = "/guilds/{guild_id}"

ROUTES = (
    Route("GET", "/users/@me", identity.me),
    Route("GET", "/oauth2/applications/@me", identity.application),
    Route("GET", "/applications/@me", identity.application),
    Route("GET", "/gateway", identity.gateway, open=True),
    Route("GET", "/gateway/bot", identity.gateway_bot),
    Route("POST", "/users/@me/channels", messages.open_direct_messages),
    Route("GET", "/users/{user_id}", identity.user),
    Route("GET", GUILD, identity.guild),
    Route("GET", f"{GUILD}/channels", identity.channels),
    Route("GET", f"{GUILD}/members/{{user_id}}", identity.member),
    Route("GET", f"{APP}/commands", commands.listing),
    Route("PUT", f"{APP}/commands", commands.replace_all),
    Route("POST", f"{APP}/commands", commands.create),
    Route("DELETE", f"{APP}/commands/{{command_id}}", commands.delete),
    Route("GET", f"{APP}/guilds/{{guild_id}}/commands", commands.listing),
    Route("PUT", f"{APP}/guilds/{{guild_id}}/commands", commands.replace_all),
    Route("POST", f"{APP}/guilds/{{guild_id}}/commands", commands.create),
    Route("DELETE", f"{APP}/guilds/{{guild_id}}/commands/{{command_id}}", commands.delete),
    Route("GET", CHANNEL, messages.get_channel),
    Route("POST", f"{CHANNEL}/typing", messages.typing),
    Route("GET", f"{CHANNEL}/messages", messages.listing),
    Route("POST", f"{CHANNEL}/messages", messages.create),
    Route("GET", f"{CHANNEL}/messages/{{message_id}}", messages.get),
    Route("PATCH", f"{CHANNEL}/messages/{{message_id}}", messages.edit),
    Route("DELETE", f"{CHANNEL}/messages/{{message_id}}", messages.delete),
    Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        interactions.respond,
        open=True,
    ),
    Route("POST", HOOK, interactions.follow_up, open=True),
    Route("GET", f"{HOOK}/messages/@original", interactions.get, open=True),
    Route("PATCH", f"{HOOK}/messages/@original", interactions.edit, open=True),
    Route("DELETE", f"{HOOK}/messages/@original", interactions.delete, open=True),
    Route("GET", f"{HOOK}/messages/{{message_id}}", interactions.get, open=True),
    Route("PATCH", f"{HOOK}/messages/{{message_id}}", interactions.edit, open=True),
    Route("DELETE", f"{HOOK}/messages/{{message_id}}", interactions.delete, open=True),
)
