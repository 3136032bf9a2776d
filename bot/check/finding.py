"""What was found about one thing that was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    """Worth knowing; the bot runs all the same."""
    WRONG = "wrong"
    """The bot does not run, loses something, or cannot do its work."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `name` never changes, `says` may; nothing secret is in it."""

    name: str
    level: Level
    says: str


def ok(name: str, says: str) -> Finding:
    """Say that it is as it should be."""
    return Finding(name, Level.OK, says)


def warning(name: str, says: str) -> Finding:
    """Say what is worth knowing."""
    return Finding(name, Level.WARNING, says)


def wrong(name: str, says: str) -> Finding:
    """Say what has to be mended, and how."""
    return Finding(name, Level.WRONG, says)


def any_wrong(findings: Iterable[Finding]) -> bool:
    """Whether something has to be mended."""
    return any(finding.level is Level.WRONG for finding in findings)
