"""How long each model usually takes, learnt from the jobs that this database has seen."""

from datetime import datetime, timedelta

from bot.clock import Clock
from bot.jobs.pace import Expectation, expectation
from bot.netmind.catalog import Catalog
from storage import jobs
from storage.database import Database

_NEWEST = 50
_FRESH = timedelta(minutes=1)
# For a job whose model has left the catalogue.
_NO_IDEA = 60.0


class Estimates:
    """The expectation of each model, looked up at most once a minute."""

    def __init__(self, database: Database, catalog: Catalog, clock: Clock) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self._known: dict[str, tuple[datetime, Expectation]] = {}

    async def of(self, model_key: str) -> Expectation:
        """Return how many seconds this model usually takes."""
        now = self._clock()
        known = self._known.get(model_key)
        if known is None or now - known[0] > _FRESH:
            async with self._database.read() as connection:
                seen = await jobs.making_seconds(connection, model_key, _NEWEST)
            known = (now, expectation(seen, self._typical(model_key)))
            self._known[model_key] = known
        return known[1]

    def _typical(self, model_key: str) -> float:
        model = self._catalog.get(model_key)
        return model.typical_seconds if model else _NO_IDEA
