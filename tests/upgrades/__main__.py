"""Keep what a version's code writes, as the data that later versions must bring along.

    python -m tests.upgrades [--code REF]

Do it once when a version with a new schema is released (`make released`). Without --code it is the
code that lies here; what is there already is never written over.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.upgrades.old_code import code_of

FOLDER = Path(__file__).parent / "released"
_LIFE = Path(__file__).parent / "life.py"


def main() -> int:
    """Live a life with that code."""
    parser = argparse.ArgumentParser(prog="tests.upgrades", description=__doc__)
    parser.add_argument("--code", help="a commit, tag or branch")
    with code_of(parser.parse_args().code) as folder:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
        command = [sys.executable, "-W", "ignore", str(_LIFE), str(FOLDER)]
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode  # noqa: S603 - our own


if __name__ == "__main__":
    raise SystemExit(main())
