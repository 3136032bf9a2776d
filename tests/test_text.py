"""Words from outside made safe to show, and numbers made pleasant to read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("rain", "rain"),
        ("a  b\n\tc", "a b c"),
        ("**b**", "\\*\\*b\\*\\*"),
        ("@everyone", "\\@everyone"),
        ("<@1>", "\\<\\@1\\>"),
        ("[a](https://b.c)", "\\[a\\]\\(https\\:\\/\\/b.c\\)"),
        ("discord.gg/x", "discord.gg\\/x"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("a - b", "a - b"),
        ("a\u200bb\u202ec", "abc"),
        ("\\", "\\\\"),
        ("👩‍👧", "👩‍👧"),
        ("über Öl", "über Öl"),
    ],
)
def test_plain_text_shows_as_what_it_is(said: str, shown: str) -> None:
    assert text.plain(said, 100) == shown


@given(st.text(max_size=300), st.integers(min_value=2, max_value=200))
def test_plain_text_is_one_line_bounded_and_unformatted(said: str, limit: int) -> None:
    shown = text.plain(said, limit)
    assert len(shown) <= 2 * limit + 1
    assert len(shown.splitlines()) <= 1
    assert re.search(r"(?<!\\)(?:\\\\)*[`*_~|<>\[\]()#@:/]", shown) is None


@given(st.text(max_size=300), st.integers(min_value=2, max_value=200))
def test_visible_text_is_one_line_and_fits(said: str, limit: int) -> None:
    shown = text.visible(said, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1


@given(st.text(max_size=100))
def test_a_slug_is_safe_in_every_file_system(said: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)?", text.slug(said))


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("Wind over willow branches", "wind-over-willow-branches"),
        ("../../etc/passwd", "etc-passwd"),
        ("Übermut & Öl", "ubermut-ol"),
        ("雨", ""),
        ("a" * 60, "a" * 40),
        ("CON", "con"),
    ],
)
def test_a_slug_reminds_of_the_text(said: str, slug: str) -> None:
    assert text.slug(said) == slug


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "1 s"),
        (8.4, "8 s"),
        (99, "99 s"),
        (100, "2 min"),
        (600, "10 min"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_a_time_is_said_as_people_do(count: float, said: str) -> None:
    assert str(text.seconds(count)) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (900, "900 bytes"), (23 * 1024, "23 KiB"), (10 * 1024**2, "10.0 MiB")],
)
def test_a_size_is_said_as_people_do(count: int, said: str) -> None:
    assert str(text.size(count)) == said


@pytest.mark.parametrize("share", [-1, 0, 0.5, 1, 7])
def test_a_bar_is_always_of_the_same_length(share: float) -> None:
    assert len(text.bar(share)) == 12


def test_a_bar_fills_up() -> None:
    assert [text.bar(share, 4) for share in (0, 0.5, 1)] == ["▱▱▱▱", "▰▰▱▱", "▰▰▰▰"]


def test_what_fits_is_not_shortened() -> None:
    assert text.shorten("abc", 3) == "abc"
    assert text.shorten("abcd", 3) == "ab…"
