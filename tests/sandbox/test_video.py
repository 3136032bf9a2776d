import io

import av
import numpy as np
import pytest
from PIL import Image

from bot.sandbox.lettering import title_masks, wrapped
from bot.sandbox.scenes import MAKERS, painters_of, plan
from bot.sandbox.video import COMMENT, render_image, render_video
from tests.sandbox.media import frames_of

SMALL = {"width": 320, "height": 176}


@pytest.fixture(scope="module")
def clip() -> bytes:
    return render_video("waves at sunset", frames=13, fps=24, seed=3, **SMALL)


def test_a_video_is_h264_without_sound_and_has_exactly_the_asked_frames(clip: bytes) -> None:
    with av.open(io.BytesIO(clip)) as container:
        stream = container.streams.video[0]
        size = (stream.width, stream.height, stream.pix_fmt, stream.codec_context.name)
        rate = stream.average_rate
        assert not container.streams.audio
    assert size == (320, 176, "yuv420p", "h264")
    assert rate == 24
    assert len(frames_of(clip)) == 13


@pytest.mark.parametrize(("frames", "fps"), [(1, 24), (5, 15)])
def test_short_and_slow_videos_are_exact_too(frames: int, fps: int) -> None:
    video = render_video("snow", frames=frames, fps=fps, seed=1, width=176, height=320)

    with av.open(io.BytesIO(video)) as container:
        assert container.streams.video[0].average_rate == fps
    assert len(frames_of(video)) == frames


def test_the_index_stands_in_front_so_that_players_start_at_once(clip: bytes) -> None:
    assert 0 < clip.index(b"moov") < clip.index(b"mdat")


def test_a_video_says_that_it_is_a_sandbox_rendering(clip: bytes) -> None:
    with av.open(io.BytesIO(clip)) as container:
        assert container.metadata["title"] == "waves at sunset"
        assert container.metadata["comment"] == COMMENT


def test_the_picture_moves_from_frame_to_frame(clip: bytes) -> None:
    frames = [frame.astype(int) for frame in frames_of(clip)]

    assert np.abs(frames[-1] - frames[0]).mean() > 0.5


def test_the_same_prompt_and_seed_give_the_same_bytes_and_another_seed_does_not(
    clip: bytes,
) -> None:
    again = render_video("waves at sunset", frames=13, fps=24, seed=3, **SMALL)
    other = render_video("waves at sunset", frames=13, fps=24, seed=4, **SMALL)

    assert again == clip
    assert other != clip


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_each_thing_that_can_be_seen_paints_and_moves(name: str) -> None:
    word = MAKERS[name][1].split()[0]
    painters = painters_of(word, width=160, height=96, seed=1)
    first, later = (np.zeros((96, 160, 3), np.float32) for _ in range(2))
    for paint in painters:
        paint(first, 0.5)
        paint(later, 1.5)

    assert name in plan(word)[1]
    assert np.isfinite(first).all()
    assert first.std() > 0.02
    assert np.abs(first - later).max() > 0.02


def test_words_choose_the_colours() -> None:
    def mean_colour(prompt: str) -> list[float]:
        still = Image.open(io.BytesIO(render_image(prompt, seed=1, **SMALL)))
        return [float(np.asarray(still)[..., part].mean()) for part in range(3)]

    fire, sea, night = (mean_colour(prompt) for prompt in ("campfire", "calm sea", "stars"))
    assert fire[0] > 1.5 * fire[2]
    assert sea[2] > 1.2 * sea[0]
    assert sum(night) < 0.6 * sum(sea)


def test_unknown_words_get_silk_of_their_own_colours() -> None:
    first, second = (render_image(text, seed=1, **SMALL) for text in ("zorble", "quux"))

    assert plan("zorble") == (None, [])
    assert first != second


@pytest.mark.parametrize(
    "prompt",
    [
        "\U0001f30a\U0001f525 \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u0631\u064a\u062d \u0641\u0648\u0642 \u0627\u0644\u0628\u062d\u0631",
        "\u98a8\u3068\u67f3",
        "x" * 900,
        "wind " * 300,
        "line\nbreak\x00\u202e",
        " ",
    ],
)
def test_no_prompt_is_too_strange_for_a_title(prompt: str) -> None:
    still = render_image(prompt, seed=1, **SMALL)

    assert Image.open(io.BytesIO(still)).size == (320, 176)


def test_the_title_is_drawn_at_the_lower_edge() -> None:
    letters, _ = title_masks("wind over willow branches", 320, 176)

    assert letters[:100].max() == 0
    assert letters[140:].max() == 1


def test_a_long_title_is_wrapped_and_ends_in_dots() -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size=20)
    lines = wrapped("one two three four " * 30, font, 300)

    assert len(lines) == 3
    assert lines[-1].endswith("...")
    assert all(font.getlength(line) <= 300 for line in lines)


def test_an_image_is_png_of_the_asked_size_with_the_note() -> None:
    image = Image.open(io.BytesIO(render_image("a forest", seed=2, **SMALL)))

    assert (image.format, image.size) == ("PNG", (320, 176))
    assert image.info["Comment"] == COMMENT
