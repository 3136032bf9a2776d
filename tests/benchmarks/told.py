"""The program, but each statement that it gives the database is told: a line in a file.

STATEMENTS=FILE python -m tests.benchmarks.told run
"""

import os
from typing import Any

import sqlalchemy as sa

from bot.__main__ import cli


def main() -> None:
    """Listen to every engine, and be the program."""
    file = os.open(os.environ["STATEMENTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        os.write(file, b" ".join(statement.encode().split()) + b"\n")

    sa.event.listen(sa.Engine, "before_cursor_execute", tell)
    cli()


if __name__ == "__main__":
    main()
