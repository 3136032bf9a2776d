"""Reading the evidence off the stand-ins: what Discord shows, what NetMind made, what was asked."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.rig.evidence import (
    Answer,
    Cancel,
    Command,
    Evidence,
    File,
    Generation,
    Message,
    Request,
)
from tests.rig.records import read_records
from tests.standins.discord import ledger as discord_ledger
from tests.standins.discord.process import DiscordStandIn
from tests.standins.discord.world import EPHEMERAL, JSON
from tests.standins.netmind import ledger as netmind_ledger
from tests.standins.netmind.handle import Handle as NetmindHandle

# Types of a first answer to an interaction.
_MESSAGE, _UPDATE = 4, 7


@dataclass(frozen=True)
class GivenCommand:
    """What somebody typed; how it was answered is read later."""

    interaction_id: int
    person: int
    channel: int
    prompt: str
    at: datetime


@dataclass(frozen=True)
class GivenCancel:
    """Somebody's press of Cancel on the card of the command `of`."""

    interaction_id: int
    of: int
    person: int
    at: datetime


async def collect(
    discord: DiscordStandIn,
    netmind: NetmindHandle,
    database: str,
    *,
    commands: Iterable[GivenCommand],
    cancels: Iterable[GivenCancel] = (),
    logs: Iterable[str] = (),
    faults_stopped_at: datetime,
    **more: Any,
) -> Evidence:
    """Read everything about a run that is over; `more` are further fields of Evidence."""
    asked, told = await discord.ledger(), await netmind.ledger()
    messages, records, made = await asyncio.gather(
        discord_messages(discord), read_records(database), generations(netmind)
    )
    return Evidence(
        bot=discord.home.application,
        faults_stopped_at=faults_stopped_at,
        commands=tuple(_command(given, messages) for given in commands),
        cancels=tuple(_cancel(given, asked) for given in cancels),
        messages=messages,
        requests=(*discord_requests(asked), *netmind_requests(told)),
        generations=made,
        records=records,
        logs=tuple(logs),
        secrets=(discord.token, netmind.token, netmind.user_id),
        broken_rules=(*await discord.violations(), *await netmind.violations()),
        **more,
    )


# Discord.


async def discord_messages(discord: DiscordStandIn) -> tuple[Message, ...]:
    """Return every message of the home guild, deleted and private ones too."""
    channels = (discord.home.channel, discord.home.other_channel)
    found = [await discord.messages(channel, deleted=True) for channel in channels]
    return tuple(_message(shown) for channel in found for shown in channel)


def _message(shown: JSON) -> Message:
    files = ((file["filename"], file["size"], file["sha256"]) for file in shown["attachments"])
    edited, nonce = shown["edited_timestamp"], shown.get("nonce")
    reply_to = shown.get("message_reference", {}).get("message_id")
    interaction_id = shown.get("interaction_metadata", {}).get("id")
    return Message(
        id=int(shown["id"]),
        channel=int(shown["channel_id"]),
        author=int(shown["author"]["id"]),
        at=datetime.fromisoformat(shown["timestamp"]),
        content=shown["content"],
        embeds=json.dumps([shown["embeds"], shown["components"]], ensure_ascii=False),
        files=tuple(File(*facts) for facts in files),
        nonce=None if nonce is None else str(nonce),
        mentions=tuple(int(person["id"]) for person in shown["mentions"]),
        reply_to=int(reply_to) if reply_to else None,
        interaction_id=int(interaction_id) if interaction_id else None,
        private=bool(shown["flags"] & EPHEMERAL),
        edited_at=datetime.fromisoformat(edited) if edited else None,
        deleted=shown["deleted"],
    )


def _command(given: GivenCommand, messages: Iterable[Message]) -> Command:
    number = given.interaction_id
    answers = [message for message in messages if message.interaction_id == number]
    return Command(
        given.interaction_id,
        given.person,
        given.channel,
        given.prompt,
        given.at,
        _answer_shown(answers),
    )


def _answer_shown(answers: list[Message]) -> Answer:
    """Tell a card from a sentence; an answer that is only announced says nothing yet."""
    if any(not message.private and '"title"' in message.embeds for message in answers):
        return Answer.ACCEPTED
    return Answer.REFUSED if any(message.content for message in answers) else Answer.SILENT


def _cancel(given: GivenCancel, asked: list[discord_ledger.Entry]) -> Cancel:
    about = [e for e in asked if e.interaction_id == given.interaction_id and e.kind == "http"]
    done = [entry for entry in about if (entry.status or 500) < 300]
    return Cancel(given.interaction_id, given.of, given.person, given.at, _answer_to_cancel(done))


def _answer_to_cancel(done: list[discord_ledger.Entry]) -> Answer:
    """Tell the card drawn anew from a sentence in a message of its own."""
    kinds = [entry.body.get("type") for entry in done if (entry.route or "").endswith("/callback")]
    if _UPDATE in kinds or any(entry.method == "PATCH" for entry in done):
        return Answer.ACCEPTED
    followed = any(entry.method == "POST" and "webhook" in (entry.route or "") for entry in done)
    return Answer.REFUSED if _MESSAGE in kinds or followed else Answer.SILENT


def discord_requests(entries: Iterable[discord_ledger.Entry]) -> list[Request]:
    """Return what the bot asked of Discord's API."""
    return [
        Request(
            at=datetime.fromisoformat(entry.at),
            to="discord",
            method=entry.method or "",
            route=entry.route or "",
            status=_told(entry.status, entry.fault),
            planned=_replaced(entry.fault),
            body=entry.body,
        )
        for entry in entries
        if entry.kind == "http"
    ]


# NetMind.


async def generations(netmind: NetmindHandle) -> tuple[Generation, ...]:
    """Return every generation ever made."""
    return tuple(_generation(made) for made in await netmind.generations())


def _generation(made: JSON) -> Generation:
    created, ended, deleted = (
        datetime.fromisoformat(made[name]) if made[name] else None
        for name in ("created_at", "ended_at", "deleted_at")
    )
    assert created is not None
    return Generation(
        id=made["id"],
        prompt=made["prompt"],
        model=made["model"],
        created_at=created,
        deleted_at=deleted,
        sha256=made["sha256"],
        making=(ended - created).total_seconds() if ended else 0.0,
        stranger=made["stranger"],
        gone=made["gone"],
        size=made["files"][0]["size"] if made["files"] else 0,
    )


def netmind_requests(entries: Iterable[netmind_ledger.Entry]) -> list[Request]:
    """Return what the bot asked of NetMind's API and of its file host."""
    return [
        Request(
            at=datetime.fromisoformat(entry.at),
            to="netmind",
            method="",
            route=entry.operation or "",
            status=_told(entry.status, entry.fault),
            planned=_replaced(entry.fault),
        )
        for entry in entries
        if entry.kind in {"http", "download"}
    ]


def _told(status: int | None, fault: JSON | None) -> int | None:
    """Return the status that was answered: a planned one hides the true one."""
    return (fault or {}).get("status") or status


def _replaced(fault: JSON | None) -> bool:
    return (fault or {}).get("status") is not None
