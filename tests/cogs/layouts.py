"""What a person reads and can press in an answer, whichever way it is built."""

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import ui
from simcord.results import ResponseMessage

Component = dict[str, Any]


def walk(components: Sequence[Component]) -> Iterator[Component]:
    """Yield every component, however deep it lies."""
    for each in components:
        yield each
        yield from walk(each.get("components", []))
        yield from walk([each["accessory"]] if "accessory" in each else [])


def displays(message: discord.Message) -> list[str]:
    """Return the texts of a message that is laid out in parts."""
    found = ui.LayoutView.from_message(message).walk_children()
    return [each.content for each in found if isinstance(each, ui.TextDisplay)]


def shown(response: ResponseMessage) -> str:
    """Return all that can be read in an answer."""
    parts = [each["content"] for each in walk(response.components) if each["type"] == 10]
    embeds = [str(embed.description) for embed in response.embeds]
    return "\n".join([response.content, *embeds, *parts])


def button(response: ResponseMessage, label: str) -> Component:
    """Return the first button with this label."""
    return next(each for each in walk(response.components) if each.get("label") == label)


def actions(response: ResponseMessage) -> list[str]:
    """Return what the buttons about a job do, in their order."""
    ids = [str(each.get("custom_id", "")) for each in walk(response.components)]
    return [each.split(":")[1] for each in ids if each.startswith("foley:")]
