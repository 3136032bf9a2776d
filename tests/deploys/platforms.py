"""How platforms put a new process in the place of an old one, as docs/deploy tells of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tests.crash.stores import POSTGRESQL, SQLITE


@dataclass(frozen=True)
class Platform:
    """A platform's rules for a deploy.

    `together`: the old process runs until the new one is there; else it ends first. `sigterms`
    are the seconds after the first one at which SIGTERM is sent, `grace` those until SIGKILL.
    `to_all`: the program's own children are told, too. `releases`: `migrate` runs before each new
    process. `variables` are those by which the platform is known.
    """

    store: str
    together: bool
    grace: float = 30.0
    sigterms: tuple[float, ...] = (0.0,)
    to_all: bool = False
    releases: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> list[float]:
        """How many seconds follow each SIGTERM before the next, or before SIGKILL."""
        return [after - before for before, after in pairwise((*self.sigterms, self.grace))]


ROLLING = Platform(POSTGRESQL, together=True)
STOP_START = Platform(SQLITE, together=False)

PLATFORMS = {
    "heroku": Platform(
        POSTGRESQL,
        together=True,
        # One of the further ones comes while work ends, which mostly takes less than a second.
        sigterms=(0.0, 0.2, 2.0),
        to_all=True,
        releases=True,
        variables={"DYNO": "worker.1"},
    ),
    "railway": Platform(
        POSTGRESQL,
        together=True,
        variables={"RAILWAY_ENVIRONMENT": "production", "RAILWAY_PROJECT_ID": "foley"},
    ),
    "render": Platform(SQLITE, together=False, variables={"RENDER": "true"}),
    "fly": Platform(SQLITE, together=False, variables={"FLY_APP_NAME": "foley"}),
    # Its grace is not documented; this is Docker's own default.
    "koyeb": Platform(POSTGRESQL, together=True, grace=10.0, variables={"KOYEB_APP_NAME": "foley"}),
    "dokku": Platform(
        POSTGRESQL,
        together=True,
        grace=90.0,
        sigterms=(0.0, 60.0),
        releases=True,
        variables={"DYNO": "worker.1"},
    ),
    "docker": Platform(SQLITE, together=False),
    "systemd": Platform(SQLITE, together=False, variables={"PYTHONUNBUFFERED": "1"}),
}
"""The store is the one that its page begins with; Dokku's is the one that needs no stop."""
