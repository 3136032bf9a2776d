# ruff: noqa: RUF001 - letters that look like others are what this is about
"""Text as plain letters."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.moderation.plain_letters import plain_letters, simple

# Letters that look like others, and marks, more often than chance would bring them.
TEXT = st.text() | st.text("aAіІсСοσßẞﬁİıſÅ\u0345\u0301\u0327\u200b\u00adⒶ🅰ᴀ¼℡가각が\u3164")


@given(TEXT)
@example("й")  # an и with a mark, and the и looks like a u
@settings(deadline=None)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    for step in (simple, plain_letters):
        assert step(step(text)) == step(text)


@given(TEXT)
@settings(deadline=None)
def test_nothing_invisible_is_left(text: str) -> None:
    left = {unicodedata.category(letter) for letter in plain_letters(text)}
    assert not left & {"Cc", "Cf", "Cs", "Co", "Cn"}


@pytest.mark.parametrize(
    "written",
    [
        "Ｗｏｒｄ",
        "wоrd",
        "WΟRD",
        "w\u200bo\u00adrd",
        "𝕨𝖔𝓻𝒹",
        "ⓌⓄⓇⓓ",
        "🅆🅞🅡🅳",
        "🇼🇴🇷🇩",
        "ẃöŕđ",
        "ᴡᴏʀᴅ",
    ],
)
def test_what_looks_like_a_word_is_that_word(written: str) -> None:
    assert plain_letters(written) == "word"


@pytest.mark.parametrize("written", ["ばか", "한국어", "สวัสดี", "हिन्दी", "日本語"])
def test_signs_that_make_letters_in_other_scripts_stay(written: str) -> None:
    assert plain_letters(written) == unicodedata.normalize("NFKC", written)
