"""Where an MP4 file keeps its index: a player can start only where it stands in front."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_HEAD = 8
_LONG_HEAD = 16
_MOST_BOXES = 64


def has_index_first(path: Path) -> bool:
    """Tell whether the one index stands before the media, and not in pieces between it."""
    with path.open("rb") as file:
        for kind in _boxes(file, path.stat().st_size):
            if kind == b"moov":
                return _next_is_media(file, path.stat().st_size)
            if kind in {b"mdat", b"moof"}:
                return False
    return False


def brand_of(path: Path) -> bytes:
    """Give the four letters of the kind of MP4, such as b"isom" or b"qt  "; b"" if not told."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _next_is_media(file: BinaryIO, size: int) -> bool:
    return next((kind == b"mdat" for kind in _boxes(file, size) if kind in _MEDIA), False)


_MEDIA = frozenset({b"mdat", b"moof"})


def _boxes(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Walk the boxes from here on; the file stands behind the one that was given."""
    for _ in range(_MOST_BOXES):
        start = file.tell()
        head = file.read(_LONG_HEAD)
        if len(head) < _HEAD:
            return
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:16])
        if length == 0:
            length = size - start
        if length < _HEAD or start + length > size:
            length = size - start
        file.seek(start + length)
        yield head[4:8]
