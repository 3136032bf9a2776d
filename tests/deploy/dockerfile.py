"""The Dockerfile, read line by line: it uses nothing that needs more."""

import fnmatch
from dataclasses import dataclass

from tests.program import ROOT

DOCKERFILE = ROOT / "Dockerfile"
IGNORED = ROOT / ".dockerignore"


@dataclass(frozen=True)
class Step:
    """One instruction, in capitals, and the rest of its line."""

    instruction: str
    rest: str


def steps() -> list[Step]:
    """Return the instructions in their order."""
    lines = [line.strip() for line in DOCKERFILE.read_text("utf-8").splitlines()]
    parts = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [Step(name.upper(), rest.strip()) for name, _, rest in parts]


def only(instruction: str) -> str:
    """Return the rest of the last such line, which is the one that counts."""
    return [step.rest for step in steps() if step.instruction == instruction][-1]


def copied() -> dict[str, str]:
    """Return what is copied from the project, and where to."""
    pairs = [step.rest.split() for step in steps() if step.instruction == "COPY"]
    return {source: target for *sources, target in pairs for source in sources}


def sent(path: str) -> bool:
    """Tell whether the .dockerignore lets a path at the top of the project through."""
    through = True
    for line in IGNORED.read_text("utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            wanted = pattern.startswith("!")
            if fnmatch.fnmatch(path, pattern.removeprefix("!")):
                through = wanted
    return through
