"""What the documents take from the code: `make docs` writes it, `make lint` finds drift."""

import re
import sys
from pathlib import Path

from bot.config import settings_table

ROOT = Path(__file__).parent.parent
SETTINGS = ROOT / "docs" / "settings.md"
_MARKED = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)


def written(text: str) -> str:
    """Return the settings page with the table as the code has it."""
    return _MARKED.sub(lambda found: f"{found[1]}{settings_table()}\n{found[2]}", text)


def main() -> int:
    """Write the table, or with --check say whether it is out of date."""
    old = SETTINGS.read_text("utf-8")
    new = written(old)
    if "--check" not in sys.argv:
        SETTINGS.write_text(new, "utf-8")
    elif old != new:
        print("docs/settings.md is out of date: run `make docs`")  # noqa: T201 - it is the output
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
