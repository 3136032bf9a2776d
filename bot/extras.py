"""Extras: what some operators have sent elsewhere. Nothing is loaded that nobody has asked for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.config import Settings, SettingsError
from bot.log import redactor_of
from bot.trace import TRACER
from bot.version import version

if TYPE_CHECKING:
    from bot.sentry import Reporter

# What OpenTelemetry's own SDK reads.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def reporter_of(settings: Settings) -> "Reporter | None":
    """Return what reports errors to Sentry, if there is a SENTRY_DSN. Raises SettingsError."""
    if settings.sentry_dsn is None:
        return None
    try:
        from bot.sentry import Reporter  # noqa: PLC0415 - who does not want it need not have it
    except ModuleNotFoundError as error:
        raise _lacking("SENTRY_DSN", "sentry_sdk", error) from error
    dsn = settings.sentry_dsn.get_secret_value()
    try:
        return Reporter(dsn, redactor_of(settings), version())
    except ValueError as error:
        sentence = "SENTRY_DSN is wrong: Sentry shows it among a project's keys."
        raise SettingsError([sentence]) from error


@contextmanager
def tracing() -> Iterator[None]:
    """Send traces while the block lasts, if OpenTelemetry knows where to. Raises SettingsError."""
    asked = [name for name in ENDPOINTS if os.environ.get(name)]
    if not asked:
        yield
        return
    try:
        from bot.otel import Otel  # noqa: PLC0415 - who does not want it need not have it
    except ModuleNotFoundError as error:
        raise _lacking(asked[0], "opentelemetry", error) from error
    tracer = Otel(version())
    token = TRACER.set(tracer)
    try:
        yield
    finally:
        TRACER.reset(token)
        tracer.close()


def _lacking(setting: str, package: str, error: ModuleNotFoundError) -> Exception:
    """Return what to say of a package that is not there; a bug of ours stays what it is."""
    if not (error.name or "").startswith(package):
        return error
    return SettingsError(
        [f"{setting} is set, but {package} is not installed: requirements-extras.txt has it."]
    )
