"""What the deploy files take from the code: `python -m tests.deploy --write` writes it."""

import json
import re

from bot.config import Settings
from tests.program import ROOT

APP_JSON = ROOT / "app.json"
RENDER = ROOT / "render.yaml"
EXAMPLE = ROOT / ".env.example"

BY_THE_PLATFORM = frozenset({"DATABASE_URL", "PORT"})
"""Set by an add-on and by the platform itself, so nobody is asked for them."""

_MARKED = re.compile(r"( *# required settings\n).*?( *# /required settings\n)", re.DOTALL)


def written() -> dict[str, str]:
    """Return the text of each such file, by its name, as the code has it."""
    return {
        APP_JSON.name: _app_json(APP_JSON.read_text("utf-8")),
        RENDER.name: _render(RENDER.read_text("utf-8")),
        EXAMPLE.name: _example(),
    }


def required() -> list[str]:
    """Return the names of the settings that have no default."""
    fields = Settings.model_fields.items()
    return [name.upper() for name, field in fields if field.is_required()]


def _app_json(text: str) -> str:
    """Heroku asks for these on its form; Dokku ends a deploy that lacks a required one."""
    fields = {name.upper(): field for name, field in Settings.model_fields.items()}
    env = {
        name: {"description": _meaning(name), "required": field.is_required()}
        for name, field in fields.items()
        if name not in BY_THE_PLATFORM
    }
    return json.dumps({**json.loads(text), "env": env}, indent=2) + "\n"


def _render(text: str) -> str:
    """Render asks for what has `sync: false` when the Blueprint is first used."""
    lines = [f"      - key: {name}\n        sync: false\n" for name in required()]
    return _MARKED.sub(lambda found: found[1] + "".join(lines) + found[2], text)


def _example() -> str:
    lines = ["# Copy this to .env and fill in the first two; docs/settings.md says more."]
    lines += [f"{name}=" for name in required()]
    for name, field in Settings.model_fields.items():
        if not field.is_required():
            default = "" if field.default in (None, frozenset()) else field.default
            lines += [f"\n# {_meaning(name.upper())}", f"#{name.upper()}={default}"]
    return "\n".join(lines) + "\n"


def _meaning(name: str) -> str:
    description = Settings.model_fields[name.lower()].description or ""
    return description.replace("`", "")
