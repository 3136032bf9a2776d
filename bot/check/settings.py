"""The settings and the catalogue; what can be read of them if not all can."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.check.finding import Finding, ok, wrong
from bot.config import Settings, SettingsError
from bot.netmind.catalog import Catalog, CatalogError

# What stands here may only be wrong together with something else; without them it is not.
_TOGETHER: dict[str, Any] = {
    "role": "all",
    "public_url": None,
    "metrics_token": None,
    "shard_ids": None,
    "output_moderation_token": None,
}
_UNREAD = "unread"


@dataclass(frozen=True)
class Readable:
    """The settings as far as they can be read; `unread`: the names of the others."""

    settings: Settings
    unread: frozenset[str]
    findings: list[Finding]

    def have(self, *names: str) -> bool:
        """Whether all of these could be read."""
        return self.unread.isdisjoint(names)


def read() -> Readable:
    """Read the environment; what is missing or wrong counts as not set."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        rest, unread = _rest()
        return Readable(rest, unread, [wrong("settings", each) for each in error.problems])
    return Readable(settings, frozenset(), [ok("settings", "All are readable.")])


def _rest() -> tuple[Settings, frozenset[str]]:
    """Return settings without those that cannot be read, and their names."""
    instead: dict[str, Any] = {}
    while True:
        try:
            return Settings(**instead), frozenset(instead)
        except ValidationError as error:
            names = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
            instead |= {name: _instead_of(name) for name in names} if names else _TOGETHER


def _instead_of(name: str) -> Any:
    field = Settings.model_fields[name]
    return _UNREAD if field.is_required() else field.default


def catalogue(settings: Settings) -> tuple[Catalog | None, Finding]:
    """Read the catalogue of models, and repeat what their licences say."""
    try:
        catalog = Catalog.load(settings.models_file)
    except CatalogError as error:
        return None, wrong("catalogue", " ".join(error.problems))
    notes = [f"{model.title}: {model.licence}" for model in catalog.models if model.licence]
    count = len(catalog.models)
    models = "1 model." if count == 1 else f"{count} models."
    return catalog, ok("catalogue", " ".join([models, *notes]))
