"""What a file is by its first bytes, whatever its name or its server says."""

import dataclasses
from typing import Literal

HEAD_BYTES = 4096
"""How much of a file sniff() can make use of."""


@dataclasses.dataclass(frozen=True, slots=True)
class MediaType:
    """A format that Foley delivers; `extension` has no dot."""

    name: str
    kind: Literal["audio", "video", "image"]
    extension: str
    content_type: str


FLAC = MediaType("FLAC", "audio", "flac", "audio/flac")
OGG = MediaType("Ogg", "audio", "ogg", "audio/ogg")
OGV = MediaType("Ogg video", "video", "ogv", "video/ogg")
MP3 = MediaType("MP3", "audio", "mp3", "audio/mpeg")
WAV = MediaType("WAV", "audio", "wav", "audio/wav")
M4A = MediaType("M4A", "audio", "m4a", "audio/mp4")
MP4 = MediaType("MP4", "video", "mp4", "video/mp4")
MOV = MediaType("QuickTime", "video", "mov", "video/quicktime")
WEBM = MediaType("WebM", "video", "webm", "video/webm")
MKV = MediaType("Matroska", "video", "mkv", "video/x-matroska")
PNG = MediaType("PNG", "image", "png", "image/png")
JPEG = MediaType("JPEG", "image", "jpg", "image/jpeg")
WEBP = MediaType("WebP", "image", "webp", "image/webp")
GIF = MediaType("GIF", "image", "gif", "image/gif")

_PREFIXES = (
    (b"fLaC", FLAC),
    (b"ID3", MP3),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_RIFF_FORMS = {b"WAVE": WAV, b"WEBP": WEBP}
_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")


def sniff(head: bytes) -> MediaType | None:
    """Return the type of a file that begins with `head`, or None if it is none of ours."""
    for prefix, media in _PREFIXES:
        if head.startswith(prefix):
            return media
    if head[:4] in {b"RIFF", b"RF64"}:
        return _RIFF_FORMS.get(head[8:12])
    if head.startswith(b"OggS"):
        return OGV if b"\x80theora" in head[:HEAD_BYTES] else OGG
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _matroska(head[:HEAD_BYTES])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    return MP3 if _is_mpeg_audio_frame(head) else None


def _matroska(head: bytes) -> MediaType | None:
    """Tell the two EBML document types we know apart."""
    if b"webm" in head:
        return WEBM
    return MKV if b"matroska" in head else None


def _iso_media(brand: bytes) -> MediaType | None:
    """Read the major brand of an ISO base media file."""
    if brand in _STILL_BRANDS:
        return None
    if brand in {b"M4A ", b"M4B "}:
        return M4A
    return MOV if brand == b"qt  " else MP4


def _is_mpeg_audio_frame(head: bytes) -> bool:
    """Check an MPEG audio frame header: sync, and no field at its reserved value."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - bits of the header
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    # Layer 0 is what AAC in ADTS frames has there.
    return version != 1 and layer != 0 and bitrate != 15 and rate != 3  # noqa: PLR2004 - likewise
