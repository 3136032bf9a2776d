"""`python -m bot demo`, as `make demo` runs it."""

from pathlib import Path

from tests.program import Ended, running


async def run_demo(folder: Path, **environment: str) -> Ended:
    """Run the demo in an empty folder."""
    async with running("demo", folder=folder, COLUMNS="100", **environment) as program:
        return await program.ended()


async def test_the_demo_does_the_main_job_and_ends(tmp_path: Path) -> None:
    """It tells the story, saves the posted files, says what they are, and exits 0.

    `make demo PROMPT="thunder far away"` hands the prompt over in the environment.
    """
    ended = await run_demo(tmp_path, PROMPT="thunder far away")

    assert (ended.code, ended.stderr) == (0, "")
    saved = sorted(path.name for path in (tmp_path / "demo-output").iterdir())
    assert saved == [
        "thunder-far-away-1.flac",
        "thunder-far-away-1.png",
        "thunder-far-away-2.mp4",
        "thunder-far-away-far-away-3.flac",
        "thunder-far-away-far-away-3.png",
    ]
    assert "/audio prompt: thunder far away duration: 6" in ended.stdout
    assert "submitting → generating" in ended.stdout
    assert "all four calls were made" in ended.stdout
    assert "flac, 44100 Hz" in ended.stdout
    assert "h264, 960x544" in ended.stdout
