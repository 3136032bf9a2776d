"""The catalogue of the sandbox, with its own times, and what the sandbox makes of any catalogue."""

from bot.netmind.catalog import Catalog
from bot.netmind.model import Model
from bot.sandbox.netmind import MODELS
from bot.sandbox.orders import Kind, Recipe

# Seconds; cards and looks are planned by these.
TYPICAL_SECONDS = {"audio": 4.0, "video": 9.0, "image": 3.0, "speech": 3.0}

_KINDS: dict[str, Kind] = {"audio": "audio", "video": "video", "image": "image", "speech": "speech"}


def sandbox_catalog() -> Catalog:
    """Return the packaged catalogue with these times; the sandbox's MMAudio takes a video."""
    packaged = Catalog.load().with_typical_seconds(TYPICAL_SECONDS)
    return Catalog(
        tuple(
            model.model_copy(update={"video_input": MODELS[model.id].video_key})
            for model in packaged.models
        )
    )


def recipes(catalog: Catalog) -> dict[str, Recipe]:
    """Return what the sandbox needs to serve these models; it renders unknown kinds as sound."""
    return {model.id: _recipe(model) for model in catalog.models}


def _recipe(model: Model) -> Recipe:
    return Recipe(_KINDS.get(model.kind, "audio"), model.prompt_wire, model.video_input)
