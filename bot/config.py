"""Settings: typed, read once from the environment, checked before anything opens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import FoleyError
from storage.database import Address, read_address
from storage.errors import BadDatabaseUrlError

SHORTEST_TOKEN = 16
"""Characters of a token that anybody on the internet may try to guess."""


class SettingsError(FoleyError):
    """The environment is wrong. `problems` has one sentence for each setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class StorageSettings(BaseSettings):
    """Where data is kept: all that a migration needs to know."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = Field(
        None, description="`sqlite:///file` or `postgresql://...`; default: a file in `DATA_DIR`"
    )
    data_dir: Path = Field(Path("data"), description="Where files that must last are kept")

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                read_address(value.get_secret_value())
            except BadDatabaseUrlError as error:
                raise ValueError(str(error).removeprefix("DATABASE_URL ").rstrip(".")) from error
        return value

    @property
    def database(self) -> Address:
        """Where the database is."""
        if self.database_url is None:
            return Address(path=self.data_dir / "foley.db")
        return read_address(self.database_url.get_secret_value())

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the environment (and `.env`). Raises SettingsError with every problem at once."""
        try:
            return cls(**overrides)  # type: ignore[arg-type] # pydantic checks them
        except ValidationError as error:
            # The chain is cut: pydantic's own text repeats what was given, tokens included.
            problems = [each for problem in error.errors() for each in _sentences(problem)]
            raise SettingsError(problems) from None


class Settings(StorageSettings):
    """Everything an operator can set. The field's name in capitals is the variable's name."""

    discord_token: SecretStr = Field(description="The bot's token, from Discord's developer portal")
    discord_api_base: str = Field(
        "https://discord.com/api/v10", description="Discord's API; another one only for tests"
    )
    netmind_api_token: SecretStr = Field(description="The key of the NetMind account that pays")
    netmind_base_url: str = Field("https://api.netmind.ai", description="NetMind's API")
    netmind_account: Literal["shared", "exclusive"] = Field(
        "shared",
        description="`exclusive`: nobody else uses this account, so a generation that no job knows "
        "may be taken for one whose answer was lost, or deleted",
    )
    netmind_max_in_flight: int = Field(
        8, ge=1, le=1000, description="How many generations may be under way at once"
    )
    person_at_once: int | None = Field(
        None, ge=1, description="How many jobs a person may have under way at once; default: any"
    )
    person_per_day: int | None = Field(
        None,
        ge=1,
        description="How many jobs a person may ask for in a day (UTC), in all servers together; "
        "default: any",
    )
    download_allow: Annotated[frozenset[tuple[str, int]], NoDecode] = Field(
        frozenset(),
        description="`host:port`, comma-separated: results may be fetched from these although "
        "they are plain http or private",
    )
    output_moderation_url: str | None = Field(
        None,
        description="Where a moderation service of yours looks at results before they are posted "
        "in channels that are not age-restricted (moderation-service.md); it may be private",
    )
    output_moderation_token: SecretStr | None = Field(
        None, description="The key which that service wants, if any; sent as `Bearer`"
    )
    models_file: Path | None = Field(None, description="A catalogue instead of the built-in one")
    public_url: str | None = Field(
        None,
        description="Where people reach this process from outside, such as "
        "`https://foley.example.com`; results too large for Discord are then given as links",
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="Serve HTTP here; default: serve none"
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="Opens `/metrics` and `/status` on `PORT` (operating.md); 16 characters or "
        "more of your choice; default: they are not served",
    )
    role: Literal["all", "gateway", "worker"] = Field(
        "all",
        description="`gateway`: only talk to people; `worker`: only do the jobs; both need "
        "PostgreSQL",
    )
    shard_count: int | None = Field(
        None, ge=1, description="How many shards all processes have together; default: Discord's"
    )
    shard_ids: Annotated[tuple[int, ...] | None, NoDecode] = Field(
        None, description="This process's shards, such as `0-3` or `0,2`; default: all of them"
    )
    retention_days: int | None = Field(
        None,
        ge=1,
        description="Delete jobs this many days after they ended, with all that hangs on them; "
        "default: they are kept until somebody deletes them",
    )
    drain_seconds: float = Field(
        20, ge=0, le=600, description="How long work under way may take to end after SIGTERM"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the log says"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto`: for people on a terminal, one-line JSON elsewhere"
    )
    sentry_dsn: SecretStr | None = Field(
        None, description="Where Sentry takes this bot's errors (logs.md); default: nowhere"
    )

    @field_validator("download_allow", mode="before")
    @classmethod
    def _read_hosts(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return frozenset(map(_host_and_port, filter(None, map(str.strip, value.split(",")))))

    @field_validator("shard_ids", mode="before")
    @classmethod
    def _read_shards(cls, value: object) -> object:
        return _shards(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        problems = [sentence for wrong, sentence in self._contradictions() if wrong]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _contradictions(self) -> Iterator[tuple[bool, str]]:
        """Yield what settings say together that cannot be, and whether these do."""
        served = self.port is not None
        yield (
            self.role != "all" and self.database.postgres is None,
            f"ROLE={self.role} needs a DATABASE_URL of PostgreSQL: the processes share it",
        )
        yield (
            self.public_url is not None and not served,
            "PUBLIC_URL needs a PORT on which this process serves it",
        )
        yield (
            self.metrics_token is not None and not served,
            "METRICS_TOKEN needs a PORT on which this process serves them",
        )
        yield (
            self.shard_ids is not None and max(self.shard_ids) >= (self.shard_count or 0),
            "SHARD_IDS needs a SHARD_COUNT that is larger than each of them",
        )
        yield (
            self.output_moderation_token is not None and self.output_moderation_url is None,
            "OUTPUT_MODERATION_TOKEN needs an OUTPUT_MODERATION_URL",
        )

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("discord_api_base", "netmind_base_url", "public_url")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
            raise ValueError("must be an address such as https://example.com")
        return value.rstrip("/")

    @field_validator("output_moderation_url")
    @classmethod
    def _check_service(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("must be an address such as http://10.0.0.5:8080/look")
            if parts.username is not None or parts.password is not None:
                raise ValueError("must hold no password; there is OUTPUT_MODERATION_TOKEN")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _check_length(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().strip()) < SHORTEST_TOKEN:
            raise ValueError(f"must have {SHORTEST_TOKEN} characters or more")
        return value

    @field_validator(
        "discord_token", "netmind_api_token", "output_moderation_token", "metrics_token"
    )
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        token = value.get_secret_value().strip()
        if not token or any(letter.isspace() for letter in token) or not token.isascii():
            raise ValueError("must be the token alone, without spaces")
        return SecretStr(token)


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port is None:
        raise ValueError("must be host:port, with commas between several")
    return parts.hostname, parts.port


def _shards(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
            raise ValueError("must be numbers such as 0-3 or 0,2")
        found |= set(range(int(first), int(last) + 1))
    return tuple(sorted(found))


def _sentences(problem: ErrorDetails) -> list[str]:
    name = ".".join(str(part) for part in problem["loc"]).upper()
    if problem["type"] == "missing":
        return [f"{name} is missing: {_meaning(name)}."]
    reason = problem["msg"].removeprefix("Value error, ")
    if not name:
        return [f"{line}." for line in reason.splitlines()]  # they are about several
    return [f"{name} is wrong: {reason[0].lower()}{reason[1:]}."]


def _meaning(name: str) -> str:
    description = Settings.model_fields[name.lower()].description or ""
    return description[0].lower() + description[1:]


def settings_table() -> str:
    """Return every setting as a Markdown table, for the documents."""
    rows = [
        f"| `{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "(required)"
    if field.default in (None, frozenset()):
        return ""
    return f"`{field.default}`"
