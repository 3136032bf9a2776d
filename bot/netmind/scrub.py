"""Words from outside made fit for logs, messages and the database's text."""

import re

HIDDEN = "[...]"

# Every repetition is bounded: text from outside must not make a pattern slow.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b[a-z][a-z0-9+.-]{0,20}://[^\s\"'<>]+",  # a link
        r"\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,20}/[^\s\"'<>]+",  # a link without its scheme
        r"[^\s@\"'<>]{1,64}@[^\s@\"'<>]{1,255}",  # an email address
        r"\bbearer\s{1,9}[^\s\"',}]+",
        r"\b(?:user_?id|account_?id|api_?key|token)[\"']?\s{0,9}[:=]\s{0,9}[\"']?[^\s\"',}]+",
    )
)
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{20,}")
_UNSEEN = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def scrub(text: str, limit: int = 200) -> str:
    """Return `text` on one line without links, keys or account ids, at most `limit` characters.

    Characters that cannot be written as UTF-8 become question marks, so the result can be stored.
    """
    # What lies far beyond the limit cannot be shown, and patterns cost time on long text.
    text = text[: limit * 20].encode("utf-8", "replace").decode()
    text = _UNSEEN.sub(" ", text)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    text = _LONG_WORD.sub(_hide_if_numbered, text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _hide_if_numbered(word: re.Match[str]) -> str:
    # Keys, account ids and file ids are long words with digits in them; model names have none.
    return HIDDEN if any(letter.isdigit() for letter in word[0]) else word[0]
