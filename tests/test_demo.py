"""`python -m bot demo`, as `make demo` runs it."""

from pathlib import Path

from tests.program import Ended, running


async def run_demo(folder: Path, **environment: str) -> Ended:
    """Run the demo in an empty folder."""
    async with running("demo", folder=folder, COLUMNS="100", **environment) as program:
        return await program.ended()


async def test_the_demo_does_the_main_job_and_ends(tmp_path: Path) -> None:
    """It tells the story, saves the posted files, says what they are, and exits 0."""
    ended = await run_demo(tmp_path)

    assert (ended.code, ended.stderr) == (0, "")
    saved = sorted(path.name for path in (tmp_path / "demo-output").iterdir())
    assert saved == [
        "a-lighthouse-in-a-storm-at-night-2.mp4",
        "wind-over-willow-branches-1.flac",
        "wind-over-willow-branches-1.png",
        "wind-over-willow-branches-far-away-3.flac",
        "wind-over-willow-branches-far-away-3.png",
    ]
    assert "/audio prompt: wind over willow branches duration: 6" in ended.stdout
    assert "submitting → generating" in ended.stdout
    assert "all four calls were made" in ended.stdout
    assert "flac, 44100 Hz" in ended.stdout
    assert "h264, 960x544" in ended.stdout


async def test_the_demo_takes_a_prompt(tmp_path: Path) -> None:
    """`make demo PROMPT="thunder far away"` hands it over in the environment."""
    ended = await run_demo(tmp_path, PROMPT="thunder far away")

    assert (ended.code, ended.stderr) == (0, "")
    assert "/audio prompt: thunder far away duration: 6" in ended.stdout
    assert (tmp_path / "demo-output" / "thunder-far-away-1.flac").exists()
