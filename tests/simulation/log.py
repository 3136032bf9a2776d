"""What the bot logs and what its loop complains of, kept in lines as the bot writes them."""

import json
import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from tests.simulation.inline import GONE
from tests.simulation.loop import PROCESS
from tests.simulation.machine import Killed, Machine
from tests.simulation.process import Process

ALLOWED = frozenset(
    {
        # discord.py says so of each lost connection, with its cause.
        "Attempting a reconnect in %.2fs",
    }
)


class Log(logging.Handler):
    """The lines of all processes; `complaints` are of the loop."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(logging.INFO)
        self._machine = machine
        self.lines: list[str] = []
        self.complaints: list[str] = []
        self.allowed = ALLOWED
        machine.loop.set_exception_handler(self._complain)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within this, everything that is logged comes here and nowhere else."""
        root, before = logging.getLogger(), structlog.get_config()
        handlers, level = root.handlers, root.level
        root.handlers, root.level = [self], logging.INFO
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                self._keep,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            cache_logger_on_first_use=False,
        )
        try:
            yield
        finally:
            structlog.configure(**before)
            root.handlers, root.level = handlers, level

    def _keep(self, _: Any, __: str, event: MutableMapping[str, Any]) -> Any:
        self._write(event.pop("event"), event)
        raise structlog.DropEvent

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of a library's."""
        more: dict[str, Any] = {"level": record.levelname.lower(), "logger": record.name}
        more["said"] = record.getMessage()
        if record.exc_info:
            more["exception"] = logging.Formatter().formatException(record.exc_info)
        self._write(record.msg, more)

    def _write(self, message: object, more: MutableMapping[str, Any]) -> None:
        process = PROCESS.get()
        if not isinstance(process, Process) or process.killed:
            return  # nobody reads what the dead say, and others are not what is tested here
        at = round(self._machine.loop.time(), 3)
        head = {"at": at, "by": process.name, "message": str(message)}
        self.lines.append(json.dumps(head | dict(more), default=str))

    def _complain(self, _: object, context: dict[str, Any]) -> None:
        """Keep what nobody handled; the killed may leave things behind."""
        process = PROCESS.get()
        error = context.get("exception")
        dead = isinstance(process, Process) and process.killed
        if not dead and not isinstance(error, Killed) and self._concerns_the_living(context):
            self.complaints.append(f"unhandled: {context.get('message')}: {error!r}")

    def _concerns_the_living(self, context: dict[str, Any]) -> bool:
        """What is collected as garbage does not say whose it was."""
        if not self._machine.anybody_killed:
            return True
        told = f"{context.get('message')} {context.get('exception')}"
        return not ("Unclosed" in told or GONE in told)
