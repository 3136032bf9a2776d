"""Who may read the operator's pages: whoever has the token of the settings.

Programs send it with each request. A browser gives it once, in a form, and then has a cookie that
tells until when it holds and is signed; the token itself is in no cookie and in no address.
"""

import base64
import binascii
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.clock import Clock

HOLDS = timedelta(hours=12)
# Wrong tokens that the form takes in a minute, of everybody together.
MOST_WRONG = 5
_WINDOW = timedelta(minutes=1)

_PURPOSE = b"foley operator 1"
_NUMBER_BYTES = 8
# Three bytes make four letters without a rest, so that no letter can be changed unnoticed.
_MAC_BYTES = 28


@dataclass
class Access:
    """Knows the token, and the cookies that were given for it."""

    token: str = field(repr=False)
    clock: Clock
    _wrong: deque[datetime] = field(default_factory=deque)

    def opens(self, token: str) -> bool:
        """Tell whether this is the token, in the same time whatever it is."""
        # A header may hold bytes that are no text.
        given = token.encode(errors="surrogateescape")
        return hmac.compare_digest(self._sign(given), self._sign(self.token.encode()))

    def bears(self, authorization: str) -> bool:
        """Tell whether a request with this header has the token with it."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self.opens(token.strip())

    def admit(self, token: str) -> str | None:
        """Return a cookie for the right token; None: it is wrong, and counted."""
        if self.opens(token):
            return self._cookie(self.clock() + HOLDS)
        self._wrong.append(self.clock())
        return None

    def wait(self) -> float:
        """Return for how many seconds no more tokens are taken in the form."""
        now = self.clock()
        while self._wrong and self._wrong[0] <= now - _WINDOW:
            self._wrong.popleft()
        if len(self._wrong) < MOST_WRONG:
            return 0.0
        return (self._wrong[0] + _WINDOW - now).total_seconds()

    def knows(self, cookie: str) -> bool:
        """Tell whether a cookie was given for this token and still holds."""
        try:
            data = base64.b64decode(cookie, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return False
        content, mac = data[:_NUMBER_BYTES], data[_NUMBER_BYTES:]
        if not hmac.compare_digest(mac, self._mac(content)):
            return False
        return self.clock() < datetime.fromtimestamp(int.from_bytes(content), UTC)

    def _cookie(self, until: datetime) -> str:
        content = int(until.timestamp()).to_bytes(_NUMBER_BYTES)
        return base64.urlsafe_b64encode(content + self._mac(content)).decode()

    def _mac(self, content: bytes) -> bytes:
        return self._sign(_PURPOSE + content)[:_MAC_BYTES]

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self.token.encode(), content, hashlib.sha256)
