"""What a request says about a message: checked, its files stored, its mentions resolved."""

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tests.standins.discord import components, refusals, wire
from tests.standins.discord.call import Upload
from tests.standins.discord.world import (
    COMPONENTS_V2,
    JSON,
    LOADING,
    VOICE_MESSAGE,
    Attachment,
    Channel,
    Message,
    World,
    without_nulls,
)

LONGEST_CONTENT = 2000
MOST_FILES = 10
PERSON = re.compile(r"<@!?(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")
DETAILS = ("description", "duration_secs", "waveform", "title")


@dataclass(frozen=True)
class Draft:
    """A request to write a message in a channel, each file at most so large."""

    world: World
    channel: Channel
    payload: JSON
    uploads: tuple[Upload, ...]
    file_limit: int

    def apply(self, message: Message) -> Message:
        """Return the message with what the request names; what it leaves out stays as it was."""
        self._check_files()
        said = self.payload
        written = replace(message, flags=(said.get("flags") or message.flags) & ~LOADING)
        written.content = said.get("content", message.content) or ""
        written.allowed_mentions = said.get("allowed_mentions", message.allowed_mentions)
        written.attachments = self._attachments(message)
        media = partial(self._media, written.attachments)
        if "embeds" in said:
            written.embeds = [_embed(embed, media) for embed in said["embeds"] or []]
        if "components" in said:
            written.components = components.shown(said["components"] or [], media)
        self._mention(written)
        _check(written)
        self.world.attachments |= {file.id: file for file in written.attachments}
        return written

    def _check_files(self) -> None:
        if len(self.uploads) > MOST_FILES:
            raise refusals.invalid("files", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer.")
        if any(len(upload.data) > self.file_limit for upload in self.uploads):
            raise refusals.too_large()

    def _attachments(self, message: Message) -> list[Attachment]:
        """Those that the request keeps, then the new files; without a list all are kept."""
        listed: list[JSON] | None = self.payload.get("attachments")
        if listed is None and "attachments" not in self.payload:
            kept = message.attachments
        else:
            wanted = {int(entry["id"]) for entry in listed or []}
            kept = [file for file in message.attachments if file.id in wanted]
        by_index = {int(entry["id"]): entry for entry in listed or []}
        return kept + [self._store(file, by_index.get(file.index, {})) for file in self.uploads]

    def _store(self, upload: Upload, entry: JSON) -> Attachment:
        return Attachment(
            id=self.world.clock.snowflake(),
            channel_id=self.channel.id,
            filename=entry.get("filename") or upload.filename,
            content_type=upload.content_type,
            data=upload.data,
            details={key: entry[key] for key in DETAILS if entry.get(key) is not None},
        )

    def _media(self, attachments: list[Attachment], url: str) -> JSON:
        """Return the file that a component or embed shows; one that is not there is an error."""
        name = url.removeprefix("attachment://")
        if name == url:
            return {"id": str(self.world.clock.snowflake()), "url": url, "proxy_url": url}
        for file in attachments:
            if file.filename == name:
                payload = wire.attachment(self.world, file)
                same = {"attachment_id": payload["id"], "content_type": file.content_type}
                return {key: payload[key] for key in ("id", "url", "proxy_url")} | same
        raise refusals.invalid(
            "components", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", url
        )

    def _mention(self, message: Message) -> None:
        """Who is called: those the text names, as far as the allowed mentions let it."""
        allowed = message.allowed_mentions
        parse = ["users", "everyone"] if allowed is None else allowed.get("parse") or []
        listed = {int(user_id) for user_id in (allowed or {}).get("users") or []}
        text = _text(message)
        named = dict.fromkeys(int(found) for found in PERSON.findall(text))
        message.mentions = [
            user_id
            for user_id in named
            if user_id in self.world.users and ("users" in parse or user_id in listed)
        ]
        message.mention_everyone = "everyone" in parse and bool(EVERYONE.search(text))
        target = self.world.messages.get(message.reference_id or 0)
        answers = allowed is None or allowed.get("replied_user", False)
        if target and answers and target.author_id not in message.mentions:
            message.mentions.append(target.author_id)


def _text(message: Message) -> str:
    """Everything in which a person can be mentioned."""
    shown = [c["content"] for c in components.walk(message.components) if "content" in c]
    return "\n".join([message.content, *shown])


def _embed(sent: JSON, media: Any) -> JSON:
    embed: JSON = without_nulls(sent)
    embed["type"] = "rich"
    embed.pop("flags", None)
    for key in ("image", "thumbnail"):
        if key in embed:
            found = media(embed[key]["url"])
            embed[key] = {"url": found["url"], "proxy_url": found["proxy_url"]}
    if "fields" in embed:
        embed["fields"] = [{"inline": False, **field} for field in embed["fields"]]
    return embed


def _check(message: Message) -> None:
    """Refuse what Discord would not show."""
    if len(message.content) > LONGEST_CONTENT:
        error = "Must be 2000 or fewer in length."
        raise refusals.invalid("content", "BASE_TYPE_MAX_LENGTH", error)
    if message.flags & VOICE_MESSAGE:
        _check_voice(message)
    if message.flags & COMPONENTS_V2 and (message.content or message.embeds):
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        raise refusals.invalid("content", code, "Not together with components V2.")
    if not (message.content or message.embeds or message.components or message.attachments):
        raise refusals.empty_message()


def _check_voice(message: Message) -> None:
    if message.content or message.embeds or message.components:
        text = "Voice messages do not support additional content."
        raise refusals.Refusal(400, 50159, text)
    if len(message.attachments) != 1:
        text = "Voice messages must have a single audio attachment."
        raise refusals.Refusal(400, 50160, text)
    if not {"duration_secs", "waveform"} <= message.attachments[0].details.keys():
        text = "Voice messages must have supporting metadata."
        raise refusals.Refusal(400, 50161, text)
