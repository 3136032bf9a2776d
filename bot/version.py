"""Which version of Foley runs."""

import importlib.metadata
import tomllib
from pathlib import Path


def version() -> str:
    """Return the version that runs, whether it was installed or is started where it lies."""
    try:
        return importlib.metadata.version("foley")
    except importlib.metadata.PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
