"""What became of a file that was made ready for posting."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.media.facts import Probe
from bot.media.formats import Format, Kind

Change = Literal["playable", "smaller"]
"""Made to play where the message stands; or made smaller too, so that something was lost."""


@dataclass(frozen=True)
class Prepared:
    """A file that plays in Discord and fits; `path` is the source itself if nothing had to change.

    `before` and `after` are what it was and is: size, shape, length, codecs.
    """

    path: Path
    kind: Kind
    extension: str
    content_type: str
    changed: Change | None
    before: Probe
    after: Probe

    @property
    def as_is(self) -> bool:
        """Whether the source can be posted as it is; no other file was written then."""
        return self.changed is None


def prepared(
    path: Path, format_: Format, changed: Change | None, before: Probe, after: Probe
) -> Prepared:
    """Put together what is known of a file that is ready."""
    return Prepared(
        path=path,
        kind=format_.kind,
        extension=format_.extension,
        content_type=format_.content_type,
        changed=changed,
        before=before,
        after=after,
    )
