"""Which version of Foley runs."""

import importlib.metadata
import tomllib
from collections.abc import Mapping
from pathlib import Path

# Where platforms tell the commit: Heroku, Render, Railway, Koyeb, Dokku.
_COMMITS = (
    "HEROKU_BUILD_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "RENDER_GIT_COMMIT",
    "RAILWAY_GIT_COMMIT_SHA",
    "KOYEB_GIT_SHA",
    "GIT_REV",
)


def version() -> str:
    """Return the version that runs, whether it was installed or is started where it lies."""
    project = Path(__file__).parents[1] / "pyproject.toml"
    if not project.exists():
        return importlib.metadata.version("foley")
    return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])


def commit(environment: Mapping[str, str]) -> str | None:
    """Return the beginning of the commit that the platform has deployed; None: it says none."""
    told = (environment.get(name) for name in _COMMITS)
    return next((name[:12] for name in told if name), None)
