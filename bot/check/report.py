"""How a report is shown: to people by subject, to machines as JSON."""

import dataclasses
import json
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.check.finding import Finding, Level
from bot.check.looks import Report

_SUBJECTS = {
    "Settings": ("settings", "catalogue"),
    "Data": ("database", "disk", "room"),
    "Discord": ("discord", "application", "intents", "commands", "permissions"),
    "NetMind": ("netmind",),
    "Machine": ("codecs", "memory", "clock"),
    "Web": ("public_url",),
}
_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.WRONG: "bold red"}


def as_json(report: Report) -> str:
    """Return one object: `well`, `invite` (or null), `findings` with name, level and says."""
    findings = [dataclasses.asdict(finding) for finding in report.findings]
    shown = {"well": report.all_well, "invite": report.invite, "findings": findings}
    return json.dumps(shown, indent=2)


def show(report: Report, console: Console | None = None) -> None:
    """Print it. Every level is a word, so nothing is lost without colours."""
    console = console or Console(highlight=False)
    width = max((len(finding.name) for finding in report.findings), default=0)
    for subject, findings in _by_subject(report.findings):
        console.print(Text(subject, style="bold"))
        console.print(_table(findings, width))
    console.print(f"\n{summary(report)}")
    if report.invite is not None:
        console.print("\nInvite the bot with exactly the permissions it needs:")
        # Whole on one line of its own, however narrow the terminal is.
        console.print(Text(report.invite), soft_wrap=True)


def summary(report: Report) -> str:
    """Say in one sentence how it stands."""
    levels = [finding.level for finding in report.findings]
    wrong, warnings = levels.count(Level.WRONG), levels.count(Level.WARNING)
    noted = "" if not warnings else "one warning" if warnings == 1 else f"{warnings} warnings"
    if wrong:
        said = f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong"
        return f"{said}, and {noted}." if noted else f"{said}."
    return f"All is well, with {noted}." if noted else "All is well."


def _by_subject(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    for subject, names in _SUBJECTS.items():
        if of_it := [finding for finding in findings if finding.name in names]:
            yield subject, of_it


def _table(findings: Iterable[Finding], width: int) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 1), pad_edge=True)
    table.add_column(width=max(map(len, Level)), no_wrap=True)
    table.add_column(width=width, no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        level = Text(finding.level, style=_COLOURS[finding.level])
        table.add_row(level, finding.name, Text(finding.says))
    return table
