"""The log: one line an event on stdout, pleasant on a terminal, JSON elsewhere, without secrets."""

import logging
import os
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from types import TracebackType
from urllib.parse import unquote

import discord
import stamina.instrumentation
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot import redact
from bot.config import Settings
from bot.ids import NAMES
from bot.redact import Redactor

# What Railway wants to read; every other platform knows these as well.
_LEVELS = {"warning": "warn", "critical": "error"}
# Where the texts of errors stand; what people have typed is taken out of them.
_TEXTS = ("exception", "error", "why")
_FIRST = ("level", "message", "timestamp", "logger", *NAMES)
# Debug lines of these hold whole requests, tokens included.
_QUIET = ("discord", "aiohttp", "asyncio", "aiosqlite", "urllib3", "sentry_sdk", "opentelemetry")
# Lists of `name=value`, where keys of collectors stand.
_HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
_WIDEST_EVENT = 22


def set_up(settings: Settings, report: Processor | None = None) -> None:
    """Send our events and the libraries' records to stdout, each secret replaced by stars.

    `report`: sees each event before its exception becomes text.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if report is None else [report]),
        structlog.processors.format_exc_info,
        _without_typed,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("message"),
                *(_for_machines() if _wants_json(settings) else _for_people()),
                _without_secrets(redactor_of(settings)),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed
    stamina.instrumentation.set_on_retry_hooks([_tried_again])
    _calm(level)


def _calm(level: int) -> None:
    """Have libraries say no more than is of use to anybody."""
    # Foley sends files and never joins a voice channel.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    # A migration says in its own words what it did.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.INFO))


def redactor_of(settings: Settings) -> Redactor:
    """Return what knows the secrets of the settings, and those that OpenTelemetry reads itself."""
    headers = [os.environ.get(name, "") for name in _HEADERS]
    values = [pair.partition("=")[2].strip() for each in headers for pair in each.split(",")]
    return Redactor([*redact.secrets_of(settings), *values, *map(unquote, values)])


def _wants_json(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return not sys.stdout.isatty()
    return settings.log_format == "json"


def _for_machines() -> list[Processor]:
    return [_named_for_machines, _in_order, structlog.processors.JSONRenderer()]


def _for_people() -> list[Processor]:
    colors = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    renderer = structlog.dev.ConsoleRenderer(
        event_key="message",
        colors=colors,
        sort_keys=False,
        pad_event_to=_WIDEST_EVENT,
        pad_level=True,
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [_in_order, _shortened, renderer]


def _named_for_machines(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["level"] = _LEVELS.get(event["level"], event["level"])
    return event


def _in_order(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put what every line has first, and what it is about next."""
    first = {name: event[name] for name in _FIRST if name in event}
    ordered = first | {name: value for name, value in event.items() if name not in first}
    return {name: _plain(value) for name, value in ordered.items()}


def _plain(value: object) -> object:
    """Return what reads well; the rest is left to JSON or Python."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.value if isinstance(value, Enum) else value


def _shortened(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leave out what nobody reads on a terminal: the day, and which file of ours speaks."""
    event["timestamp"] = event["timestamp"][11:19]
    if event.get("logger", "").startswith(("bot.", "cogs.")):
        del event["logger"]
    return event


def _without_typed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take what people have typed out of the texts of errors, ours and the libraries'."""
    texts: Sequence[str] = _TEXTS
    if not event.get("_from_structlog", True):
        texts = ("event", *texts)
    for name in texts:
        if isinstance(event.get(name), str):
            event[name] = redact.without_typed(event[name])
    return event


def _without_secrets(redactor: Redactor) -> Processor:
    def clean(_logger: WrappedLogger, _method: str, rendered: EventDict) -> str:
        return redactor.clean(str(rendered))

    return clean


def _tried_again(details: stamina.instrumentation.RetryDetails) -> None:
    """Tell of a request that is made again; the library would repeat what was asked for."""
    structlog.get_logger(__name__).warning(
        "tried_again",
        tries=details.retry_num,
        error=type(details.caused_by).__name__,
        seconds=round(details.wait_for, 1),
    )


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write the end of the process as one line, too."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger(__name__).critical("crashed", exc_info=(kind, error, trace))


def _thread_crashed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and args.exc_type is not SystemExit:
        structlog.get_logger(__name__).error("thread_crashed", exc_info=args.exc_value)
