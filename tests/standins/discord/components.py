"""Components of a message: from what the bot sends to what Discord shows."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from tests.standins.discord.refusals import invalid
from tests.standins.discord.world import JSON, without_nulls

BUTTON, FILE_UPLOAD, LABEL = 2, 19, 18
SELECTS = {3, 5, 6, 7, 8}
THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 11, 12, 13, 14, 17
MOST_COMPONENTS = 40

Media = Callable[[str], JSON]
"""Finds the file behind a url, `attachment://name` among them."""

DEFAULTS: dict[int, JSON] = {
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"name": None, "size": None, "spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}


def shown(sent: list[JSON], media: Media) -> list[JSON]:
    """Return the components with ids, defaults and the links of their files."""
    taken = {component["id"] for component in walk(sent) if component.get("id")}
    numbers = (number for number in count(1) if number not in taken)
    result = [_shown(component, media, numbers) for component in sent]
    if sum(1 for _ in walk(result)) > MOST_COMPONENTS:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")
    return result


def _shown(sent: JSON, media: Media, numbers: Iterator[int]) -> JSON:
    said: JSON = without_nulls(sent)
    component = DEFAULTS.get(said["type"], {}) | said
    component["id"] = said.get("id") or next(numbers)
    for key in ("media", "file"):
        if key in said:
            component[key] = media(said[key]["url"])
    if said["type"] == GALLERY:
        component["items"] = [
            {"description": None, "spoiler": False, **item, "media": media(item["media"]["url"])}
            for item in said["items"]
        ]
    if "accessory" in said:
        component["accessory"] = _shown(said["accessory"], media, numbers)
    if "components" in said:
        component["components"] = [_shown(c, media, numbers) for c in said["components"]]
    return component


def walk(components: list[JSON]) -> Iterator[JSON]:
    """Every component, however deep."""
    for component in components:
        yield component
        inner: list[Any] = [*component.get("components", [])]
        inner += [component[key] for key in ("accessory", "component") if key in component]
        yield from walk(inner)


def find(components: list[JSON], custom_id: str) -> JSON | None:
    return next((c for c in walk(components) if c.get("custom_id") == custom_id), None)
