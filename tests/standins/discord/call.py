"""One request to the API and the answer to it, without a socket."""

import mimetypes
from dataclasses import dataclass, field
from typing import Any

from tests.standins.discord.world import JSON


@dataclass(frozen=True)
class Upload:
    """One file of a multipart request; `index` is the n of its field `files[n]`."""

    index: int
    filename: str
    data: bytes

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


@dataclass(frozen=True)
class Call:
    """What was asked: the path's parameters, the query, the body and the files."""

    params: dict[str, str]
    query: dict[str, str]
    authorization: str | None
    body: Any
    uploads: tuple[Upload, ...] = ()

    def id(self, name: str) -> int:
        """Return the snowflake of a parameter in the path; 0, which nothing has, if it is none."""
        value = self.params[name]
        return int(value) if value.isdecimal() else 0

    @property
    def payload(self) -> JSON:
        """The body of a request whose body is an object."""
        return self.body if isinstance(self.body, dict) else {}

    def flag(self, name: str) -> bool:
        """Return a query parameter that means yes or no."""
        return self.query.get(name, "").lower() in {"1", "true"}


@dataclass
class Answer:
    """What is sent back, and the ids that the ledger wants to know."""

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    message_id: int | None = None
    channel_id: int | None = None
    interaction_id: int | None = None
    repeated: bool = False
    """The nonce was known: the first message was returned and nothing new was made."""
