"""Words found in a prompt, and a seed that belongs to them."""

import hashlib
import re
from collections.abc import Mapping

_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = ("", "s", "es", "ing", "ed", "y", "ning", "ping")


def words_of(text: str) -> list[str]:
    """Give the words of a text in order, in small letters."""
    return _WORD.findall(text.casefold())


def forms_of(word: str) -> set[str]:
    """Give the word and what may be its plain form: bells -> bell, dripping -> drip."""
    forms = {word.removesuffix(ending) for ending in _ENDINGS}
    forms |= {form + "e" for form in forms}
    if word.endswith("ies"):
        forms.add(word[:-3] + "y")
    return {form for form in forms if len(form) > 1}


def found_in(text: str, vocabulary: Mapping[str, str]) -> list[str]:
    """Give the keys whose word lists the text touches, in the vocabulary's order."""
    seen = {form for word in words_of(text) for form in forms_of(word)}
    return [key for key, known in vocabulary.items() if seen & set(known.split())]


def seed_of(seed: int, *texts: str) -> list[int]:
    """Give a seed for numpy that differs with the seed and with every text."""
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return [seed % 2**63, *digest[:8]]
