from typing import Any

import pytest

from bot.netmind.catalog import Catalog
from bot.sandbox.models import recipes, sandbox_catalog
from bot.sandbox.netmind import MODELS
from bot.sandbox.orders import Kind, Recipe, complaints, read_order

SPEECH = Recipe("speech", prompt_key="text")


@pytest.mark.parametrize(
    ("kind", "config", "name"),
    [
        ("image", {"width": 100}, "width"),
        ("image", {"image_size": "huge"}, "image_size"),
        ("image", {"image_size": ["square_hd"]}, "image_size"),
        ("image", {"seed": -2}, "seed"),
        ("speech", {"speed": 3}, "speed"),
        ("speech", {"speed": True}, "speed"),
        ("speech", {"speed": "fast"}, "speed"),
        ("speech", {"voice": 3}, "voice"),
        ("speech", {"voice_setting": {"speed": 0.1}}, "voice_setting.speed"),
        ("speech", {"voice_setting": {"voice_id": 1}}, "voice_setting.voice_id"),
    ],
)
def test_each_bad_value_has_its_complaint(kind: Kind, config: dict[str, Any], name: str) -> None:
    (found,) = complaints(Recipe(kind), {"prompt": "hello"} | config)
    assert ".".join(found["loc"]) == f"body.config.{name}"


def test_a_prompt_is_looked_for_under_the_models_own_name() -> None:
    (found,) = complaints(SPEECH, {"prompt": "hello"})
    assert (found["loc"], found["msg"]) == (["body", "config", "text"], "Field required")
    assert read_order(SPEECH, {"text": "hello"}).prompt == "hello"


@pytest.mark.parametrize(
    "config",
    [
        {"voice": "ann", "speed": 2},
        {"voice_setting": {"voice_id": "ann", "speed": 2, "vol": 1}},
    ],
)
def test_voice_and_speed_go_by_either_name(config: dict[str, Any]) -> None:
    config = {"text": "hello"} | config
    assert complaints(SPEECH, config) == []
    order = read_order(SPEECH, config)
    assert (order.voice, order.speed, order.file_name) == ("ann", 2.0, "speech.mp3")


def test_a_size_by_name_is_a_width_and_a_height() -> None:
    config = {"prompt": "a pier", "image_size": "portrait_3_4"}
    assert complaints(Recipe("image"), config) == []
    order = read_order(Recipe("image"), config)
    assert (order.width, order.height, order.content_type) == (768, 1024, "image/png")


def test_the_sandboxs_own_catalogue_is_what_it_knows_by_itself() -> None:
    catalog = sandbox_catalog()
    assert recipes(catalog) == MODELS
    assert [model.key for model in catalog.taking_video()] == ["mmaudio"]
    assert Catalog.load().taking_video() == ()
