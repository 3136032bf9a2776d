import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.netmind.magic import sniff


def image(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, form)
    return file.getvalue()


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\x00\x00")
    return file.getvalue()


@pytest.mark.parametrize(
    ("head", "extension"),
    [
        (b"fLaC\x00\x00\x00\x22", "flac"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01\x1e\x01vorbis", "ogg"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01\x2a\x80theora", "ogv"),
        (b"ID3\x04\x00\x00", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"\xff\xf3\x40\xc0", "mp3"),
        (sound(), "wav"),
        (b"\x00\x00\x00\x1cftypM4A \x00", "m4a"),
        (b"\x00\x00\x00\x20ftypisom\x00", "mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00", "mov"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "mkv"),
        (image("PNG"), "png"),
        (image("JPEG"), "jpg"),
        (image("WEBP"), "webp"),
        (image("GIF"), "gif"),
    ],
)
def test_each_format_is_told_by_its_first_bytes(head: bytes, extension: str) -> None:
    media = sniff(head)
    assert media is not None
    assert media.extension == extension
    assert media.content_type.startswith(media.kind + "/")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<html>",
        b'{"error": 1}',
        b"MZ\x90\x00",
        b"\x7fELF",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xff\xfe<\x00h\x00t\x00m\x00l\x00",
        b"\xff\xff\xff\xff",
        b"\xff\xf1\x50\x80",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"\x1aE\xdf\xa3",
        b"\x00\x00\x00\x1cftypavif",
        b"#EXTM3U\n",
    ],
)
def test_anything_else_is_none_of_ours(head: bytes) -> None:
    assert sniff(head) is None


@given(st.binary(max_size=64))
def test_no_bytes_break_it(head: bytes) -> None:
    sniff(head)
