"""What a page of /jobs shows. All of it stands in the ids of the page's buttons and menu.

So a page works after a restart, and nothing of it has to be remembered.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from urllib.parse import quote, unquote

from bot import text
from storage.history import Wanted
from storage.states import OPEN, JobState

# Discord takes 100 characters of an id; the rest of it needs fewer than these.
_ROOM = 100 - len("foley:list:state:999999:cancelled:1:")
_LAST_PAGE = 999_999
_LONGEST = 6000
_ID = re.compile(
    r"foley:list:[a-z]+:(?P<page>[0-9]{1,6}):(?P<state>[a-z]+):(?P<starred>[01]):(?P<words>.*)"
)


class Filter(StrEnum):
    """Which states are shown; the value stands in ids for ever."""

    ALL = "all"
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATES: Mapping[Filter, Collection[JobState]] = {
    Filter.ALL: (),
    Filter.OPEN: OPEN,
    Filter.DONE: (JobState.FINISHED,),
    Filter.FAILED: (JobState.FAILED,),
    Filter.CANCELLED: (JobState.CANCELLED, JobState.REJECTED),
}


@dataclass(frozen=True)
class Query:
    """One page of the jobs that this is true of; `page` counts from 0."""

    page: int = 0
    state: Filter = Filter.ALL
    starred: bool = False
    words: str = ""

    @classmethod
    def read(cls, custom_id: str, values: Sequence[str] = ()) -> Self | None:
        """Return what a click asks for; None: the id is none of ours. `values` are the menu's."""
        match = _ID.fullmatch(custom_id)
        if match is None:
            return None
        query = cls(
            int(match["page"]),
            filter_of(match["state"]),
            match["starred"] == "1",
            fitting(unquote(match["words"])),
        )
        return replace(query, page=0, state=filter_of(values[0])) if values else query

    def custom_id(self, role: str) -> str:
        """Return the id of a button that leads here; `role` tells it from others on its page."""
        page = min(self.page, _LAST_PAGE)
        return f"foley:list:{role}:{page}:{self.state}:{self.starred:d}:{quoted(self.words)}"

    @property
    def wanted(self) -> Wanted:
        """Return which jobs the query is about."""
        return Wanted(self.words, STATES[self.state], self.starred)


def fitting(words: str, room: int = _ROOM) -> str:
    """Return as much of the words as an id has room for, in characters."""
    seen = _seen(words)[:room]
    while len(quoted(seen)) > room:
        seen = seen[:-1]
    return seen.rstrip()


def is_cut(words: str, room: int = _ROOM) -> bool:
    """Tell whether an id has no room for all of the words."""
    return fitting(words, room) != _seen(words)


def filter_of(value: str) -> Filter:
    """Return the filter; one of another version shows everything."""
    try:
        return Filter(value)
    except ValueError:
        return Filter.ALL


def _seen(words: str) -> str:
    return text.visible(words, _LONGEST).strip()


def quoted(words: str) -> str:
    """Return words as an id can hold them; urllib's unquote reads them back."""
    return quote(words, safe="")
