"""The drawings in docs/architecture.md and the edges in storage.states are the same machines."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from storage.states import (
    DELIVERY_EDGES,
    ENDED,
    JOB_EDGES,
    OPEN,
    DeliveryState,
    JobState,
    sources,
)

DRAWINGS = Path(__file__).parents[2] / "docs" / "architecture.md"
_DRAWING = r"<!-- machine: {name} -->\s*```mermaid\s*stateDiagram-v2\n(?P<body>.*?)```"
_EDGE = re.compile(r"^\s*(?P<source>\w+)\s*-->\s*(?P<to>\w+)\s*(?::.*)?$", re.MULTILINE)


def drawn(name: str) -> list[tuple[str, str]]:
    """Read the edges of one drawing; the lines from and to [*] are no edges."""
    drawing = re.search(_DRAWING.format(name=name), DRAWINGS.read_text("utf-8"), re.DOTALL)
    assert drawing, f"{DRAWINGS.name} has no drawing of the machine {name}"
    return [(edge["source"], edge["to"]) for edge in _EDGE.finditer(drawing["body"])]


def written(edges: Mapping[StrEnum, frozenset[StrEnum]]) -> list[tuple[str, str]]:
    return sorted((str(source), str(to)) for source, leads_to in edges.items() for to in leads_to)


@pytest.mark.parametrize(("name", "edges"), [("job", JOB_EDGES), ("delivery", DELIVERY_EDGES)])
def test_the_drawing_shows_exactly_the_edges_of_the_code_each_once(
    name: str, edges: Mapping[StrEnum, frozenset[StrEnum]]
) -> None:
    assert sorted(drawn(name)) == written(edges)


def test_every_state_says_where_it_leads() -> None:
    assert set(JOB_EDGES) == set(JobState)
    assert set(DELIVERY_EDGES) == set(DeliveryState)


def test_a_state_is_either_open_or_the_end() -> None:
    ends = {JobState.FINISHED, JobState.FAILED, JobState.CANCELLED, JobState.REJECTED}
    assert ends == ENDED
    assert set(JobState) - ends == OPEN


def test_every_open_state_can_reach_an_end() -> None:
    reaching = set(ENDED)
    for _ in JobState:
        reaching |= {state for state, leads_to in JOB_EDGES.items() if leads_to & reaching}
    assert reaching == set(JobState)


def test_sources_reads_the_edges_backwards() -> None:
    assert sources(JobState.REJECTED) == {JobState.HELD}
    assert sources(JobState.FINISHED) == {JobState.GENERATING}
    assert sources(JobState.HELD) == set()
