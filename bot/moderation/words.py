"""Rules about words: what they find in a text, whatever the tricks, and how a file has them.

A word is looked for as it is written, with other signs for its letters (`w0rd`), with letters
repeated (`wooord`), with signs between them (`w.o.r.d`), and with every letter apart (`w o r d`).
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import re2

from bot.language import Sentence
from bot.moderation.plain_letters import plain_letters, simple

LONGEST_TEXT = 100
LONGEST_PATTERN = 200
LONGEST_REASON = 300

# Bytes: a pattern that needs more would make others wait for it.
_MEMORY = 1 << 18

# Signs that stand for letters. What is no letter, no digit and none of these becomes a full stop.
_SIGNS = "@$!|+*#%_-"
_BREAK = rf"[ .{re.escape(_SIGNS)}]"
_SIGN = rf"[.{re.escape(_SIGNS)}]"
_GAP = _SIGN + "{0,3}"
# Between words, and between letters apart: there all gaps are alike, or "a S.S. liner" is a word.
_WIDE_GAP = _BREAK + "{1,4}"
_APART_GAPS = (" {1,4}", f" {{0,2}}{_SIGN}{{1,3}} {{0,2}}")
_ANY = rf"[^ .{re.escape(_SIGNS)}]"

_STANDINS = {
    "a": "4@", "b": "8", "e": "3", "g": "69", "i": "1!|", "l": "1|", "o": "0", "q": "9",
    "s": "5$", "t": "7+", "z": "2",
}  # fmt: skip
_PAIRS = {"f": "ph", "w": "vv"}
# In words that are long enough: `f*ck`, `fvck`.
_MASKS = "*#%_-"
_DARING = {**dict.fromkeys("aeio", _MASKS), "u": "v" + _MASKS}
_LONG_ENOUGH = 4
# English has good beside god, but hardly ever two of these next to each other.
_SELDOM_DOUBLE = frozenset("ahijkquvwxy")
# Letters apart are no word when they are fewer.
_APART = 3
# With fewer letters it is a number, or the name of a telephone: A55.
_FEWEST_LETTERS = 2

# Two texts that a rule could mean have the same key, so a rule's key is in every text it finds:
# what may stand for each other is one letter, and what may be something else is left out.
_KEY = str.maketrans("5$7+2869qp", "ssttzbgggf", "aehiouvwl4310 .@!|*#%_-")
# In the midst of a word it is often meant to be read as an l; a 1 may be either.
_CAPITAL_I = re.compile("(?<=[a-z])I")
_TWICE = re.compile(r"(.)\1+", re.DOTALL)

# Between these words nobody puts spaces.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

_LINE = re.compile(
    r"(?P<trial>trial:)?\s*(?:(?P<kind>word|plain|wildcard|pattern):)?\s*"
    r"(?P<text>.*?)(?:\s+=>\s*(?P<reason>.*))?",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """How a rule's text is meant."""

    WORD = "word"
    PLAIN = "plain"
    WILDCARD = "wildcard"
    PATTERN = "pattern"


@dataclass(frozen=True)
class Rule:
    """What is not wanted. `reason` is what the person reads; `trial`: it only notes."""

    kind: Kind
    text: str
    reason: str = ""
    trial: bool = False

    def problem(self) -> Sentence | None:
        """Return what is wrong with the rule, or None."""
        if len(self.reason) > LONGEST_REASON:
            return Sentence.of("The reason is longer than {limit} letters.", limit=LONGEST_REASON)
        longest = LONGEST_PATTERN if self.kind is Kind.PATTERN else LONGEST_TEXT
        if len(self.text) > longest:
            return Sentence.of("It is longer than {limit} letters.", limit=longest)
        return _bad_pattern(self.text) if self.kind is Kind.PATTERN else _bad_word(self)


@dataclass(frozen=True)
class Prompt:
    """A text in the shapes that rules look at."""

    letters: str
    key: str
    for_patterns: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Prompt":
        """Make the shapes of a person's text."""
        latin = plain_letters(text)
        letters = _spelled(plain_letters(_CAPITAL_I.sub("1", text)))
        whole = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode())
        shapes = dict.fromkeys([whole, simple(whole), latin])
        return cls(f" {letters} ", _key(letters), tuple(shapes))


class Matcher:
    """One rule, ready to look for."""

    def __init__(self, kind: Kind, text: str) -> None:
        self.kind = kind
        self.text = text
        parts = _split(_rule_letters(text, kind))
        keys = (_key("".join(part)) for part in parts)
        self._key = "" if kind is Kind.PATTERN else max(keys, key=len, default="")
        letters = sum(each.isalpha() for part in parts for each in part)
        self._fewest = min(_FEWEST_LETTERS, letters)

    def finds(self, prompt: Prompt) -> bool:
        """Tell whether the rule finds something. The time grows with the text and no faster."""
        if self.kind is Kind.PATTERN:
            return any(self._compiled.search(shape) for shape in prompt.for_patterns)
        return self._key in prompt.key and self._is_in(prompt.letters)

    def _is_in(self, letters: str) -> bool:
        start = 0
        while found := self._compiled.search(letters, start):
            span = found.span(1) if found.span(1)[0] >= 0 else found.span(2)
            if _letter_count(letters[slice(*span)]) >= self._fewest:
                return True
            start = max(span[1], start + 1)
        return False

    @functools.cached_property
    def _compiled(self) -> "re2._Regexp":
        if self.kind is Kind.PATTERN:
            return _compile(self.text)
        return _compile(_expression(_rule_letters(self.text, self.kind), self.kind))


def _compile(expression: str) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = _MEMORY if len(expression) <= LONGEST_PATTERN else 8 * _MEMORY
    options.log_errors = False
    options.case_sensitive = False
    return re2.compile(expression, options)


def _bad_pattern(text: str) -> Sentence | None:
    try:
        compiled = _compile(text)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        told = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        return Sentence.of("The pattern cannot be read: {problem}.", problem=told)
    if compiled.search("") is not None:
        return Sentence("The pattern finds something in every text, even in an empty one.")
    return None


def _bad_word(rule: Rule) -> Sentence | None:
    if rule.kind is not Kind.WILDCARD and not rule.text.strip():
        return Sentence("There is no word.")
    letters = "".join(itertools.chain(*_split(_rule_letters(rule.text, rule.kind))))
    if len(letters) < _FEWEST_LETTERS and not _UNSPACED.match(letters):
        return Sentence("It needs two letters at least, or it would find something everywhere.")
    return None


def _spelled(latin: str) -> str:
    """Return the text with a full stop for each sign that stands for no letter."""
    return "".join(
        letter
        if letter in _SIGNS or letter == " " or unicodedata.category(letter)[0] in "LMN"
        else "."
        for letter in latin
    )


def _rule_letters(text: str, kind: Kind) -> str:
    """Return letters, single spaces and, of a wildcard, `*` and `?`; signs are left out."""
    kept = "*?" if kind is Kind.WILDCARD else ""
    letters = (
        each
        for each in plain_letters(text)
        if each == " " or each in kept or unicodedata.category(each)[0] in "LMN"
    )
    return " ".join("".join(letters).split())


def _split(letters: str) -> list[str]:
    return [part for part in re.split(r"[ *?]+", letters) if part]


def _key(letters: str) -> str:
    return _TWICE.sub(r"\1", letters.translate(_KEY))


def _letter_count(found: str) -> int:
    return sum(each.isalpha() or each in "@$!|+" for each in found)


def _expression(letters: str, kind: Kind) -> str:
    before, after = "", ""
    if kind is not Kind.PLAIN:
        first, last = _edges(letters[0]), _edges(letters[-1])
        before, after = "".join(first), "".join(reversed(last))
    expression = f"{before}({_row(letters, _GAP)}){after}"
    if sum(each not in " *?" for each in letters) < _APART:
        return expression
    apart = "|".join(_row(letters, gap) for gap in _APART_GAPS)
    return f"{expression}|{_BREAK}({apart}){_BREAK}"


def _edges(letter: str) -> tuple[str, ...]:
    """Return what stands next to a whole word that ends with this letter, the farthest first."""
    if _UNSPACED.match(letter):
        return ()
    # `word123` is the word with a number; 21488 is another number than 1488.
    return (_BREAK,) if letter.isdecimal() else (_BREAK, "[0-9]{0,4}")


def _row(letters: str, gap: str) -> str:
    daring = len(letters) >= _LONG_ENOUGH
    written, between = "", ""
    for number, (letter, run) in enumerate(itertools.groupby(letters)):
        if letter == " ":
            between = _WIDE_GAP
        elif letter == "*":
            # With gaps between all letters, each that the star stands for has one too.
            written += f"{between}{_ANY}*" if gap == _GAP else f"(?:{gap}{_ANY})*"
            between = gap
        else:
            unit = _ANY if letter == "?" else _unit(letter, daring=daring and number > 0)
            written += between + _run(unit, letter, len(list(run)), gap)
            between = gap
    return written


def _unit(letter: str, *, daring: bool) -> str:
    """Return what may stand for one letter of a rule."""
    signs = letter + _STANDINS.get(letter, "") + (_DARING.get(letter, "") if daring else "")
    one = f"[{re.escape(signs)}]" if len(signs) > 1 else re2.escape(letter)
    return f"(?:{one}|{_PAIRS[letter]})" if letter in _PAIRS else one


def _run(unit: str, letter: str, count: int, gap: str) -> str:
    """Return so many of a letter, or clearly more of them than any word has."""
    if letter == "?":
        return unit + f"{gap}{unit}" * (count - 1)
    if count > 1:
        return f"{unit}(?:{gap}{unit}){{{count - 1},}}"
    if letter in _SELDOM_DOUBLE:
        return f"{unit}(?:{gap}{unit})*"
    return f"{unit}(?:(?:{gap}{unit}){{2,}})?"


@dataclass(frozen=True)
class WordFile:
    """What a file of rules says; each problem with the number of its line, from 1."""

    rules: Sequence[Rule]
    problems: Sequence[tuple[int, Sentence]]


def read_file(content: bytes) -> WordFile:
    """Read a file of rules in UTF-8, one a line."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return WordFile([], [(line, Sentence("The file is not text in UTF-8."))])
    rules: dict[tuple[Kind, str], Rule] = {}
    problems = []
    for number, rule in _read_lines(lines):
        if (problem := rule.problem()) is not None:
            problems.append((number, problem))
        rules[rule.kind, rule.text] = rule
    return WordFile(list(rules.values()), problems)


def _read_lines(lines: Iterable[str]) -> Iterator[tuple[int, Rule]]:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, _read_line(line.strip())


def _read_line(line: str) -> Rule:
    found = _LINE.fullmatch(line)
    assert found is not None  # noqa: S101 - the expression takes any line
    text = found["text"].strip()
    usual = Kind.WILDCARD if set(text) & {"*", "?"} else Kind.WORD
    kind = Kind(found["kind"].lower()) if found["kind"] else usual
    return Rule(kind, text, (found["reason"] or "").strip(), trial=found["trial"] is not None)


def write_file(rules: Iterable[Rule]) -> str:
    """Return these rules as a file that `read_file` reads."""
    return "".join(f"{_written(rule)}\n" for rule in rules)


def _written(rule: Rule) -> str:
    trial = "trial: " if rule.trial else ""
    reason = f" => {rule.reason}" if rule.reason else ""
    return f"{trial}{rule.kind}: {rule.text}{reason}"
