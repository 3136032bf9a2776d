"""The table at the end: for each point, what was broken and how long people waited."""

from collections.abc import Iterable, Sequence
from math import ceil

from tests.crash.case import Outcome
from tests.crash.points import EVERYWHERE

_COLUMNS = ("lost", "doubled", "wrong", "other")
_HEADER = (
    f"{'point':28}{'cases':>6}{'not reached':>13}{'lost':>6}{'doubled':>9}{'wrong':>7}{'other':>7}"
    f"{'paid twice':>12}{'stale cards':>13}{'p50':>7}{'p95':>7}{'max':>7}"
)


def table(outcomes: Sequence[Outcome]) -> str:
    """Draw a line for each point (a pair counts for both of its points) and one for all cases."""
    by_point = {
        point: [outcome for outcome in outcomes if point in outcome.case.points]
        for point in EVERYWHERE
    }
    lines = [_line(point, found) for point, found in by_point.items() if found]
    return "\n".join([_HEADER, *lines, _line("all", outcomes)])


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    broken = [sentence.partition(":")[0] for each in outcomes for sentence in each.violations]
    counts = {column: broken.count(column) for column in _COLUMNS}
    counts["other"] = len(broken) - sum(counts[column] for column in _COLUMNS[:-1])
    paid = sum(double.surplus for each in outcomes for double in each.paid_doubles)
    stale = sum(len(each.stale_cards) for each in outcomes)
    missed = sum(not each.reached for each in outcomes)
    seconds = sorted(took for each in outcomes for took in each.settled)
    p50, p95, most = (quantile(seconds, share) for share in (0.5, 0.95, 1.0))
    return (
        f"{name:28}{len(outcomes):>6}{missed:>13}"
        f"{counts['lost']:>6}{counts['doubled']:>9}{counts['wrong']:>7}{counts['other']:>7}"
        f"{paid:>12}{stale:>13}{p50:>7.1f}{p95:>7.1f}{most:>7.1f}"
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that this share of the ordered ones does not exceed; of none, 0."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def progress(number: int, total: int, outcome: Outcome) -> str:
    """Say in one line how a case went, and below it what was broken and how to repeat it."""
    slowest = max(outcome.settled, default=0.0)
    facts = [f"settled in {slowest:.1f} s", f"took {outcome.took:.0f} s"]
    facts += [] if outcome.reached else ["NOT REACHED"]
    if paid := sum(double.surplus for double in outcome.paid_doubles):
        facts.append(f"paid too often: {paid}")
    if stale := len(outcome.stale_cards):
        facts.append(f"stale cards: {stale}")
    return "\n".join([f"[{number}/{total}] {outcome.case}: {', '.join(facts)}", *_broken(outcome)])


def _broken(outcome: Outcome) -> Iterable[str]:
    if outcome.violations:
        yield from (f"    {sentence}" for sentence in outcome.violations)
        yield f"    repeat it: {outcome.case.command}"
        yield f"    its logs: {outcome.folder}"
