"""What is sent as an answer, and the bodies that come instead of one."""

import json
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.standins.netmind.faults import PageName
from tests.standins.netmind.media import Content

HUGE = 9 * 1024 * 1024
"""Bytes of `huge`, beyond what the client of the API reads."""
DEEP = 100_000
"""Brackets of `deep`."""
BOMB = 256 * 1024 * 1024
"""Bytes that a `bomb` becomes when it is unpacked."""

_MEGABYTE = 1024 * 1024
_HTML = b"<html><head><title>Just a moment...</title></head><body>checking</body></html>"


@dataclass(frozen=True)
class Page:
    """Status, type, headers and body of one answer."""

    status: int
    content_type: str
    body: Content
    headers: dict[str, str] = field(default_factory=dict)


def of_json(status: int, payload: Any, headers: dict[str, str] | None = None) -> Page:
    body = Content((json.dumps(payload).encode(),))
    return Page(status, "application/json", body, headers or {})


def of_text(status: int, text: str, headers: dict[str, str] | None = None) -> Page:
    return Page(status, "text/html", Content((text.encode(),)), headers or {})


def named(name: PageName, status: int) -> Page:
    """Return one of the bodies that no client should be hurt by."""
    match name:
        case "html":
            return Page(status, "text/html", Content((_HTML,)))
        case "empty":
            return Page(status, "application/json", Content(()))
        case "malformed":
            return Page(status, "application/json", Content((b'{"id": "a1", "status": ',)))
        case "huge":
            start = b'{"id": "a1", "status": "pending", "logs": "'
            return Page(status, "application/json", Content((start, _spaces(), b'"}')))
        case "deep":
            return Page(status, "application/json", Content((b"[" * DEEP + b"]" * DEEP,)))
        case "bomb":
            packed = {"Content-Encoding": "gzip"}
            return Page(status, "audio/flac", Content((_bomb(),)), packed)


@cache
def _spaces() -> bytes:
    return b" " * HUGE


@cache
def _bomb() -> bytes:
    """Pack a file that begins like a sound and goes on with zeros."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = [packer.compress(b"fLaC" + bytes(_MEGABYTE - 4))]
    packed += [packer.compress(bytes(_MEGABYTE)) for _ in range(BOMB // _MEGABYTE - 1)]
    return b"".join([*packed, packer.flush()])
