"""What somebody does with the bot.

Where a text has a name in braces, the stage puts the number of a thing there; one that begins with
@ stands for somebody or something that is handed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """A slash command, by all its names."""

    path: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Typing:
    """What is suggested while somebody types into an option."""

    path: str
    option: str


@dataclass(frozen=True)
class Menu:
    """A command in the menu of a message; `message` is one of the stage's."""

    name: str
    message: str


@dataclass(frozen=True)
class Click:
    """A button or, with values, a select. `message`: the stage's, else one that has only this."""

    custom_id: str
    values: Sequence[str] | None = None
    message: str | None = None


@dataclass(frozen=True)
class Form:
    """A form that is sent."""

    custom_id: str
    written: Mapping[str, str] = field(default_factory=dict)


Act = Command | Typing | Menu | Click | Form
