from pathlib import Path
from typing import Any

import pytest

from bot.netmind.catalog import Catalog, CatalogError
from bot.netmind.model import Model, OptionsRefused
from bot.sandbox.models import recipes
from bot.sandbox.orders import complaints

EXAMPLE = Path(__file__).parents[2] / "docs" / "models.example.toml"

MODEL = """
[models.{key}]
title = "T"
kind = "{kind}"
id = "x/y"
typical_seconds = 5
deadline_seconds = 60
prompt_limit = 100
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


def model(catalog: Catalog, key: str) -> Model:
    found = catalog.get(key)
    assert found is not None
    return found


def written(tmp_path: Path, *parts: str) -> Path:
    path = tmp_path / "models.toml"
    path.write_text("".join(parts))
    return path


def one(options: str = "", key: str = "m", kind: str = "audio") -> str:
    return MODEL.format(key=key, kind=kind) + options


def test_the_packaged_catalogue_offers_sound_and_video(catalog: Catalog) -> None:
    assert catalog.kinds() == ("audio", "video")
    assert [(one.key, one.id) for one in catalog.models] == [
        ("mmaudio", "hkchengrex/MMAudio"),
        ("hunyuanvideo", "hunyuanvideo-community/HunyuanVideo"),
    ]
    assert [one.key for one in catalog.of_kind("video")] == ["hunyuanvideo"]
    assert model(catalog, "hunyuanvideo").deadline_seconds >= 1800
    assert catalog.get("gone") is None


def test_all_ten_sizes_are_offered_and_lengths_have_the_form_the_model_takes(
    catalog: Catalog,
) -> None:
    options = model(catalog, "hunyuanvideo").options
    sizes = {(size["width"], size["height"]) for size in options["shape"].choices.values()}
    large = {(1280, 720), (720, 1280), (1104, 832), (832, 1104), (960, 960)}
    small = {(960, 544), (544, 960), (832, 624), (624, 832), (720, 720)}
    assert sizes == large | small
    for label, size in options["shape"].choices.items():
        assert f"{size['width']}x{size['height']}" in label
    for length in options["length"].choices.values():
        frames = length["num_frames"]
        assert isinstance(frames, int)
        assert frames % 4 == 1


def test_only_what_somebody_set_is_sent(catalog: Catalog) -> None:
    assert model(catalog, "mmaudio").config(" wind ", {"seed": None}) == {"prompt": "wind"}


def test_options_are_sent_under_their_wire_names(catalog: Catalog) -> None:
    options: dict[str, object] = {
        "duration": 8,
        "negative_prompt": "music",
        "seed": -1,
        "steps": 25,
        "guidance": 4.5,
    }
    assert model(catalog, "mmaudio").config("wind", options) == {
        "prompt": "wind",
        "duration": 8,
        "negative_prompt": "music",
        "seed": -1,
        "num_steps": 25,
        "cfg_strength": 4.5,
    }


def test_a_choice_can_stand_for_several_values(catalog: Catalog) -> None:
    options = {"shape": "tall, large (720x1280)", "length": "about 1 second"}
    assert model(catalog, "hunyuanvideo").config("a cat", options) == {
        "prompt": "a cat",
        "width": 720,
        "height": 1280,
        "num_frames": 25,
    }


@pytest.mark.parametrize(
    ("prompt", "options", "problem"),
    [
        ("", {}, "The prompt is empty; describe what you would like."),
        (" \u200b\n", {}, "The prompt is empty; describe what you would like."),
        ("a" * 2001, {}, "The prompt has 2001 characters; MMAudio takes at most 2000."),
        ("a", {"duration": 31}, "duration must be between 1 and 30."),
        ("a", {"duration": 0}, "duration must be between 1 and 30."),
        ("a", {"duration": 10**5000}, "duration must be between 1 and 30."),
        ("a", {"duration": True}, "duration must be a whole number."),
        ("a", {"duration": 2.5}, "duration must be a whole number."),
        ("a", {"seed": 2**31}, "seed must be between -1 and 2147483647."),
        ("a", {"guidance": float("nan")}, "guidance must be between 1 and 10."),
        ("a", {"guidance": "4"}, "guidance must be a number."),
        ("a", {"negative_prompt": 4}, "negative_prompt must be text."),
        (
            "a",
            {"negative_prompt": "b" * 1001},
            "negative_prompt has 1001 characters; it takes at most 1000.",
        ),
        ("a", {"shape": "wide"}, "MMAudio has no option shape."),
    ],
)
def test_each_bad_input_has_its_sentence(
    catalog: Catalog, prompt: str, options: dict[str, object], problem: str
) -> None:
    mmaudio = model(catalog, "mmaudio")
    assert [*map(str, mmaudio.problems(prompt, options))] == [problem]
    with pytest.raises(OptionsRefused) as caught:
        mmaudio.config(prompt, options)
    assert str(caught.value) == problem


def test_an_unknown_choice_is_answered_with_the_known_ones(catalog: Catalog) -> None:
    (problem,) = model(catalog, "hunyuanvideo").problems("a", {"length": "an hour"})
    assert str(problem).startswith("length must be one of: about 1 second; about 2")


def test_all_problems_are_told_at_once(catalog: Catalog) -> None:
    assert len(model(catalog, "mmaudio").problems("", {"duration": 99, "colour": "red"})) == 3


def test_spaces_around_a_prompt_do_not_count(catalog: Catalog) -> None:
    assert model(catalog, "mmaudio").problems(" " * 99 + "a" * 2000, {}) == []


def test_the_operator_can_set_defaults_and_fixed_values(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        one('always = { loop = true, steps = 1 }\n[models.m.options.steps]\ntype = "integer"\n'),
        'description = "d"\ndefault = 5\nmin = 1\n',
    )
    made = model(Catalog.load(path), "m")
    assert made.config("a", {}) == {"prompt": "a", "loop": True, "steps": 5}
    assert made.config("a", {"steps": 7}) == {"prompt": "a", "loop": True, "steps": 7}
    assert [*map(str, made.problems("a", {"steps": 0}))] == ["steps must be at least 1."]


def test_models_of_a_kind_share_a_command_with_the_widest_options(tmp_path: Path) -> None:
    option = '[models.{0}.options.size]\ntype = "integer"\ndescription = "d"\nmin = {1}\n{2}\n'
    choice = '[models.{0}.options.look]\ntype = "choice"\ndescription = "d"\nchoices = {1}\n'
    path = written(
        tmp_path,
        one(option.format("a", 3, "max = 5") + choice.format("a", "{ x = { w = 1 } }"), "a"),
        one(option.format("b", 1, "") + choice.format("b", "{ y = { w = 2 } }"), "b"),
    )
    options = {option.key: option for option in Catalog.load(path).options("audio")}
    assert (options["size"].min, options["size"].max) == (1, None)
    assert set(options["look"].choices) == {"x", "y"}


OPTION = '[models.m.options.{}]\ntype = "{}"\ndescription = "d"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("models = 3", "models: Input should be a valid dictionary"),
        ("", "models: Field required"),
        ("[models]", "models: Dictionary should have at least 1 item"),
        ("[models", "Expected ']'"),
        ("[models.m]\ntitle = 3", "models.m.title: Input should be a valid string"),
        ("[models.m]\ntitle = 3", "models.m.kind: Field required"),
        (one(kind="help"), "help is a command of Foley's own"),
        (one(kind="Big Kind"), "models.m.kind: String should match"),
        (one(key="M"), "models.M.key: String should match"),
        (one("colour = 1"), "models.m.colour: Extra inputs are not permitted"),
        (one(OPTION.format("model", "text")), "model: every command has that already"),
        (one(OPTION.format("x", "word")), "options.x.type: Input should be 'integer'"),
        (one(OPTION.format("x", "text") + "min = 1"), "min and max belong to integer and number"),
        (one(OPTION.format("x", "integer") + "min = 1.5"), "whole numbers"),
        (one(OPTION.format("x", "number") + "min = 2\nmax = 1"), "min is greater than max"),
        (one(OPTION.format("x", "number") + "max_length = 2"), "max_length belongs to text"),
        (one(OPTION.format("x", "choice")), "choices belong to choice, which needs them"),
        (
            one(OPTION.format("x", "text") + "choices = { a = { b = 1 } }"),
            "choices belong to choice",
        ),
        (
            one(OPTION.format("x", "integer") + "max = 3\ndefault = 4"),
            "options.x: default: x must be at most 3.",
        ),
        (
            one("".join(OPTION.format("x" * n, "text") for n in range(1, 25))),
            "kind audio has 24 options; at most 22 are possible",
        ),
        (
            one(OPTION.format("x", "text"))
            + one(OPTION.replace(".m.", ".n.").format("x", "integer"), "n"),
            "kind audio: option x has different types in its models",
        ),
        (one('prompt_wire = ""'), "models.m.prompt_wire: String should have at least 1"),
        (one('prompt_wire = "a..b"'), "models.m.prompt_wire: String should match"),
        (
            one('prompt_wire = "text"\nvideo_input = "text"'),
            "models.m: text and text: prompt and video need names of their own",
        ),
        (
            one(OPTION.format("x", "text") + 'wire = "prompt"'),
            "models.m: prompt: prompt and video need names of their own",
        ),
        (
            one('video_input = "clip"\nalways = { clip = "x" }'),
            "models.m: prompt and clip: prompt and video need names of their own",
        ),
        (
            one("always = { voice = 1 }\n" + OPTION.format("x", "text") + 'wire = "voice.speed"'),
            "models.m: voice cannot be a value and hold others too",
        ),
        (
            "".join(one(key=f"m{number}") for number in range(26)),
            "kind audio has 26 models; at most 25 are possible",
        ),
    ],
)
def test_a_bad_file_is_refused_in_clear_words(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CatalogError) as caught:
        Catalog.load(path)
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="No such file"):
        Catalog.load(tmp_path / "none.toml")


def test_models_cannot_be_changed(catalog: Catalog) -> None:
    frozen: Any = model(catalog, "mmaudio")
    with pytest.raises(ValueError, match="frozen"):
        frozen.title = "other"


def test_typical_times_can_be_replaced_by_kind(catalog: Catalog) -> None:
    quick = catalog.with_typical_seconds({"audio": 4})
    assert model(quick, "mmaudio").typical_seconds == 4
    assert model(quick, "hunyuanvideo") == model(catalog, "hunyuanvideo")


# Models that want other names than the documented two.


def test_the_prompt_is_sent_by_the_name_that_the_model_wants(tmp_path: Path) -> None:
    catalog = Catalog.load(written(tmp_path, one('prompt_wire = "text"', kind="speech")))
    assert model(catalog, "m").config(" hello ", {}) == {"text": "hello"}


def test_a_name_with_dots_is_sent_as_an_object_in_an_object(tmp_path: Path) -> None:
    more = 'prompt_wire = "input.text"\nalways = { "voice.tone.pitch" = 2 }\n'
    option = OPTION.format("speed", "number") + 'wire = "voice.speed"\n'
    catalog = Catalog.load(written(tmp_path, one(more + option)))
    assert model(catalog, "m").config("hello", {"speed": 1.5}) == {
        "input": {"text": "hello"},
        "voice": {"speed": 1.5, "tone": {"pitch": 2}},
    }


def test_any_word_is_a_kind(tmp_path: Path) -> None:
    path = written(tmp_path, one(key="a", kind="music"), one(key="b", kind="animation"))
    assert Catalog.load(path).kinds() == ("music", "animation")


def test_the_example_has_an_image_and_a_speech_model_that_the_sandbox_understands() -> None:
    """Every choice of every option is sent as the API wants it."""
    catalog = Catalog.load(EXAMPLE)
    assert catalog.kinds() == ("image", "speech")
    known = recipes(catalog)
    for each in catalog.models:
        for option in each.options.values():
            for value in option.choices or (option.min, option.max):
                config = each.config("hello", {option.key: value})
                assert complaints(known[each.id], config) == []
    spoken = model(catalog, "speech-02").config("hi", {"voice": "a wise woman", "speed": 2})
    assert spoken == {"text": "hi", "voice_setting": {"voice_id": "Wise_Woman", "speed": 2}}


# A sound for a video.


def test_a_sound_for_a_video_is_off_until_the_operator_names_the_input(catalog: Catalog) -> None:
    assert catalog.taking_video() == ()
    with pytest.raises(OptionsRefused, match=r"MMAudio cannot make a sound for a video\."):
        model(catalog, "mmaudio").config("wind", {}, video="https://x/y")


def test_the_line_that_the_packaged_catalogue_shows_turns_it_on(tmp_path: Path) -> None:
    packaged = Path(__file__).parents[2] / "bot" / "netmind" / "catalog.toml"
    text = packaged.read_text("utf-8")
    line = '# video_input = "video"'
    assert text.count(line) == 1
    catalog = Catalog.load(written(tmp_path, text.replace(line, line.removeprefix("# "))))
    (taking,) = catalog.taking_video()
    assert taking.key == "mmaudio"
    assert taking.config("wind", {"seed": 3}, video="https://x/y?sig=1") == {
        "prompt": "wind",
        "seed": 3,
        "video": "https://x/y?sig=1",
    }
    assert taking.config("wind", {}) == {"prompt": "wind"}


# Seeds.

SEED = '[models.m.options.seed]\ntype = "integer"\ndescription = "d"\n'


def highest(n: int) -> int:
    return n - 1


def lowest(_: int) -> int:
    return 0


@pytest.mark.parametrize(
    ("limits", "least", "most"),
    [
        ("", 0, 2**31 - 1),
        ("min = -1\nmax = 99", 0, 99),
        ("min = 5\nmax = 7", 5, 7),
        ("min = 8\nmax = 8", 8, 8),
    ],
)
def test_a_fresh_seed_lies_within_the_limits_and_is_never_negative(
    tmp_path: Path, limits: str, least: int, most: int
) -> None:
    made = model(Catalog.load(written(tmp_path, one(SEED + limits))), "m")
    assert (made.fresh_seed(lowest), made.fresh_seed(highest)) == (least, most)
    for seed in (least, most):
        assert made.config("a", {"seed": seed})["seed"] == seed


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[models.m.options.seed]\ntype = "text"\ndescription = "d"\n',
        SEED + "default = 4",
        "always = { seed = 4 }\n" + SEED,
        "always = { random = 4 }\n" + SEED + 'wire = "random"',
        SEED + "max = -1",
    ],
)
def test_no_seed_is_drawn_where_there_is_none_or_the_operator_has_decided(
    tmp_path: Path, text: str
) -> None:
    made = model(Catalog.load(written(tmp_path, one(text))), "m")
    assert made.fresh_seed(lowest) is None


def test_both_packaged_models_can_make_the_same_again(catalog: Catalog) -> None:
    for each in catalog.models:
        assert each.seed_option is each.options["seed"]
        assert each.fresh_seed(highest) == 2**31 - 1
