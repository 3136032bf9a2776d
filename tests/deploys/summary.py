"""What came out of deploys, in lines to read."""

import statistics
from collections import Counter

from tests.deploys.rehearsal import Outcome

_KINDS = ("lost", "doubled", "shown")


def summary(title: str, outcomes: list[Outcome]) -> str:
    """Say what deploys by one platform's rules cost."""
    wrong = [sentence for outcome in outcomes for sentence in outcome.wrong]
    kinds = Counter(sentence.partition(":")[0] for sentence in wrong)
    lost, doubled, shown = (kinds[kind] for kind in _KINDS)
    given, unheard = sum(o.commands for o in outcomes), sum(o.unheard for o in outcomes)
    under_way = sum(o.under_way for o in outcomes)
    kills, children = sum(o.kills for o in outcomes), sum(o.children for o in outcomes)
    other = len(wrong) - lost - doubled - shown
    lines = [
        f"{title}: {given} commands; {under_way} were under way while a process left Discord",
        f"  asked while nobody was there: {unheard}",
        f"  lost {lost}, doubled {doubled}, errors shown {shown}, otherwise wrong {other}",
        f"  from SIGTERM to the exit: {_spread([s for o in outcomes for s in o.drains])}",
        f"  nobody on Discord: {_spread([s for o in outcomes for s in o.gaps])}",
        f"  SIGKILL needed: {kills}; children told to end: {children}",
        *(f"  {sentence}" for sentence in wrong),
    ]
    return "\n".join(lines)


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "never"
    return f"median {statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s"
