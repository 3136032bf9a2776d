"""The files of the languages: `make words` brings them up to date, `make lint` finds drift.

A file has a sentence for each in the code, in the catalogues of models and in Discord's menus. New
ones come empty, what is gone is dropped, the rest stays as it was translated.
"""

import argparse
import ast
import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import discord
from babel.messages.catalog import Catalog as Words
from babel.messages.catalog import Message
from babel.messages.pofile import generate_po, read_po
from discord import app_commands

from bot.client import Foley
from bot.language import COMMAND, ENGLISH, LANGUAGES, LOCALES, OPTION
from bot.netmind.catalog import PACKAGED, Catalog
from bot.translator import context_of, sentence_of

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "models.example.toml"
CODES = tuple(code for code in LANGUAGES if code != ENGLISH)


class Entry(NamedTuple):
    """Something to be translated; `many`: what is said unless it is one."""

    text: str
    many: str | None = None
    context: str | None = None


def entries() -> dict[Entry, tuple[str, ...]]:
    """Return what is to be translated, each with the files it is from, in the files' order."""
    found: dict[Entry, set[str]] = {}
    for path, entry in _everything():
        found.setdefault(entry, set()).add(path)
    ordered = sorted(found.items(), key=lambda each: (min(each[1]), _order(each[0])))
    return {entry: tuple(sorted(paths)) for entry, paths in ordered}


def _order(entry: Entry) -> tuple[str, ...]:
    return tuple(part or "" for part in (entry.context, entry.text, entry.many))


def _everything() -> Iterator[tuple[str, Entry]]:
    for folder in ("bot", "cogs"):
        for path in (ROOT / folder).rglob("*.py"):
            for entry in in_code(path.read_text("utf-8")):
                yield str(path.relative_to(ROOT)), entry
    for path in (PACKAGED, EXAMPLE):
        for text in _in_catalogue(Catalog.load(path)):
            yield str(path.relative_to(ROOT)), Entry(text)
    yield from asyncio.run(_in_menus())


# The code


def in_code(source: str) -> Iterator[Entry]:
    """Yield the sentences that stand literally in a file.

    Babel's own extractor does not look into f-strings, where many of ours are said. Raises
    ValueError for a sentence that is put together, which no file could have.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (entry := _said_by(node)) is not None and entry.text:
            yield entry


def _said_by(call: ast.Call) -> Entry | None:
    match call.func:
        case ast.Attribute(attr="count") if len(call.args) > 2:
            return _text(call.args[0], call.args[1])
        case ast.Name("Sentence" | "say") | ast.Attribute(ast.Name("Sentence"), "of"):
            return _text(*call.args[:1])
        case ast.Attribute(attr="word") | ast.Call(ast.Name("language")):
            return _text(*call.args[:1])
    return None


def _text(one: ast.expr, many: ast.expr | None = None) -> Entry | None:
    match one:
        case ast.JoinedStr() | ast.BinOp() | ast.IfExp():
            raise ValueError(f"line {one.lineno}: a sentence has to stand there literally")
    text = _literal(one)
    return None if text is None else Entry(text, None if many is None else _literal(many))


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


# The models


def _in_catalogue(catalog: Catalog) -> Iterator[str]:
    for model in catalog.models:
        yield from filter(None, (model.title, model.licence))
        for option in model.options.values():
            yield option.name.template
            yield option.description
            yield from option.choices


def every_model() -> Catalog:
    """Return the models of both catalogues, one of them with a sound for videos."""
    models = [*Catalog.load().models, *Catalog.load(EXAMPLE).models]
    return Catalog((models[0].model_copy(update={"video_input": "video"}), *models[1:]))


# Discord's menus


async def command_tree() -> app_commands.CommandTree[Foley]:
    """Return all the commands that there can be, of a client that never logs in."""
    nothing: Any = None
    client = Foley(nothing, every_model(), nothing)
    await client.load_cogs()
    return client.tree


async def payloads(
    tree: app_commands.CommandTree[Foley], translator: app_commands.Translator
) -> list[dict[str, Any]]:
    """Return the commands as Discord gets them."""
    return [await each.get_translated_payload(tree, translator) for each in tree.get_commands()]


class _Listener(app_commands.Translator):
    """Notes what is to be translated."""

    def __init__(self) -> None:
        self.asked: set[Entry] = set()

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,  # noqa: ARG002 - the same in all
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Note it."""
        name = context_of(context)
        text = sentence_of(string).template if name is None else string.message
        self.asked.add(Entry(text, context=name))
        return None


async def _in_menus() -> list[tuple[str, Entry]]:
    tree = await command_tree()
    found = []
    for command in tree.get_commands():
        listener = _Listener()
        await command.get_translated_payload(tree, listener)
        path = f"{command.module}".replace(".", "/") + ".py"
        found += [(path, entry) for entry in listener.asked]
    return found


def paths(tree: app_commands.CommandTree[Foley]) -> list[tuple[Entry, ...]]:
    """Return how commands are written, name by name; those with options too. The longest first."""
    found: list[tuple[Entry, ...]] = []
    for command in tree.walk_commands():
        names = tuple(Entry(name, context=COMMAND) for name in command.qualified_name.split())
        found.append(names)
        for option in getattr(command, "parameters", ()):
            found.append((*names, Entry(option.display_name, context=OPTION)))  # noqa: PERF401
    return sorted(found, key=len, reverse=True)


# The files


def read(path: Path, code: str) -> Words:
    """Return what is translated in a file; nothing if there is none."""
    if not path.exists():
        return Words(code)
    with path.open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def written(code: str, old: Words, wanted: Mapping[Entry, Iterable[str]]) -> str:
    """Return a language's file with these entries, and with the translations it had of them."""
    new = Words(code)
    for entry, paths in wanted.items():
        known = find(old, entry)
        new.add(
            (entry.text, entry.many) if entry.many else entry.text,
            known.string if known and _fits(known, entry) else "",
            locations=[(path, 0) for path in paths],
            flags=known.flags & {"fuzzy"} if known else (),
            user_comments=known.user_comments if known else (),
            context=entry.context,
        )
    file = StringIO()
    file.writelines(generate_po(new, omit_header=True, include_lineno=False, width=0))
    return f"{_header(new)}\n\n{file.getvalue().rstrip()}\n"


def find(words: Words, entry: Entry) -> Message | None:
    """Return what a file has for an entry."""
    return words.get(entry.text, entry.context)


def _fits(known: Message, entry: Entry) -> bool:
    return known.pluralizable == bool(entry.many) and (
        not entry.many or known.id == (entry.text, entry.many)
    )


def _header(words: Words) -> str:
    """Return the head of a file, without dates: they would change without need."""
    facts = {
        "Language": str(words.locale),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": words.plural_forms,
    }
    lines = [f'"{name}: {value}\\n"' for name, value in facts.items()]
    return "\n".join(['msgid ""', 'msgstr ""', *lines])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with --check say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what would change")
    parser.add_argument("folder", nargs="?", type=Path, default=LOCALES)
    asked = parser.parse_args(arguments)
    if asked.check and not any(asked.folder.glob("*.po")):
        return 0  # nothing is translated yet
    wanted, stale = entries(), []
    asked.folder.mkdir(exist_ok=True)
    for code in CODES:
        path = asked.folder / f"{code}.po"
        text = written(code, read(path, code), wanted)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path.name)
        if not asked.check:
            path.write_text(text, "utf-8")
    if asked.check and stale:
        names = ", ".join(stale)
        print(f"{asked.folder}: {names} out of date: run `make words`")  # noqa: T201 - the output
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
