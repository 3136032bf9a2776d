"""When to look at the jobs under way the next time. Decided without I/O."""

from dataclasses import dataclass

# Seconds. Below this a request tells nothing new often enough to be worth it.
SHORTEST = 2.0
LONGEST = 15.0


@dataclass(frozen=True)
class Expectation:
    """How many seconds a model usually takes, from early to late."""

    early: float
    usual: float
    late: float


def expectation(seen: list[float], typical: float) -> Expectation:
    """Learn from the seconds that the newest generations took; with few, trust the catalogue."""
    if len(seen) < 3:  # noqa: PLR2004 - two say nothing about a spread
        return Expectation(typical * 0.1, typical, typical * 2)
    ordered = sorted(seen)
    usual = ordered[len(ordered) // 2]
    return Expectation(ordered[len(ordered) // 10], usual, ordered[-1 - len(ordered) // 10])


def next_look(age: float, expected: Expectation) -> float:
    """Return in how many seconds a job of this age is worth a look.

    Before the early end: a few looks only. Between early and late: often, because now it is a
    matter of seconds. Later: ever more rarely.
    """
    if age < expected.early:
        return _between(expected.early / 3, expected.early - age)
    if age <= expected.late:
        return _between(age * 0.03, LONGEST)
    return _between(age * 0.06, LONGEST)


def _between(seconds: float, most: float) -> float:
    return max(SHORTEST, min(seconds, most))
