"""What docs/operating.md says about health and metrics is so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.counts import OUTCOMES, POSTED
from bot.web.access import HOLDS, MOST_WRONG
from bot.web.health import LATELY, PATIENCE
from tests.web.site import open_site

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")


def _lines(yaml: str) -> Iterator[tuple[str, str]]:
    """Give each value with the path of its keys; a dash opens a list's one entry."""
    path: list[tuple[int, str]] = []
    for line in yaml.splitlines():
        found = re.fullmatch(r"( *)(- )?(\w+):(?: (.+))?", line)
        assert found is not None, line
        depth = len(found[1]) + len(found[2] or "")
        while path and path[-1][0] >= depth:
            path.pop()
        path.append((depth, found[3]))
        if found[4]:
            yield ".".join(key for _, key in path), found[4]


def test_the_example_for_prometheus_is_a_whole_one() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)\n```", PAGE, re.DOTALL)
    assert dict(_lines(example)) == {
        "scrape_configs.job_name": "foley",
        "scrape_configs.scheme": "https",
        "scrape_configs.metrics_path": "/metrics",
        "scrape_configs.authorization.type": "Bearer",
        "scrape_configs.authorization.credentials_file": "/etc/prometheus/foley-token",
        "scrape_configs.static_configs.targets": '["foley.example.com"]',
    }


async def test_every_metric_that_there_is_stands_in_the_table_and_no_other(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        text = await site.metrics()
    served = set(re.findall(r"^# TYPE (foley_\w+)", text, re.MULTILINE))
    assert set(re.findall(r"`(foley_\w+)(?:\{[\w,]+\})?`", PAGE)) == served


async def test_what_the_table_marks_as_of_all_processes_says_so_itself(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        text = await site.metrics()
    rows = [line for line in PAGE.splitlines() if line.startswith("| `foley_")]
    marked = {name for row in rows if "(all)" in row for name in re.findall(r"foley_\w+", row)}
    assert marked == set(
        re.findall(r"^# HELP (foley_\w+) .*\(of all processes", text, re.MULTILINE)
    )


@pytest.mark.parametrize("outcome", [POSTED, *OUTCOMES.values()])
def test_every_outcome_of_a_message_is_named(outcome: str) -> None:
    assert f"`{outcome}`" in PAGE


def test_its_times_and_numbers_are_those_of_the_code() -> None:
    assert f"answers within {PATIENCE:.0f} seconds" in PAGE
    assert f"a step in the last {LATELY / 60:.0f} minutes" in PAGE
    assert f"opens the page for {HOLDS.total_seconds() / 3600:.0f} hours" in PAGE
    assert MOST_WRONG == 5
    assert "Five wrong tokens in a minute" in PAGE
