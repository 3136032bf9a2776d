"""Messages, channels and typing, as the bot's own token reaches them."""

from dataclasses import replace

from tests.standins.discord import refusals, wire
from tests.standins.discord.call import Answer, Call
from tests.standins.discord.drafts import Draft
from tests.standins.discord.world import (
    DM,
    JSON,
    THREAD,
    VOICE_MESSAGE,
    Channel,
    Message,
    World,
)

REPLY = 19
LONGEST_NONCE = 25
MOST_LISTED = 100


def reachable(world: World, call: Call, *needed: str) -> Channel:
    """Return the channel of the path, if the bot sees it and may do all that is needed there."""
    channel = world.channels.get(call.id("channel_id"))
    if channel is None:
        raise refusals.unknown_channel()
    guild, missing = world.guild_of(channel), world.missing(channel)
    if channel.type != DM and (guild is None or not guild.bot_member):
        raise refusals.missing_access()
    if "view_channel" in missing:
        raise refusals.missing_access()
    if missing & set(needed):
        raise refusals.missing_permissions()
    return channel


def find(world: World, channel: Channel, message_id: int) -> Message:
    """Return a message that everybody in the channel can see."""
    message = world.messages.get(message_id)
    if message is None or message.deleted or message.channel_id != channel.id or message.ephemeral:
        raise refusals.unknown_message()
    return message


def answer(world: World, message: Message, status: int = 200) -> Answer:
    return Answer(
        status,
        wire.message(world, message),
        message_id=message.id,
        channel_id=message.channel_id,
        interaction_id=message.interaction_id,
    )


def create(world: World, call: Call) -> Answer:
    """POST: a new message, or the first one that had this nonce."""
    channel = reachable(world, call, *_needed_to_send(world, call))
    _check_open(world, channel)
    first = _with_same_nonce(world, call.payload)
    if first is not None:
        repeated = answer(world, first)
        repeated.repeated = True
        return repeated
    message = Message(
        id=world.clock.snowflake(),
        channel_id=channel.id,
        author_id=world.application_id,
        created_at=world.clock.now(),
        nonce=call.payload.get("nonce"),
        tts=bool(call.payload.get("tts")),
        reference_id=_reference(world, channel, call.payload.get("message_reference")),
    )
    message.type = REPLY if message.reference_id else 0
    draft = Draft(world, channel, call.payload, call.uploads, world.file_limit(channel))
    written = world.add_message(draft.apply(message))
    channel.archived = False
    return answer(world, written)


def _needed_to_send(world: World, call: Call) -> list[str]:
    channel = world.channels.get(call.id("channel_id"))
    in_thread = channel is not None and channel.type == THREAD
    needed = ["send_messages_in_threads" if in_thread else "send_messages"]
    needed += ["attach_files"] if call.uploads else []
    needed += ["embed_links"] if call.payload.get("embeds") else []
    voice = (call.payload.get("flags") or 0) & VOICE_MESSAGE
    return [*needed, "send_voice_messages"] if voice else needed


def _check_open(world: World, channel: Channel) -> None:
    """Refuse a person who takes no direct messages, and a thread that was locked."""
    if channel.type == DM and world.users[channel.recipient_id or 0].dms_closed:
        raise refusals.closed_direct_messages()
    if channel.archived and channel.locked:
        raise refusals.archived_thread()


def _with_same_nonce(world: World, payload: JSON) -> Message | None:
    """Return the bot's message that already used this nonce within the window."""
    nonce = payload.get("nonce")
    if len(str(nonce or "")) > LONGEST_NONCE:
        error = "Must be 25 or fewer in length."
        raise refusals.invalid("nonce", "BASE_TYPE_MAX_LENGTH", error)
    if nonce is None or not payload.get("enforce_nonce"):
        return None
    for message in reversed(world.messages.values()):
        if world.clock.age(message.created_at) > world.settings.nonce_window:
            return None
        if message.nonce is not None and str(message.nonce) == str(nonce) and not message.deleted:
            return message
    return None


def _reference(world: World, channel: Channel, sent: JSON | None) -> int | None:
    """Return the message replied to; None when it is gone and the request does not mind."""
    if not sent:
        return None
    if "read_message_history" in world.missing(channel):
        raise refusals.cannot_reply()
    target = world.messages.get(int(sent["message_id"]))
    if target and not target.deleted and target.channel_id == channel.id:
        return target.id
    if sent.get("fail_if_not_exists", True):
        code = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
        raise refusals.invalid("message_reference", code, "Unknown message")
    return None


def edit(world: World, call: Call) -> Answer:
    """PATCH: only the bot's own messages."""
    channel = reachable(world, call, *(["attach_files"] if call.uploads else []))
    message = find(world, channel, call.id("message_id"))
    if message.author_id != world.application_id:
        raise refusals.foreign_message()
    return rewrite(world, message, call.payload, call, world.file_limit(channel))


def rewrite(world: World, message: Message, payload: JSON, call: Call, file_limit: int) -> Answer:
    """Store the message as the payload wants it now."""
    channel = world.channels[message.channel_id]
    draft = Draft(world, channel, payload, call.uploads, file_limit)
    edited = replace(draft.apply(message), edited_at=world.clock.now())
    return answer(world, world.add_message(edited))


def delete(world: World, call: Call) -> Answer:
    """DELETE: one's own, or with the permission anybody's."""
    channel = reachable(world, call)
    message = find(world, channel, call.id("message_id"))
    if message.author_id != world.application_id:
        raise refusals.missing_permissions()
    return erase(message)


def erase(message: Message) -> Answer:
    message.deleted = True
    return Answer(
        204,
        message_id=message.id,
        channel_id=message.channel_id,
        interaction_id=message.interaction_id,
    )


def get(world: World, call: Call) -> Answer:
    """GET one message."""
    channel = reachable(world, call, "read_message_history")
    return answer(world, find(world, channel, call.id("message_id")))


def listing(world: World, call: Call) -> Answer:
    """GET the channel's messages, newest first; without the history permission none."""
    channel = reachable(world, call)
    visible = [m for m in world.messages_in(channel.id) if not m.deleted and not m.ephemeral]
    if "read_message_history" in world.missing(channel):
        visible = []
    page = _page(visible, call.query)
    payload = [wire.message(world, message) for message in reversed(page)]
    return Answer(200, payload, channel_id=channel.id)


def _page(messages: list[Message], query: dict[str, str]) -> list[Message]:
    """Return the part of the list, oldest first, that the query asks for."""
    limit = int(query.get("limit", "50"))
    if not 1 <= limit <= MOST_LISTED:
        raise refusals.invalid("limit", "NUMBER_TYPE_MAX", "Must be between 1 and 100.")
    if "after" in query:
        return [m for m in messages if m.id > int(query["after"])][:limit]
    if "around" in query:
        middle = int(query["around"])
        older = [m for m in messages if m.id < middle][-(limit // 2) :]
        return older + [m for m in messages if m.id >= middle][: limit - len(older)]
    before = int(query.get("before", str(1 << 63)))
    return [m for m in messages if m.id < before][-limit:]


def get_channel(world: World, call: Call) -> Answer:
    channel = reachable(world, call)
    return Answer(200, wire.channel(world, channel), channel_id=channel.id)


def typing(world: World, call: Call) -> Answer:
    channel = reachable(world, call, "send_messages")
    return Answer(204, channel_id=channel.id)


def open_direct_messages(world: World, call: Call) -> Answer:
    """POST /users/@me/channels."""
    person = world.users.get(int(call.payload.get("recipient_id") or 0))
    if person is None or person.bot:
        raise refusals.unknown_user()
    channel = world.direct_messages(person.id)
    return Answer(200, wire.channel(world, channel), channel_id=channel.id)
