"""`python -m bot demo`, as `make demo` runs it."""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


async def run_demo(folder: Path, **environment: str) -> tuple[int, str]:
    """Run the demo in an empty folder; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo"),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 50)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_the_demo_does_the_main_job_and_ends(tmp_path: Path) -> None:
    """It tells the story, saves the posted files, says what they are, and exits 0."""
    code, output = await run_demo(tmp_path)

    assert code == 0, output
    saved = sorted(path.name for path in (tmp_path / "demo-output").iterdir())
    assert saved == [
        "a-lighthouse-in-a-storm-at-night-2.mp4",
        "wind-over-willow-branches-1.flac",
        "wind-over-willow-branches-far-away-3.flac",
    ]
    assert "/audio prompt: wind over willow branches duration: 6" in output
    assert "submitting → generating" in output
    assert "all four calls were made" in output
    assert "flac, 44100 Hz" in output
    assert "h264, 960x544" in output


async def test_the_demo_takes_a_prompt(tmp_path: Path) -> None:
    """`make demo PROMPT="thunder far away"` hands it over in the environment."""
    code, output = await run_demo(tmp_path, PROMPT="thunder far away")

    assert code == 0, output
    assert "/audio prompt: thunder far away duration: 6" in output
    assert (tmp_path / "demo-output" / "thunder-far-away-1.flac").exists()
