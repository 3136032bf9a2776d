"""The form of a remix: which fields there are, and how what was written is read."""

from typing import Any

import pytest

from bot.errors import Refusal
from bot.jobs import form
from bot.netmind.catalog import Catalog
from bot.netmind.model import Model

AUDIO, VIDEO = Catalog.load().models
OTHER = AUDIO.model_copy(
    update={
        "key": "tiny",
        "title": "Tiny: fast",
        "options": {key: AUDIO.options[key] for key in ("duration", "seed")},
    }
)


def fields_of(model: Model, *others: Model, **options: Any) -> dict[str, str]:
    found = form.fields(model, (model, *others), "rain", options)
    return {field.key: str(field.value) for field in found}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (
            fields_of(AUDIO, duration=3, guidance=2.5),
            {
                "prompt": "rain",
                "duration": "3",
                "negative_prompt": "",
                "seed": "",
                "others": "steps: \nguidance: 2.5",
            },
        ),
        (
            fields_of(VIDEO, seed=7),
            {
                "prompt": "rain",
                "shape": "",
                "length": "",
                "negative_prompt": "",
                "others": "seed: 7\nsteps: \nguidance: ",
            },
        ),
        (fields_of(OTHER, seed=7), {"prompt": "rain", "duration": "", "seed": "7"}),
        (
            fields_of(OTHER, AUDIO, seed=7),
            {"prompt": "rain", "duration": "", "seed": "7", "others": "model: Tiny: fast"},
        ),
    ],
    ids=["five options", "choices", "few options", "two models"],
)
def test_the_fields_of_a_form(shown: dict[str, str], expected: dict[str, str]) -> None:
    assert shown == expected


@pytest.mark.parametrize("models", [(AUDIO,), (VIDEO,), (OTHER,), (AUDIO, OTHER), (OTHER, AUDIO)])
def test_a_form_that_is_sent_unchanged_asks_for_the_same(models: tuple[Model, ...]) -> None:
    model = models[0]
    options = {"seed": 7} | ({"guidance": 2.5} if "guidance" in model.options else {})
    found = form.fields(model, models, "rain", options)
    assert len(found) <= 5
    written = {field.key: str(field.value) for field in found}
    assert form.read(models, model, written) == form.Request(model.key, "rain", options)


def test_a_text_among_the_others_stays_on_its_line() -> None:
    keys = ("duration", "seed", "steps", "guidance", "negative_prompt")
    model = AUDIO.model_copy(update={"options": {key: AUDIO.options[key] for key in keys}})
    written = fields_of(model, negative_prompt="loud\nnoise: wind")
    assert form.read((model,), model, written).options == {"negative_prompt": "loud noise: wind"}


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ({"duration": " 3 "}, {"duration": 3}),
        ({"duration": "long"}, {"duration": "long"}),
        ({"duration": "3.5"}, {"duration": "3.5"}),
        ({"seed": " "}, {}),
        ({"others": ""}, {}),
        ({"others": "guidance: 2,5"}, {"guidance": 2.5}),
        (
            {"others": "\n  Negative Prompt :  a: b  \n\nSTEPS:5"},
            {"negative_prompt": "a: b", "steps": 5},
        ),
        ({"others": "steps:"}, {}),
        ({"others": "MODEL: tiny: FAST\nseed: 4"}, {"seed": 4}),
    ],
)
def test_what_was_written_is_read(written: dict[str, str], options: dict[str, Any]) -> None:
    """What is no number is left for the model, which has words for it."""
    request = form.read((AUDIO, OTHER), AUDIO, {"prompt": "hail", **written})
    assert request.options == options
    assert request.prompt == "hail"
    assert request.model == ("tiny" if "MODEL" in written.get("others", "") else "mmaudio")


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ("steps 25", 'such as "steps: 25"'),
        ("volume: 11", "There is no option volume. There are: duration, negative prompt, seed"),
        ("model: Huge", "There is no such model. On offer: MMAudio, Tiny: fast."),
        ("model: tiny: fast\nsteps: 3", "There is no option steps. There are: duration, seed."),
        ("{0}: {1}", "There is no option {0}."),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_can(others: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        form.read((AUDIO, OTHER), AUDIO, {"prompt": "hail", "others": others})
    assert words in str(refused.value)
