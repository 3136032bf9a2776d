"""The shelf: stored files, and the signed addresses that open them for a while."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

UPLOAD_LIFE = timedelta(hours=2)
_ZEROS = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the result host: its bytes, then zeros up to size."""

    name: str
    content_type: str
    body: bytes
    size: int
    id: str = field(default_factory=lambda: f"file-{uuid.uuid4().hex}")

    def pieces(self) -> Iterator[bytes]:
        """Give the content bit by bit; the zeros are never held in memory."""
        for start in range(0, len(self.body), len(_ZEROS)):
            yield self.body[start : start + len(_ZEROS)]
        zeros = self.size - len(self.body)
        for start in range(0, zeros, len(_ZEROS)):
            yield _ZEROS[: zeros - start]


@dataclass(frozen=True, slots=True)
class Link:
    """A signed address: what it opens, until when, and the media type an upload must have."""

    file_id: str
    expires_at: datetime
    content_type: str | None = None


@dataclass(slots=True)
class Shelf:
    """Files by id, and links by signature."""

    clock: Callable[[], datetime]
    files: dict[str, StoredFile] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)

    def keep(self, file: StoredFile) -> StoredFile:
        """Put a file on the shelf, in place of one with the same id."""
        self.files[file.id] = file
        return file

    def sign(self, file: StoredFile, life: timedelta, *, upload: bool = False) -> str:
        """Make the query of an address that opens the file for so long."""
        signature = uuid.uuid4().hex
        content_type = file.content_type if upload else None
        self.links[signature] = Link(file.id, self.clock() + life, content_type)
        return f"signature={signature}"

    def opened(self, file_id: str, signature: str) -> Link | None:
        """Give the link of a signature, if it still opens this file."""
        link = self.links.get(signature)
        if link is None or link.file_id != file_id or self.clock() >= link.expires_at:
            return None
        return link
