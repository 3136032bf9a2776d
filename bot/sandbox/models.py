"""The catalogue of the sandbox: the packaged models, with the times that the sandbox takes."""

from bot.netmind.catalog import Catalog

# Seconds; cards and looks are planned by these.
TYPICAL_SECONDS = {"audio": 4.0, "video": 9.0}


def sandbox_catalog() -> Catalog:
    """Return the packaged catalogue with these times."""
    return Catalog.load().with_typical_seconds(TYPICAL_SECONDS)
