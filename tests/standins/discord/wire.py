"""Values of the world as Discord writes them in JSON."""

from datetime import timedelta
from urllib.parse import quote

from tests.standins.discord.permissions import EVERYDAY, bits
from tests.standins.discord.world import (
    DM,
    JSON,
    THREAD,
    UPLOAD_LIMIT_BY_TIER,
    UPLOAD_LIMIT_WITH_NITRO,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Message,
    User,
    World,
)

GUILD_NULLS = (
    "icon",
    "description",
    "home_header",
    "splash",
    "discovery_splash",
    "banner",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "widget_channel_id",
    "max_presences",
    "vanity_url_code",
    "rules_channel_id",
    "safety_alerts_channel_id",
    "public_updates_channel_id",
    "incidents_data",
)
GUILD_ZEROS = (
    "system_channel_flags",
    "verification_level",
    "default_message_notifications",
    "mfa_level",
    "explicit_content_filter",
    "premium_subscription_count",
    "nsfw_level",
)
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
"""The types of interactions."""


def user(person: User) -> JSON:
    return {
        "id": str(person.id),
        "username": person.name,
        "global_name": None if person.bot else person.name.title(),
        "discriminator": "0",
        "avatar": None,
        "bot": person.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def me(world: World) -> JSON:
    """Return the bot as it sees itself."""
    bot = user(world.users[world.application_id])
    return bot | {"mfa_enabled": False, "locale": "en-US", "verified": True}


def member(world: World, person: User) -> JSON:
    """Return a member of a guild, without what they may do."""
    joined = (world.clock.now() - timedelta(days=365)).isoformat()
    return {
        "user": user(person),
        "nick": None,
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": joined,
        "pending": False,
        "premium_since": None,
        "roles": [],
        "mute": False,
        "deaf": False,
    }


def application(world: World) -> JSON:
    owner = next(iter(world.guilds.values())).owner_id if world.guilds else world.application_id
    return {
        "id": str(world.application_id),
        "name": "Foley",
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(world.users[world.application_id]),
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(world.users[owner]),
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "rpc_origins": [],
        **world.settings.application,
    }


def channel(world: World, place: Channel) -> JSON:
    if place.type == DM:
        person = world.users[place.recipient_id or 0]
        return {"id": str(place.id), "type": DM, "flags": 0, "recipients": [user(person)]}
    common = {
        "id": str(place.id),
        "type": place.type,
        "guild_id": str(place.guild_id),
        "name": place.name,
        "flags": 0,
        "rate_limit_per_user": 0,
        "parent_id": str(place.parent_id) if place.parent_id else None,
        "last_message_id": None,
    }
    return common | (_thread(world, place) if place.type == THREAD else _text(world, place))


def _text(world: World, place: Channel) -> JSON:
    denied = {
        "id": str(world.application_id),
        "type": 1,
        "allow": "0",
        "deny": str(bits(place.missing)),
    }
    return {
        "position": 0,
        "topic": None,
        "nsfw": place.nsfw,
        "permission_overwrites": [denied] if place.missing else [],
    }


def _thread(world: World, place: Channel) -> JSON:
    return {
        "owner_id": str(world.application_id),
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": place.archived,
            "archive_timestamp": world.clock.now().isoformat(),
            "auto_archive_duration": 1440,
            "locked": place.locked,
        },
    }


def role(guild: Guild) -> JSON:
    """Return the @everyone role, the only one there is."""
    return {
        "id": str(guild.id),
        "name": "@everyone",
        "permissions": str(EVERYDAY & ~bits(guild.missing)),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def guild(place: Guild) -> JSON:
    """Return a guild as GET /guilds/{id} shows it."""
    return {
        **dict.fromkeys(GUILD_NULLS),
        **dict.fromkeys(GUILD_ZEROS, 0),
        "id": str(place.id),
        "name": place.name,
        "owner_id": str(place.owner_id),
        "features": [],
        "region": "us-west",
        "afk_timeout": 300,
        "widget_enabled": False,
        "roles": [role(place)],
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": place.premium_tier,
        "premium_progress_bar_enabled": False,
        "preferred_locale": place.locale,
        "nsfw": False,
        "emojis": [],
        "stickers": [],
    }


def guild_create(world: World, place: Guild) -> JSON:
    """Return a guild as the gateway shows it to a bot that is in it."""
    inside = [c for c in world.channels.values() if c.guild_id == place.id]
    return _furnished(
        place,
        guild(place)
        | {
            "joined_at": world.clock.now().isoformat(),
            "large": False,
            "unavailable": False,
            "member_count": len(place.members) + 1,
            "members": [member(world, world.users[world.application_id])],
            "channels": [channel(world, c) for c in inside if c.type != THREAD],
            "threads": [channel(world, c) for c in inside if c.type == THREAD],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        },
    )


def _furnished(place: Guild, event: JSON) -> JSON:
    """Put in what else there is; what is a list is made longer."""
    more = place.furniture.items()
    return event | {k: event[k] + v if isinstance(v, list) else v for k, v in more}


def attachment(world: World, file: Attachment) -> JSON:
    """Return a stored file with its link, which is signed and dies."""
    dies = int(world.clock.now().timestamp() + world.settings.link_lifetime)
    path = f"attachments/{file.channel_id}/{file.id}/{quote(file.filename)}"
    url = f"{world.base_url}/{path}?ex={dies:x}"
    return {
        "id": str(file.id),
        "filename": file.filename,
        "size": len(file.data),
        "url": url,
        "proxy_url": url,
        "content_type": file.content_type,
        **file.details,
    }


def message(world: World, post: Message, *, resolve_reference: bool = True) -> JSON:
    """Return a message, and once the one that it replies to."""
    interaction = world.interactions.get(post.interaction_id or 0)
    payload = {
        "id": str(post.id),
        "channel_id": str(post.channel_id),
        "author": user(world.users[post.author_id]),
        "type": post.type,
        "content": post.content,
        "mentions": [user(world.users[user_id]) for user_id in post.mentions],
        "mention_roles": [],
        "mention_everyone": post.mention_everyone,
        "attachments": [attachment(world, file) for file in post.attachments],
        "embeds": post.embeds,
        "components": post.components,
        "timestamp": post.created_at.isoformat(),
        "edited_timestamp": post.edited_at.isoformat() if post.edited_at else None,
        "flags": post.flags,
        "pinned": False,
        "tts": post.tts,
    }
    if post.nonce is not None:
        payload["nonce"] = post.nonce
    if post.reference_id is not None:
        payload |= _reference(world, post, resolve=resolve_reference)
    if interaction is not None:
        payload["application_id"] = payload["webhook_id"] = str(world.application_id)
        payload["interaction_metadata"] = metadata(world, interaction)
    return payload


def _reference(world: World, post: Message, *, resolve: bool) -> JSON:
    place = world.channels[post.channel_id]
    reference = {"type": 0, "channel_id": str(place.id), "message_id": str(post.reference_id)}
    if place.guild_id:
        reference["guild_id"] = str(place.guild_id)
    if not resolve:
        return {"message_reference": reference}
    target = world.messages.get(post.reference_id or 0)
    shown = target and not target.deleted and message(world, target, resolve_reference=False)
    return {"message_reference": reference, "referenced_message": shown or None}


def owners(world: World, interaction: Interaction) -> dict[str, str]:
    """Who installed the application: the guild (0), or only this person (1)."""
    guild = world.guild_of(world.channels[interaction.channel_id])
    if guild is not None and guild.bot_member:
        return {"0": str(guild.id)}
    return {"1": str(interaction.user_id)} if guild else {"0": "0"}


def metadata(world: World, interaction: Interaction) -> JSON:
    """Why a message exists: the interaction that it answers."""
    shown = {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": user(world.users[interaction.user_id]),
        "authorizing_integration_owners": owners(world, interaction),
    }
    parent = world.interactions.get(interaction.parent_id or 0)
    if interaction.type == COMPONENT:
        shown["interacted_message_id"] = str(interaction.message_id)
    if interaction.type == MODAL and parent is not None:
        shown["triggering_interaction_metadata"] = metadata(world, parent)
    return shown


def file_limit(world: World, person: User, place: Channel) -> int:
    """Say what an answer to this person may carry here: their Nitro counts."""
    own = UPLOAD_LIMIT_WITH_NITRO if person.nitro else UPLOAD_LIMIT_BY_TIER[0]
    return max(own, world.file_limit(place))


def interaction_create(world: World, interaction: Interaction) -> JSON:
    """Return the event that tells the bot what a person did."""
    place = world.channels[interaction.channel_id]
    person = world.users[interaction.user_id]
    payload = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": interaction.type,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel": channel(world, place),
        "channel_id": str(place.id),
        "app_permissions": str(world.bot_permissions(place)),
        "locale": person.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners(world, interaction),
        "context": 1 if place.type == DM else 0,
        "attachment_size_limit": interaction.file_limit,
        **_invoker(world, place, person),
    }
    if interaction.message_id is not None:
        payload["message"] = message(world, world.messages[interaction.message_id])
    return payload


def _invoker(world: World, place: Channel, person: User) -> JSON:
    """Return a member and their guild, or in direct messages a user."""
    guild = world.guild_of(place)
    if guild is None:
        return {"user": user(person)}
    may = str(world.member_permissions(guild, person.id))
    return {
        "guild_id": str(guild.id),
        "guild_locale": guild.locale,
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "member": member(world, person) | {"permissions": may},
    }
