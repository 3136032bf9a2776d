"""Somebody else at the same SQLite file, who holds the writers' lock again and again.

    python -m tests.benchmarks.blocker PATH SECONDS SECONDS

The lock is held for a time between the two. It says `held` each time it has the lock, and goes on
until it is ended.
"""

import random
import sqlite3
import sys
import time

FREE = (0.3, 0.7)
"""For how many seconds anybody else can have the lock, at least and at most."""


def main() -> None:
    rng = random.Random(1)
    path, least, most = sys.argv[1:]
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    while True:
        connection.execute("BEGIN IMMEDIATE")
        sys.stdout.write("held\n")
        sys.stdout.flush()
        time.sleep(rng.uniform(float(least), float(most)))
        connection.execute("ROLLBACK")
        time.sleep(rng.uniform(*FREE))


if __name__ == "__main__":
    main()
