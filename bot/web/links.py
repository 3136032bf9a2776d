"""Links to files that are too large for Discord: signed, for a while, and our own.

A link tells a job's number and its end, and nothing else; whoever changes a letter of it gets
nothing. The key comes from the Discord token, so every process of one bot makes the same links
and nothing secret is kept in the database; a new token makes old links invalid.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from bot.clock import Clock
from bot.errors import FoleyError

_PURPOSE = b"foley media link 1"
_NUMBER_BYTES = 8
# Three bytes make four letters without a rest, so that no letter can be changed unnoticed.
_MAC_BYTES = 17


class ForgedLinkError(FoleyError):
    """The link was not made by us."""


class ExpiredLinkError(FoleyError):
    """The link was ours, and its time is over."""


@dataclass(frozen=True)
class MediaLinks:
    """Makes and reads links. `base`: where people reach this bot, without a slash at its end."""

    key: bytes = field(repr=False)
    base: str
    clock: Clock

    @classmethod
    def of_token(cls, token: str, base: str, clock: Clock) -> Self:
        """Return links whose key comes from the bot's token."""
        return cls(hmac.digest(token.encode(), _PURPOSE, hashlib.sha256), base, clock)

    def make(self, job_id: int, until: datetime) -> str:
        """Return a link to this job's file that opens it until then."""
        content = _content(job_id, until)
        token = base64.urlsafe_b64encode(content + self._sign(content)).decode()
        return f"{self.base}/media/{token}"

    def read(self, token: str) -> int:
        """Return the job of a link's last part. Raises ForgedLinkError, ExpiredLinkError."""
        try:
            data = base64.b64decode(token, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise ForgedLinkError("The link is no link of ours.") from error
        # The decoder takes + and / for - and _, so another spelling would pass.
        if base64.urlsafe_b64encode(data).decode() != token:
            raise ForgedLinkError("The link is no link of ours.")
        content, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
        if len(content) != 2 * _NUMBER_BYTES or not hmac.compare_digest(mac, self._sign(content)):
            raise ForgedLinkError("The link is no link of ours.")
        job_id, until = int.from_bytes(content[:8]), int.from_bytes(content[8:])
        if self.clock() >= datetime.fromtimestamp(until, UTC):
            raise ExpiredLinkError("The link's time is over.")
        return job_id

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self.key, _PURPOSE + content, hashlib.sha256)[:_MAC_BYTES]


def _content(job_id: int, until: datetime) -> bytes:
    seconds = int(until.timestamp())
    return job_id.to_bytes(_NUMBER_BYTES) + seconds.to_bytes(_NUMBER_BYTES)
