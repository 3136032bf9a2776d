# ruff: noqa: RUF001 - letters that look like others are what this is about
"""Rules about words: what they find, what they leave alone, and how a file has them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.moderation.words import Kind, Matcher, Prompt, Rule, read_file, write_file
from tests.moderation.corpus import evasions, hit, innocents, missed


def finds(kind: Kind, rule: str, text: str) -> bool:
    return Matcher(kind, rule).finds(Prompt.read(text))


def problem(kind: Kind, text: str) -> str:
    return str(Rule(kind, text).problem())


def test_of_the_evasions_at_least_95_in_100_are_found() -> None:
    """docs/words.md has the numbers and what the others are."""
    assert len(evasions()) >= 200
    assert len(missed()) <= 16


def test_of_the_innocent_prompts_six_are_hit_where_a_word_stands_by_itself() -> None:
    """Five have the word in a harmless sense, one has letters apart that make it."""
    assert len(innocents()) >= 200
    assert len(hit()) <= 6


@given(st.text())
@settings(deadline=None, max_examples=50)
def test_no_text_is_too_odd_to_be_looked_at(text: str) -> None:
    for kind, rule in ((Kind.WORD, "word"), (Kind.WILDCARD, "w*d"), (Kind.PATTERN, r"\bw+d\b")):
        finds(kind, rule, text)


@pytest.mark.parametrize(
    ("kind", "rule", "found", "not_found"),
    [
        (Kind.WORD, "cat", "the Cat!", "concatenate"),
        (Kind.WORD, "god", "gooood", "good"),
        (Kind.WORD, "ass", "@ss", "A55"),
        (Kind.WORD, "ass", "455 ass", "455"),
        (Kind.WORD, "ass", "a-s-s", "a S.S. liner"),
        (Kind.WORD, "bad word", "a bad,  word", "bad words"),
        (Kind.WORD, "balls", "baIls", "bails"),
        (Kind.WORD, "1488", "in 1488", "21488"),
        (Kind.WORD, "死", "私は死ぬ", "私は生きる"),
        (Kind.PLAIN, "cat", "concatenate", "c at"),
        (Kind.WILDCARD, "nud*", "nudity", "denude"),
        (Kind.WILDCARD, "*shit*", "bullshitting", "ship"),
        (Kind.WILDCARD, "c?t", "cut", "coat"),
        (Kind.PATTERN, r"\b\d{3}-\d{4}\b", "555-1234", "555-12345"),
        (Kind.PATTERN, "hello there", "HELLO there", "hello"),
        (Kind.PATTERN, "хуй", "Хуй", "хор"),
        (Kind.PATTERN, "straße", "Straße", "gasse"),
    ],
)
def test_each_kind_finds_what_it_says(kind: Kind, rule: str, found: str, not_found: str) -> None:
    assert finds(kind, rule, found)
    assert not finds(kind, rule, not_found)


def test_a_pattern_that_others_never_end_with_is_harmless() -> None:
    """Backtracking doubles the steps with each letter; it would not be done by the timeout."""
    assert not finds(Kind.PATTERN, "(a+)+$", "a" * 10_000 + "!")
    assert finds(Kind.PATTERN, "(a+)+$", "a" * 10_000)


def test_words_take_no_longer_with_a_text_made_for_it() -> None:
    assert not finds(Kind.WILDCARD, "a*a*a*a*a*a*a*b", "a" * 6000)
    assert not finds(Kind.WORD, "aaaaaaaaaaaaaaaaaaab", "4@" * 3000)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?<=a)b", "invalid perl operator"),
        ("(a", "missing )"),
        ("[z-a]", "invalid character class range"),
        (r"(a)\1", "invalid escape sequence"),
        ("a*", "even in an empty one"),
        ("(((a{99}){9}){9}){9}", "repetition"),
        ("x" * 201, "longer than 200"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_with_what_is_wrong(pattern: str, words: str) -> None:
    assert words in problem(Kind.PATTERN, pattern)


@pytest.mark.parametrize("text", ["", " ", "a", "!!", "*", "?*?", "c++"])
def test_a_word_that_would_be_found_everywhere_is_refused(text: str) -> None:
    kind = Kind.WILDCARD if set(text) & {"*", "?"} else Kind.PLAIN
    assert "two letters" in problem(kind, text) or "no word" in problem(kind, text)


def test_a_file_has_one_rule_a_line() -> None:
    file = read_file(
        b"\xef\xbb\xbf# a comment\n\nbad word\r\nnud* => Nothing naked.\nPLAIN: xyz\n"
        b"trial: pattern: a|b c\nword: #tag\n"
    )
    assert file.problems == []
    assert list(file.rules) == [
        Rule(Kind.WORD, "bad word"),
        Rule(Kind.WILDCARD, "nud*", "Nothing naked."),
        Rule(Kind.PLAIN, "xyz"),
        Rule(Kind.PATTERN, "a|b c", trial=True),
        Rule(Kind.WORD, "#tag"),
    ]
    assert read_file(write_file(file.rules).encode()) == file


def test_the_problems_of_a_file_have_their_lines() -> None:
    file = read_file(b"good\n# no\nx\npattern: (\n")
    assert [line for line, _ in file.problems] == [3, 4]
    assert [line for line, _ in read_file(b"one\ntwo\n\xff\n").problems] == [3]


@given(st.lists(st.tuples(st.sampled_from(Kind), st.from_regex("[a-z]{2,9}", fullmatch=True))))
@settings(deadline=None, max_examples=50)
def test_what_was_written_is_read_again(every: list[tuple[Kind, str]]) -> None:
    rules = [Rule(kind, text, "Because.", trial=True) for kind, text in dict.fromkeys(every)]
    assert list(read_file(write_file(rules).encode()).rules) == rules
