"""A table of jobs as a CSV file that spreadsheets open: UTF-8 with a mark, and no formulas."""

import csv
import io
from typing import BinaryIO

from bot.log_line import link_to
from storage.deliveries import Delivery
from storage.jobs import Job

COLUMNS = (
    "job",
    "time",
    "person",
    "model",
    "kind",
    "state",
    "reason",
    "prompt",
    "message",
    "length",
)
MOST_ROWS = 50_000

# A spreadsheet computes what begins with one of these; those of East Asian width, too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the wide ones are meant
_MARK = b"\xef\xbb\xbf"


class JobTable:
    """Writes rows into a file, until it would have more than MOST_ROWS or so many bytes."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self.rows = 0
        self._file = file
        self._room = most_bytes
        self._write(_MARK + _line(*COLUMNS))

    def add(self, job: Job, told: Delivery | None, length: float | None) -> bool:
        """Write a job; False: it does not fit. `length`: seconds of its result, if it has one."""
        written = _line(
            job.id,
            job.created_at.isoformat(),
            job.requester_id,
            job.model,
            job.kind,
            job.state,
            ": ".join(filter(None, [job.reason, job.detail])),
            job.prompt,
            link_to(job, told) or "",
            "" if length is None else f"{length:g}",
        )
        if self.rows == MOST_ROWS or len(written) > self._room:
            return False
        self._write(written)
        self.rows += 1
        return True

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._room -= len(content)


def _line(*cells: object) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return line.getvalue().encode("utf-8", "replace")


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
