"""Answers to interactions, and what may follow them while their token lives."""

from collections.abc import Callable

from tests.standins.discord import messages, refusals, wire
from tests.standins.discord.call import Answer, Call
from tests.standins.discord.drafts import Draft
from tests.standins.discord.world import EPHEMERAL, JSON, LOADING, Interaction, Message, World

SAY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9
"""The types of answers that are modelled."""

COMMAND_ANSWER, CONTEXT_ANSWER = 20, 23
MOST_FOLLOWUPS_WITHOUT_BOT = 5


def respond(world: World, call: Call) -> Answer:
    """POST .../callback: the one first answer, within three seconds."""
    interaction = world.interactions.get(call.id("interaction_id"))
    if interaction is None or interaction.token != call.params["interaction_token"]:
        raise refusals.unknown_interaction()
    if interaction.answered is not None:
        raise refusals.already_answered()
    if world.clock.age(interaction.created_at) > world.settings.answer_within:
        raise refusals.unknown_interaction()
    kind = call.payload.get("type")
    if kind not in _allowed(world, interaction):
        raise refusals.invalid("type", "BASE_TYPE_CHOICES", f"{kind!r} is no answer to this.")
    message = ANSWERS[kind](world, interaction, call)
    interaction.answered = kind
    answer = _callback(world, interaction, message, loud=call.flag("with_response"))
    answer.message_id = message.id if message else None
    answer.channel_id, answer.interaction_id = interaction.channel_id, interaction.id
    return answer


def _allowed(world: World, interaction: Interaction) -> set[int]:
    """Return the types of answers that this kind of interaction can have."""
    if interaction.type == wire.AUTOCOMPLETE:
        return {CHOICES}
    parent = world.interactions.get(interaction.parent_id or 0)
    on_message = wire.COMPONENT in {interaction.type, parent.type if parent else 0}
    allowed = {SAY, DEFER} | ({DEFER_UPDATE, UPDATE} if on_message else set())
    return allowed if interaction.type == wire.MODAL else allowed | {FORM}


def _callback(
    world: World, interaction: Interaction, message: Message | None, *, loud: bool
) -> Answer:
    """204, or what was made for those who asked for it."""
    if not loud:
        return Answer(204)
    shown: JSON = {"id": str(interaction.id), "type": interaction.type}
    if message is None:
        return Answer(200, {"interaction": shown})
    shown |= {
        "response_message_id": str(message.id),
        "response_message_loading": bool(message.flags & LOADING),
        "response_message_ephemeral": message.ephemeral,
    }
    payload: JSON = {"interaction": shown}
    if interaction.answered in {SAY, UPDATE, DEFER}:
        kind = UPDATE if interaction.answered == UPDATE else SAY
        payload["resource"] = {"type": kind, "message": wire.message(world, message)}
    return Answer(200, payload)


def _say(world: World, interaction: Interaction, call: Call) -> Message:
    message = _write(world, interaction, _data(call), call)
    interaction.original_id = message.id
    return message


def _defer(world: World, interaction: Interaction, call: Call) -> Message:
    """Return the message that says "thinking" until it is edited."""
    message = _blank(world, interaction)
    message.flags = LOADING | ((_data(call).get("flags") or 0) & EPHEMERAL)
    interaction.original_id = message.id
    return world.add_message(message)


def _defer_update(world: World, interaction: Interaction, _: Call) -> Message | None:
    interaction.original_id = interaction.message_id
    return world.messages.get(interaction.message_id or 0)


def _update(world: World, interaction: Interaction, call: Call) -> Message:
    original = world.messages[interaction.message_id or 0]
    interaction.original_id = original.id
    messages.rewrite(world, original, _data(call), call, interaction.file_limit)
    return world.messages[original.id]


def _choices(_: World, __: Interaction, ___: Call) -> None:
    """Leave it at that: the ledger keeps what was offered."""


def _form(_: World, interaction: Interaction, call: Call) -> None:
    interaction.modal = _data(call)


ANSWERS: dict[int, Callable[[World, Interaction, Call], Message | None]] = {
    SAY: _say,
    DEFER: _defer,
    DEFER_UPDATE: _defer_update,
    UPDATE: _update,
    CHOICES: _choices,
    FORM: _form,
}


def _data(call: Call) -> JSON:
    return call.payload.get("data") or {}


def _blank(world: World, interaction: Interaction) -> Message:
    context_menu = interaction.data.get("type", 1) != 1
    kind = CONTEXT_ANSWER if context_menu else COMMAND_ANSWER
    return Message(
        id=world.clock.snowflake(),
        channel_id=interaction.channel_id,
        author_id=world.application_id,
        created_at=world.clock.now(),
        type=kind if interaction.type == wire.COMMAND else 0,
        interaction_id=interaction.id,
    )


def _write(world: World, interaction: Interaction, payload: JSON, call: Call) -> Message:
    channel = world.channels[interaction.channel_id]
    draft = Draft(world, channel, payload, call.uploads, interaction.file_limit)
    return world.add_message(draft.apply(_blank(world, interaction)))


def _living(world: World, call: Call) -> Interaction:
    """Return the answered interaction behind a webhook's token."""
    interaction = world.interaction_of(call.params["webhook_token"])
    if interaction is None or call.id("webhook_id") != world.application_id:
        raise refusals.unknown_webhook()
    too_old = world.clock.age(interaction.created_at) > world.settings.token_lifetime
    if interaction.expired or too_old:
        raise refusals.dead_token()
    if interaction.answered is None:
        raise refusals.unknown_webhook()
    return interaction


def follow_up(world: World, call: Call) -> Answer:
    """POST /webhooks/...: one more message; the first after a deferral fills that one."""
    interaction = _living(world, call)
    original = world.messages.get(interaction.original_id or 0)
    if original and original.flags & LOADING and not original.deleted:
        return _fill(world, interaction, original, call)
    guild = world.guild_of(world.channels[interaction.channel_id])
    interaction.followups += 1
    alone = guild is not None and not guild.bot_member
    if alone and interaction.followups > MOST_FOLLOWUPS_WITHOUT_BOT:
        raise refusals.too_many_followups()
    return messages.answer(world, _write(world, interaction, call.payload, call))


def _fill(world: World, interaction: Interaction, original: Message, call: Call) -> Answer:
    """Edit the message that was deferred; it stays as public or private as it was."""
    kept = (call.payload.get("flags") or 0) & ~EPHEMERAL
    payload = call.payload | {"flags": kept | original.flags}
    return messages.rewrite(world, original, payload, call, interaction.file_limit)


def _target(world: World, call: Call) -> tuple[Interaction, Message]:
    """Return the message of the path: `@original` or one that this interaction made."""
    interaction = _living(world, call)
    named = call.params.get("message_id", "@original")
    message_id = interaction.original_id if named == "@original" else call.id("message_id")
    message = world.messages.get(message_id or 0)
    if message is None or message.deleted:
        raise refusals.unknown_message()
    if message_id != interaction.original_id and message.interaction_id != interaction.id:
        raise refusals.unknown_message()
    return interaction, message


def get(world: World, call: Call) -> Answer:
    _, message = _target(world, call)
    return messages.answer(world, message)


def edit(world: World, call: Call) -> Answer:
    interaction, message = _target(world, call)
    if message.flags & LOADING:
        return _fill(world, interaction, message, call)
    return messages.rewrite(world, message, call.payload, call, interaction.file_limit)


def delete(world: World, call: Call) -> Answer:
    _, message = _target(world, call)
    return messages.erase(message)
