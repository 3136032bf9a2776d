"""What the measures of a file mean."""

import pytest

from bot.look.finding import SENTENCES, Finding
from bot.look.measured import finding_of
from bot.media.measures import Measures


@pytest.mark.parametrize(
    ("measures", "finding"),
    [
        (Measures(), None),
        (Measures(flashes=0, red_flashes=0, loudness=-70), None),
        (Measures(flashes=3, red_flashes=3, loudness=-5), None),
        (Measures(flashes=3.5), Finding.FLASHING),
        (Measures(flashes=0, red_flashes=3.5), Finding.FLASHING),
        (Measures(loudness=-4.9), Finding.LOUD),
        (Measures(flashes=0, red_flashes=0, loudness=3), Finding.LOUD),
        (Measures(flashes=15, red_flashes=0, loudness=3), Finding.FLASHING),
    ],
)
def test_the_limits_are_three_flashes_and_minus_five_lufs(
    measures: Measures, finding: Finding | None
) -> None:
    assert finding_of(measures) is finding


def test_there_are_words_for_every_finding() -> None:
    assert set(SENTENCES) == set(Finding)
    assert len({str(sentence) for sentence in SENTENCES.values()}) == len(Finding)
