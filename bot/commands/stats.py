"""stats: how much the whole bot has done, as tables for people or as JSON for machines."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import dropwhile
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import text, usage
from bot.clock import utc_now
from bot.commands.database import opened
from bot.commands.ends import enter
from bot.commands.panels import RUN
from bot.jobs.stats import Spread
from bot.usage import ModelUsage, Outcomes, Usage
from storage.states import JobState

stats = typer.Typer()

_WIDTH = 40
_FULL, _LITTLE, _STEPS = "█", "▏", " ▁▂▃▄▅▆▇█"
_MOST_DAYS = 3650
_COLORS = {JobState.FINISHED: "green", JobState.FAILED: "red"}
_OVER_WITHOUT = (JobState.CANCELLED, JobState.REJECTED)


@stats.command(name="stats", rich_help_panel=RUN)
def stats_command(
    days: Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help="Today among them.")] = 30,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Print how much was asked for on all servers, what became of it and how long it took."""
    enter(_stats(days, as_json=as_json))


async def _stats(days: int, *, as_json: bool) -> None:
    async with opened() as database:
        found = await usage.of_days(database, days, utc_now())
    if as_json:
        typer.echo(json.dumps(for_machines(found), indent=2))
    else:
        show(found, Console(highlight=False))


def for_machines(found: Usage) -> dict[str, Any]:
    """Return the figures as JSON has them; seconds for how long things took."""
    return {
        "jobs": _outcomes(found.outcomes),
        "days": {day.isoformat(): _outcomes(outcomes) for day, outcomes in found.days},
        "models": {
            each.model: {
                **_outcomes(each.outcomes),
                "waited": _seconds(each.waited),
                "until_result": _seconds(each.whole),
            }
            for each in found.models
        },
        "hours": found.hours,
        "servers": [{"guild": guild, "jobs": count} for guild, count in found.servers],
        "failed_because": found.reasons,
        "possibly_billed_twice": found.again,
        "results_kept": found.kept,
        "now": vars(found.now),
    }


def _outcomes(outcomes: Outcomes) -> dict[str, Any]:
    share = usage.success(outcomes)
    return {
        "asked": outcomes.total(),
        **{state.value: count for state, count in sorted(outcomes.items())},
        "success": None if share is None else round(share, 4),
    }


def _seconds(took: Spread | None) -> dict[str, int] | None:
    return None if took is None else {"p50": took.median, "p95": took.late}


def show(found: Usage, console: Console) -> None:
    """Print the figures as tables with bars."""
    total = found.outcomes.total()
    first, last = found.days[0][0], found.days[-1][0]
    console.print(f"\n[bold]{total:,} jobs[/] from {first} to {last} (UTC){_made(found.outcomes)}")
    console.print(
        f"Now: {found.now.waiting:,} wait, {found.now.under_way:,} are being made, "
        f"{found.now.to_be_posted:,} are to be posted, {found.now.held:,} wait for moderators.\n"
    )
    if total:
        for table in (_models(found), _days(found), _hours(found), _servers(found)):
            console.print(table)
            console.print()
    for line in _notes(found):
        console.print(line)


def _made(outcomes: Outcomes) -> str:
    share = usage.success(outcomes)
    return "" if share is None else f", {_percent(share)} of those that ended were made"


def _percent(share: float) -> str:
    """Return a share that is not rounded up to all."""
    return f"{int(share * 1000) / 10:g} %"


def _table(*columns: str) -> Table:
    """Return a table whose first column is words and whose others are numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, name in enumerate(columns):
        # What comes after a column without a name is drawn.
        left = not number or "" in columns[: number + 1]
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    return table


def _models(found: Usage) -> Table:
    table = _table(
        *("model", "jobs", "made", "failed", "cancelled", "success"),
        *("waited p50", "p95", "until result p50", "p95"),
    )
    for each in found.models:
        table.add_row(*_model(each))
    return table


def _model(each: ModelUsage) -> Iterator[str]:
    outcomes, share = each.outcomes, usage.success(each.outcomes)
    yield each.model
    yield f"{outcomes.total():,}"
    yield f"{outcomes[JobState.FINISHED]:,}"
    yield f"{outcomes[JobState.FAILED]:,}"
    yield f"{sum(outcomes[state] for state in _OVER_WITHOUT):,}"
    yield "" if share is None else _percent(share)
    for took in (each.waited, each.whole):
        yield "" if took is None else str(text.seconds(took.median))
        yield "" if took is None else str(text.seconds(took.late))


def _days(found: Usage) -> Table:
    legend = " · ".join([*(f"[{_COLORS[state]}]{state}[/]" for state in _COLORS), "all else"])
    table = _table("day", "jobs", "", legend)
    most = max(outcomes.total() for _, outcomes in found.days)
    for day, outcomes in _since_the_first(found):
        parts = [(outcomes[state], color) for state, color in _COLORS.items()]
        parts.append((outcomes.total() - sum(count for count, _ in parts), "bright_black"))
        table.add_row(f"{day:%a %d %b}", f"{outcomes.total():,}", "", _bar(parts, most))
    return table


def _since_the_first(found: Usage) -> Iterator[tuple[date, Outcomes]]:
    """Yield the days from the first on that had a job."""
    return dropwhile(lambda each: not each[1].total(), found.days)


def _hours(found: Usage) -> Table:
    """Draw the hours of the day side by side."""
    table, most = _table("hour", ""), max(found.hours)
    steps = [_STEPS[math.ceil(count * (len(_STEPS) - 1) / most)] for count in found.hours]
    busiest = found.hours.index(most)
    table.add_row("jobs", Text("".join(step * 2 for step in steps), "cyan"))
    table.add_row("", Text("".join(f"{hour:<12}" for hour in range(0, 24, 6)), "dim"))
    table.add_row("busiest", f"{busiest:02}:00 to {busiest:02}:59, {most:,} jobs")
    return table


def _servers(found: Usage) -> Table:
    table = _table("server", "jobs", "", "")
    most = max(count for _, count in found.servers)
    for guild, count in found.servers:
        name = "direct messages" if guild is None else str(guild)
        table.add_row(name, f"{count:,}", "", _bar([(count, "cyan")], most))
    return table


def _bar(parts: Sequence[tuple[int, str]], most: int) -> Text:
    """Draw the parts one after another; whatever there is shows at least a little."""
    bar, so_far = Text(), 0
    for count, color in parts:
        so_far += count
        bar.append(_FULL * (round(so_far * _WIDTH / most) - len(bar)), color)
    return bar or Text(_LITTLE if so_far else "")


def _notes(found: Usage) -> Iterator[str]:
    """Say what an operator may want to look into."""
    if found.reasons:
        order = sorted(found.reasons.items(), key=lambda each: -each[1])
        yield f"Failed because: {', '.join(f'{reason} {count:,}' for reason, count in order)}."
    if found.again:
        yield f"Sent again after a lost answer of NetMind's, perhaps billed twice: {found.again:,}."
    if found.kept:
        yield f"Results that could not be posted, kept for their person: {found.kept:,}."
