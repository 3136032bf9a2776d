"""What takes too long for the suite: the Dockerfile's steps, and other programs' opinions.

    python -m tests.deploy           carry out the steps, ask systemd-analyze and docker's help
    python -m tests.deploy --write   write what the deploy files take from the settings

The steps are carried out in an empty folder with an empty environment of Python. Making the user
is left out: it would be one of this machine. What is not there is said, and is no failure.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.deploy import dockerfile, pages
from tests.deploy.written import written
from tests.docs.markdown import blocks
from tests.program import ROOT

NEEDS_ROOT = "useradd"
EVERYTHING = (
    "import bot.__main__, bot.client, bot.version; "
    "[__import__(name) for name in bot.client.COGS]; bot.version.version()"
)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    """Run it with this environment alone; what it says is seen."""
    say(f"  $ {shlex.join(command)}")
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode  # noqa: S603 - our own files


def image() -> Iterator[str]:
    """Carry out the Dockerfile's steps; yield what went wrong."""
    with tempfile.TemporaryDirectory(prefix="foley-image-") as name:
        top = Path(name)
        app, data = top / "app", top / "data"
        app.mkdir()
        venv.create(top / "python", with_pip=True)
        environment = {"PATH": f"{top / 'python' / 'bin'}:/usr/bin:/bin", "HOME": name}
        environment["PIP_PROGRESS_BAR"] = "off"
        for step in dockerfile.steps():
            yield from _carry_out(step, app, environment)
        for pair in dockerfile.only("ENV").split():
            key, _, value = pair.partition("=")
            environment[key] = str(data) if key == "DATA_DIR" else value
        yield from _try_out(app, environment)


def _carry_out(step: dockerfile.Step, app: Path, environment: dict[str, str]) -> Iterator[str]:
    if step.instruction == "COPY":
        source, target = step.rest.split()
        _copy(ROOT / source, app / target)
    elif step.instruction == "RUN" and NEEDS_ROOT in step.rest:
        say(f"  not tried: {step.rest}")
    elif step.instruction == "RUN" and run(["sh", "-c", step.rest], app, environment) != 0:
        yield f"this step of the Dockerfile failed: {step.rest}"


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _try_out(app: Path, environment: dict[str, str]) -> Iterator[str]:
    """Start what the image starts: it migrates, and without tokens it says so."""
    expected = {
        "python -m pip check --disable-pip-version-check": 0,
        "python -m bot migrate": 0,
        f"python -c '{EVERYTHING}'": 0,
        shlex.join(json.loads(dockerfile.only("CMD"))): 2,
    }
    for command, code in expected.items():
        ended = run(shlex.split(command), app, environment)
        if ended != code:
            yield f"{command!r} ended with {ended} instead of {code}"


def unit() -> Iterator[str]:
    """Have systemd-analyze look at the unit, with paths that this machine has."""
    if shutil.which("systemd-analyze") is None:
        say("  not tried: there is no systemd-analyze")
        return
    text = (ROOT / "deploy" / "foley.service").read_text("utf-8")
    text = text.replace("/opt/foley/.venv/bin/python", sys.executable)
    text = re.sub(r"^User=.*$", "User=root", text, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory(prefix="foley-unit-") as name:
        path = Path(name) / "foley.service"
        path.write_text(text, "utf-8")
        if run(["systemd-analyze", "verify", "--man=no", str(path)], Path(name), {**os.environ}):
            yield "systemd-analyze does not like the unit"


def options() -> Iterator[str]:
    """Look up each option that docker.md gives to docker in docker's own help."""
    if shutil.which("docker") is None:
        say("  not tried: there is no docker")
        return
    lines = [line for block in blocks(pages.FOLDER / "docker.md") for line in block.lines]
    for line in lines:
        _, name, *words = shlex.split(line)
        told = ["docker", name, "--help"]
        said = subprocess.run(told, capture_output=True, text=True, check=True).stdout  # noqa: S603 - its help
        for option in (word for word in words if word.startswith("--")):
            if not re.search(rf"{option}\b", said):
                yield f"docker {name} has no {option}"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "the Dockerfile's steps": image,
    "the systemd unit": unit,
    "the options of docker": options,
}


def main() -> int:
    """Write, or check everything; the code is 1 if anything is wrong."""
    if "--write" in sys.argv:
        for name, text in written().items():
            (ROOT / name).write_text(text, "utf-8")
        return 0
    wrong: list[str] = []
    for title, check in CHECKS.items():
        say(title)
        wrong += check()
    say("\n".join(["", *(wrong or ["Nothing is wrong."])]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
