"""What the word rules are measured with. `python -m tests.moderation.corpus` prints the rates."""

import re
from pathlib import Path

from bot.moderation.words import Kind, Matcher, Prompt

WORDS = ("ass", "cock", "shit", "tits", "nazi", "sex", "kill yourself")
_HERE = Path(__file__).parent
_NUMBER = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\n")


def evasions() -> list[tuple[str, str]]:
    """Return prompts that hide a word of the list, each with that word."""
    pairs = [line.split("\t") for line in _lines("evasions.txt")]
    return [(word, _NUMBER.sub(_character, prompt)) for word, prompt in pairs]


def innocents() -> list[str]:
    """Return prompts that mean no harm."""
    return _lines("innocents.txt")


def missed() -> list[tuple[str, str]]:
    """Return the evasions that the whole-word rule of their word does not find."""
    rules = {word: Matcher(Kind.WORD, word) for word in WORDS}
    return [(word, text) for word, text in evasions() if not rules[word].finds(Prompt.read(text))]


def hit() -> list[str]:
    """Return the innocent prompts that the whole list finds something in."""
    rules = [Matcher(Kind.WORD, word) for word in WORDS]
    return [text for text in innocents() if any(each.finds(Prompt.read(text)) for each in rules)]


def _lines(name: str) -> list[str]:
    lines = (_HERE / name).read_text("utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


def _character(found: re.Match[str]) -> str:
    number = found[1] or found[2] or found[3]
    return chr(int(number, 16)) if number else "\n"


def main() -> None:
    """Print the rates, and each prompt that was judged wrong."""
    for title, wrong, every in (
        ("evasions missed", [f"{word}: {text!r}" for word, text in missed()], evasions()),
        ("innocent prompts hit", hit(), innocents()),
    ):
        print(f"{title}: {len(wrong)} of {len(every)}", *wrong, sep="\n  ")  # noqa: T201 - the output


if __name__ == "__main__":
    main()
