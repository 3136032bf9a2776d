"""The gallery's page among the documents."""

from collections.abc import Iterable, Iterator

from tests.gallery.scene import Scene, caption_of, name_of
from tests.gallery.scenes import SCENES

_HEAD = """# Gallery

Everything that people see, in Discord's dark or light theme, whichever your GitHub has. `make
gallery` takes the pictures anew: the real bot posts into a Discord in miniature
([simcord](https://pypi.org/project/simcord/)), whose page is pictured. That page has no light theme
and a player of its own, so light colours are laid over it, and it is taught to read small print and
quotes as Discord does. The pictures come near to Discord's; they are not copies.
"""


def written() -> str:
    """Write the page."""
    parts = [_HEAD, *(_part(title, scenes) for title, scenes in SCENES.items())]
    return "\n".join(parts)


def _part(title: str, scenes: Iterable[Scene]) -> str:
    return "\n".join([f"## {title}", "", "| | |", "|---|---|", *_rows(scenes), ""])


def _rows(scenes: Iterable[Scene]) -> Iterator[str]:
    for scene in scenes:
        stem, caption = f"images/gallery/{name_of(scene)}", caption_of(scene)
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="{stem}-dark.png">'
        light = f'<img src="{stem}-light.png" alt="{caption.replace("`", "")}" width="520">'
        yield f"| {caption} | <picture>{dark}{light}</picture> |"
