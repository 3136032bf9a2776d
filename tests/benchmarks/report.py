"""What a benchmark found: a table, what has to be said about it, and the promises it saw broken."""

from collections.abc import Sequence
from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True)
class Report:
    """`rows` have a cell for each of the `columns`; `broken` has a sentence for each promise."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    broken: Sequence[str]

    def __str__(self) -> str:
        """Return it as Markdown."""
        widths = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        rule = ["-" * width for width in widths]
        table = [_line(cells, widths) for cells in (self.columns, rule, *self.rows)]
        verdict = self.broken or ["No promise is broken."]
        return "\n".join([f"## {self.title}", "", *table, "", *self.notes, *verdict])


def megabytes(size: float) -> str:
    return f"{size / MB:.1f}"


def seconds(time: float) -> str:
    return f"{time:.2f}"


def ratio(ours: float, floor: float) -> str:
    """Say how many times the floor it is."""
    return f"{ours / floor:.2g}x" if floor > 0 else "-"


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return f"| {' | '.join(padded)} |"
