"""Every command that stands on a page, and where it is run."""

import re
import shlex
from pathlib import Path

from tests.docs.markdown import blocks, spans
from tests.program import ROOT

TYPED_ELSEWHERE = {
    "check --probe": "tests/probe/test_command.py",
    "run": "tests/test_wire.py",
    "run --sandbox-netmind": "tests/test_wire.py",
    "demo": "tests/test_demo.py",
    "init": "tests/test_live_commands.py",
}
"""What takes a process, or answers: the file of tests that types it. The others are typed here."""

SHORT_FORMS = {
    "tests.authorisation": "tests/authorisation/test_authorisation.py",
    "tests.benchmarks": "tests/benchmarks/test_benchmarks.py",
    "tests.crash": "tests/crash/test_crash.py",
    "tests.deploy": "tests/deploy/test_dockerfile.py",
    "tests.deploys": "tests/deploys/test_deploys.py",
    "tests.documents": "tests/test_documents.py",
    "tests.gallery": "tests/gallery/test_gallery.py",
    "tests.languages": "tests/test_languages.py",
    "tests.moderation.corpus": "tests/moderation/test_words.py",
    "tests.mutations": "tests/mutations/test_table.py",
    "tests.simulation": "tests/simulation/test_seeds.py",
    "tests.status_picture": "tests/web/test_status.py",
    "tests.upgrades": "tests/storage/test_upgrades.py",
    "tests.wire": "tests/wire/test_wire_seeds.py",
}
"""What takes too long, or writes into the project: the tests that do a short form of it."""

NOT_RUN = {
    "pip": "it builds what all tests run in",
    "pytest": "it is what runs them",
    "venv": "it builds what all tests run in",
    "tests.picture": "it takes one picture; tests/test_page.py drives the page on it",
    "tests.first_answer": "it installs everything anew; tests/test_wire.py does what comes then",
}
"""Modules that no test runs, each with the reason."""

OTHERS = {
    ".": "the shell's own",
    "cd": "the shell's own",
    "cp": "the system's own",
    "docker": "Docker's own; there is no daemon here",
    "dokku": "a platform's own",
    "fly": "a platform's own",
    "git": "git's own",
    "heroku": "a platform's own",
    "journalctl": "systemd's own",
    "koyeb": "a platform's own",
    "lint-imports": "`make lint` runs it",
    "mypy": "`make lint` runs it",
    "pg_dump": "PostgreSQL's own",
    "pg_restore": "PostgreSQL's own",
    "pip": "tests/deploy/test_requirements.py holds what it installs to what is imported",
    "pip-compile": "pip-tools' own",
    "railway": "a platform's own",
    "render": "a platform's own",
    "ruff": "`make lint` runs it",
    "sqlite3": "SQLite's own; tests/storage/test_trouble_file.py rescues with it",
    "sudo": "a machine's own; tests/deploy/test_files.py looks at what it copies and starts",
    "systemctl": "systemd's own",
}
"""Programs that are not ours, each with the reason why nobody runs them in a test."""

_PROGRAMS = {"make", "python", *OTHERS}
_OF_BOT = re.compile(r"python(?: --)? -m bot ([^\"'`|]+)")


def asked(page: Path) -> list[str]:
    """Return the commands on a page: the lines of its blocks, and what is named within lines."""
    named = [span for span in spans(page) if span.split()[0] in _PROGRAMS and " " in span]
    lines = [*_typed(page), *named]
    return [line for line in lines if line and not line.startswith("#")]


def asked_of_bot(page: Path) -> list[str]:
    """Return what follows each `python -m bot` on a page, inside other commands too."""
    found = [words for line in (*_typed(page), *spans(page)) for words in _OF_BOT.findall(line)]
    return [words.strip() for words in found if words != "..."]


def _typed(page: Path) -> list[str]:
    return [
        line for block in blocks(page) if block.kind in {"sh", "console"} for line in block.lines
    ]


def home(line: str) -> str | None:
    """Return where a command is run, or why not; None if nobody knows."""
    program, *rest = line.split()
    match [program.removesuffix("3"), *rest]:
        case ["make", target, *_]:
            return _of_make(target)
        case ["python", "-m", "bot", *_] | ["python", "-c", *_]:
            return "tests/docs/test_commands.py"
        case ["python", "-m", module, *_]:
            return (SHORT_FORMS | NOT_RUN).get(module)
    return OTHERS.get(program)


def _of_make(target: str) -> str | None:
    """Return where all lines of a recipe are run."""
    recipe = recipes().get(target)
    if recipe is None:
        return None
    homes = [home(line) for line in recipe]
    return None if None in homes else "; ".join(filter(None, homes)) or "it only builds .venv"


def recipes() -> dict[str, list[str]]:
    """Return the lines of each target of the Makefile, without the folder of their programs."""
    found: dict[str, list[str]] = {}
    target = ""
    for line in (ROOT / "Makefile").read_text("utf-8").splitlines():
        if begin := re.match(r"([a-z-]+):(?!=)", line):
            target = begin[1]
            found[target] = []
        elif line.startswith("\t") and target:
            found[target].append(line.strip().lstrip("@").removeprefix("$(BIN)/"))
        elif not line:
            target = ""
    return found


def arguments(words: str) -> list[str]:
    """Return a command of the bot's with a value in the place of each word in capitals."""
    values = {"PERSON": "80351110224678912", "TEXT": "spam", "N": "7", "FILE": "rules.txt"}
    return [values.get(word, word.removeprefix("/data/")) for word in shlex.split(words)]
