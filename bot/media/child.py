"""The process that touches files from outside: one request, one answer, then it is gone.

The request is a JSON line on stdin, the answer JSON on stdout. stdin stays open while the parent
lives; when it closes, the child ends as well, at once.
"""

import json
import os
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from bot.media.limits import Limits

_NICENESS = 5
"""The bot goes first."""
_SPARE_CPU_SECONDS = 2
"""Between the signal that asks to end and the one that ends."""


def main() -> None:
    """Serve the one request on stdin."""
    answers = _own_stdout()
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    limits = Limits(**request["limits"])
    _limit_this_process(limits, request["output_bytes"])
    answer = _answer(request, limits)
    answers.write(json.dumps(answer).encode())
    answers.flush()
    # Libraries may hang or crash while they tidy up; there is nothing left to tidy.
    os._exit(0)


def _own_stdout() -> BinaryIO:
    """Keep stdout for the answer: what a library prints goes nowhere."""
    own = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return own


def _end_with_the_parent(stdin: int) -> None:
    while os.read(stdin, 4096):
        pass
    os._exit(1)


def _limit_this_process(limits: Limits, output_bytes: int) -> None:
    cpu = limits.cpu_seconds
    for kind, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_CPU, cpu, cpu + _SPARE_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, output_bytes, output_bytes),
    ):
        resource.setrlimit(kind, (soft, hard))
    os.nice(_NICENESS)


def _answer(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        # FFmpeg, Pillow and numpy are loaded under the limits.
        from bot.media.operations import OPERATIONS, error_answer  # noqa: PLC0415
    except (MemoryError, ImportError):
        # A library that finds no room says that it cannot be loaded.
        return {"error": "TooHeavyError", "text": "there is too little memory"}
    operation: Callable[..., dict[str, Any]] = OPERATIONS[request["operation"]]
    source = Path(request["source"])
    try:
        return operation(source, limits=limits, **_arguments(request))
    except Exception as error:  # noqa: BLE001 - the parent hears of it, whatever it is
        return error_answer(error)


def _arguments(request: dict[str, Any]) -> dict[str, Any]:
    arguments = dict(request["arguments"])
    if "target" in arguments:
        arguments["target"] = Path(arguments["target"])
    return arguments


if __name__ == "__main__":
    main()
