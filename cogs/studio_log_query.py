"""What a page of /studio log shows. All of it stands in the ids of the page's buttons."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import unquote

from cogs.history_query import STATES, Filter, filter_of, fitting, is_cut, quoted
from storage.guild_jobs import Search

# Discord takes 100 characters of an id.
_ID_ROOM = 100
_LAST_PAGE = 999_999
_ID = re.compile(
    r"foley:log:[a-z]+:(?P<page>[0-9]{1,6}):(?P<person>[0-9]{0,19}):(?P<state>[a-z]+)"
    r":(?P<days>[0-9]{1,4}):(?P<model>[^:]*):(?P<words>.*)"
)
_LONGEST_ROLE = len("next")
_MODEL_ROOM = 30


@dataclass(frozen=True)
class LogQuery:
    """One page of the jobs that this is true of; `page` counts from 0. `days` 0: of all time."""

    page: int = 0
    person_id: int | None = None
    state: Filter = Filter.ALL
    days: int = 0
    model: str = ""
    words: str = ""

    @classmethod
    def read(cls, custom_id: str) -> Self | None:
        """Return what a click asks for; None: the id is none of ours."""
        match = _ID.fullmatch(custom_id)
        if match is None:
            return None
        return cls(
            int(match["page"]),
            int(match["person"]) if match["person"] else None,
            filter_of(match["state"]),
            int(match["days"]),
            unquote(match["model"]),
            unquote(match["words"]),
        )

    @property
    def model_shown(self) -> str:
        """Return as much of the model's key as an id has room for."""
        return fitting(self.model, _MODEL_ROOM)

    @property
    def words_shown(self) -> str:
        """Return as many of the words as an id has room for."""
        return fitting(self.words, self._room())

    @property
    def cut(self) -> bool:
        """Tell whether an id has no room for all of the words."""
        return is_cut(self.words, self._room())

    def custom_id(self, role: str) -> str:
        """Return the id of a button that leads here; `role` tells it from others on its page."""
        return f"{self._beginning(role)}{quoted(self.words_shown)}"

    def _room(self) -> int:
        # The same on every page.
        longest = len(self._beginning("")) - len(str(self._page())) + len(str(_LAST_PAGE))
        return _ID_ROOM - longest - _LONGEST_ROLE

    def _page(self) -> int:
        return min(self.page, _LAST_PAGE)

    def _beginning(self, role: str) -> str:
        person = self.person_id or ""
        model = quoted(self.model_shown)
        return f"foley:log:{role}:{self._page()}:{person}:{self.state}:{self.days}:{model}:"

    def search(self, now: datetime) -> Search:
        """Return which jobs the query is about."""
        return Search(
            person_id=self.person_id,
            containing=self.words_shown,
            states=STATES[self.state],
            model=self.model_shown or None,
            since=now - timedelta(days=self.days) if self.days else None,
        )
