"""The application as Discord's developer portal has it."""

from collections.abc import Iterator

import discord

from bot.check.finding import Finding, ok, warning, wrong
from bot.netmind.catalog import Catalog

_NAME = "application"
_PORTAL = "in the developer portal"


def judge(info: discord.AppInfo, catalog: Catalog | None) -> list[Finding]:
    """Say what of it keeps the bot from working, and what Discord wants of it."""
    return [*_trouble(info), *_links(info), *_who_may_add(info), *_intents(info, catalog)]


def invite(application_id: int, permissions: discord.Permissions) -> str:
    """Return the link that invites the bot with exactly these permissions."""
    scopes = ("bot", "applications.commands")
    return discord.utils.oauth_url(application_id, permissions=permissions, scopes=scopes)


def _trouble(info: discord.AppInfo) -> Iterator[Finding]:
    if info.interactions_endpoint_url is not None:
        yield wrong(
            _NAME,
            "Discord sends commands to an Interactions Endpoint URL and none to this bot; "
            f"empty that field {_PORTAL}.",
        )
    if info.bot_require_code_grant:
        yield wrong(
            _NAME,
            f"Nobody can invite it: Requires OAuth2 Code Grant is on. Turn that off {_PORTAL}.",
        )


def _links(info: discord.AppInfo) -> Iterator[Finding]:
    links = {
        "terms of service": info.terms_of_service_url,
        "privacy policy": info.privacy_policy_url,
    }
    missing = " and ".join(f"the {name}" for name, link in links.items() if not link)
    if missing:
        yield warning(
            _NAME,
            f"It has no link to {missing}, which Discord asks of every application; set them "
            f"{_PORTAL} (docs/terms.md and docs/privacy-policy.md are templates).",
        )
    else:
        yield ok(_NAME, "It has links to its terms and to its privacy policy.")


def _who_may_add(info: discord.AppInfo) -> Iterator[Finding]:
    if info.bot_public:
        yield ok(_NAME, "Public: everybody may add it to their server.")
    else:
        yield ok(_NAME, "Private: only who owns it may add it to a server.")


def _intents(info: discord.AppInfo, catalog: Catalog | None) -> Iterator[Finding]:
    """Of the privileged intents none is needed, and one is of use."""
    flags = info.flags
    content = flags.gateway_message_content or flags.gateway_message_content_limited
    if catalog is not None and catalog.taking_video() and not content:
        yield warning(
            "intents",
            "Add sound sees the videos of the bot and of who asks, not those of other people: "
            f"for these, turn Message Content on {_PORTAL}.",
        )
        return
    unneeded = [name for name, is_on in _unneeded(flags) if is_on]
    if unneeded:
        yield ok("intents", f"All that are needed; {' and '.join(unneeded)} could be off.")
    else:
        yield ok("intents", "All that are needed: no privileged one is.")


def _unneeded(flags: discord.ApplicationFlags) -> Iterator[tuple[str, bool]]:
    yield "Server Members", flags.gateway_guild_members or flags.gateway_guild_members_limited
    yield "Presence", flags.gateway_presence or flags.gateway_presence_limited
