"""Errors for Sentry: the lines of the log that are our own bugs, each with its exception.

What leaves is the exception with the lines of code it went through, the event's name, the version,
and the ids of job, server and delivery: no variables, no requests, nobody's words.
"""

import sys
from types import TracebackType
from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception
from structlog.typing import EventDict, WrappedLogger

from bot.ids import NAMES
from bot.redact import Redactor

_Raised = tuple[type[BaseException], BaseException, TracebackType | None]
# Seconds that the last reports have to leave the process when it ends.
_LEAVING = 2.0
_TAGS = (*NAMES, "worker", "command")


class Reporter:
    """A processor of the log that reports what has an exception and is an error.

    Raises ValueError if the DSN is none.
    """

    def __init__(self, dsn: str, redactor: Redactor, version: str) -> None:
        self._redactor = redactor
        # It is a client of its own: the library changes nothing in the rest of the process.
        self._client = sentry_sdk.Client(
            dsn=dsn,
            release=f"foley@{version}",
            before_send=self._clean,
            default_integrations=False,
            include_local_variables=False,
            data_collection={"user_info": False, "http_bodies": [], "stack_frame_variables": False},
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            shutdown_timeout=_LEAVING,
        )

    def close(self) -> None:
        """Send what is left."""
        self._client.close(timeout=_LEAVING)

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        """Report the line if it is an error with an exception; return it as it is."""
        raised = _raised(line.get("exc_info"))
        if raised is not None and line["level"] in {"error", "critical"}:
            event, hint = event_from_exception(raised, client_options=self._client.options)
            event["level"] = "fatal" if line["level"] == "critical" else "error"
            event["logger"] = line.get("logger", "")
            event["transaction"] = str(line["event"])
            event["tags"] = {name: str(line[name]) for name in _TAGS if name in line}
            self._client.capture_event(event, hint)
        return line

    def _clean(self, event: Event, _hint: Hint) -> Event:
        cleaned: Any = self._redactor.clean_all(event)
        cleaned.pop("server_name", None)
        return cleaned  # type: ignore[no-any-return] # as it was, but for its texts


def _raised(exc_info: object) -> _Raised | None:
    """Return what was raised, however the log was told of it."""
    if isinstance(exc_info, BaseException):
        return type(exc_info), exc_info, exc_info.__traceback__
    if exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, tuple) and exc_info[0] is not None:
        return exc_info
    return None
