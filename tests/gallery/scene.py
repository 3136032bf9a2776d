"""What a scene is: a function that brings the bot's messages into a state and returns one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord
from simcord.results import ResponseMessage

from tests.world import World


@dataclass(frozen=True)
class Shot:
    """The message to be pictured; `press`: the button below it whose form is pictured instead."""

    message: discord.Message | ResponseMessage
    press: str | None = None


Scene = Callable[[World], Awaitable[Shot]]
"""Its name is that of its pictures, the first line of its docstring is their caption."""


def name_of(scene: Scene) -> str:
    """Return the name of a scene's pictures."""
    return scene.__name__.replace("_", "-")


def caption_of(scene: Scene) -> str:
    """Return what stands beside a scene's picture."""
    return (scene.__doc__ or "").splitlines()[0]
