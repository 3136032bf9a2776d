"""Every reason has a sentence that tells a person what happened and what to do."""

import pytest

from bot.jobs.reasons import SENTENCES, Reason, sentence


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_of_its_own(reason: Reason) -> None:
    assert sentence(reason) == SENTENCES[reason]
    said = str(sentence(reason))
    assert said[0].isupper()
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 150
    assert list(map(str, SENTENCES.values())).count(said) == 1


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_fits_its_column(reason: Reason) -> None:
    assert len(reason) <= 32


@pytest.mark.parametrize("code", [None, "", "from_a_later_version"])
def test_an_unknown_code_gets_a_plain_sentence(code: str | None) -> None:
    assert str(sentence(code)) == "It could not be made. Try again."


def test_what_only_the_operator_can_mend_says_so() -> None:
    assert "operator" in str(sentence(Reason.KEY_REFUSED))
    assert "operator" in str(sentence(Reason.NO_BALANCE))
