"""The Procfile: what platforms start."""

from tests.program import ROOT

PROCFILE = ROOT / "Procfile"


def commands() -> dict[str, str]:
    """Return each process's command by its name."""
    pairs = [line.partition(":") for line in PROCFILE.read_text("utf-8").splitlines()]
    return {name.strip(): command.strip() for name, _, command in pairs}
