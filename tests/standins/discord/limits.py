"""Rate limits: one bucket for each route and major parameter, and one for the whole bot."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from tests.standins.discord.clock import Clock

GLOBAL_LIMIT = (50, 1.0)
DEFAULT_LIMIT = (20, 5.0)
SEND = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
MAJOR = ("channel_id", "guild_id", "webhook_id")


@dataclass
class Bucket:
    """A window that opens with its first request."""

    opened: float = 0.0
    used: int = 0


@dataclass(frozen=True)
class Grant:
    """Whether a request may pass, and the headers that say how many more may."""

    headers: dict[str, str]
    retry_after: float | None = None
    scope: Literal["user", "global"] = "user"


@dataclass
class Limits:
    """Counts requests; `rules` gives a route its number of requests and seconds."""

    clock: Clock
    rules: dict[str, tuple[int, float]] = field(
        default_factory=lambda: {SEND: (5, 5.0), EDIT: (5, 5.0)}
    )
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def ask(self, route: str, params: dict[str, str]) -> Grant:
        """Count one request of the bot against the global limit and its route's."""
        _, wait = self._count("global", *GLOBAL_LIMIT)
        if wait is not None:
            return Grant({"X-RateLimit-Global": "true"}, wait, "global")
        limit, per = self.rules.get(route, DEFAULT_LIMIT)
        major = ":".join(params[name] for name in MAJOR if name in params)
        bucket, wait = self._count(f"{route}:{major}", limit, per)
        return Grant(self._headers(route, bucket, limit, per), wait)

    def _count(self, key: str, limit: int, per: float) -> tuple[Bucket, float | None]:
        now = self.clock.now().timestamp()
        bucket = self.buckets.setdefault(key, Bucket(now))
        if now - bucket.opened >= per:
            bucket.opened, bucket.used = now, 0
        if bucket.used >= limit:
            return bucket, round(bucket.opened + per - now, 3)
        bucket.used += 1
        return bucket, None

    def _headers(self, route: str, bucket: Bucket, limit: int, per: float) -> dict[str, str]:
        reset = bucket.opened + per
        after = max(reset - self.clock.now().timestamp(), 0.0)
        name = hashlib.sha256(route.encode()).hexdigest()[:16]
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - bucket.used),
            "X-RateLimit-Reset": f"{reset:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": name,
        }
