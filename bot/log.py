"""The log: one line an event on stdout, pleasant on a terminal, JSON elsewhere, without secrets."""

import logging
import sys
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote, urlsplit

import discord
import structlog
from pydantic import SecretStr

from bot.config import Settings


def set_up(settings: Settings) -> None:
    """Send our events and the libraries' records to stdout, each secret replaced by stars."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
                structlog.processors.JSONRenderer()
                if _wants_json(settings)
                else structlog.dev.ConsoleRenderer(event_key="message"),
                Redactor(_secrets(settings)),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Foley sends files and never joins a voice channel.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    # A migration says in its own words what it did.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Debug lines of these hold whole requests, tokens included.
    for name in ("discord", "aiohttp", "asyncio", "aiosqlite"):
        logging.getLogger(name).setLevel(max(level, logging.INFO))


def _wants_json(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return not sys.stdout.isatty()
    return settings.log_format == "json"


class Redactor:
    """Replaces secrets in a line that is about to be written, wherever in it they stand."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = [secret for secret in secrets if secret]

    def __call__(self, _logger: Any, _method: str, rendered: Any) -> str:
        """Return the line without secrets."""
        line = str(rendered)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def _secrets(settings: Settings) -> list[str]:
    values = [getattr(settings, name) for name in type(settings).model_fields]
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    if settings.database_url is not None:
        password = urlsplit(settings.database_url.get_secret_value()).password or ""
        secrets += [password, unquote(password)]
    return secrets
