"""Redirects of downloads: the same link with a number, or a letter that leads round and round."""

import yarl

HOP = "hop"
_FIRST = {"chain": "2", "loop": "a"}
_NEXT = {"2": "1", "1": "0", "a": "b", "b": "a"}
"""A chain ends at 0, not at the link it began with: to a client that would be a loop."""


def first(to: str, url: yarl.URL) -> str:
    """Return where a planned redirect of this request leads."""
    return str(url.update_query({HOP: _FIRST[to]})) if to in _FIRST else to


def onward(url: yarl.URL) -> str | None:
    """Return where a request that is on such a way is sent next; None: it has arrived."""
    here = url.query.get(HOP, "")
    return str(url.update_query({HOP: _NEXT[here]})) if here in _NEXT else None
