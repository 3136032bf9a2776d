"""What people and guilds have chosen; stars, removals, routes, and videos that get a sound."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _flag(name: str, default: sa.ColumnElement[bool]) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=default)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _text(name: str, length: int, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(
        name, sa.String(length=length), nullable=default is None, server_default=default
    )


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


_ADDED: dict[str, list[sa.Column[Any]]] = {
    "people": [
        _text("language", 8),
        _flag("mention", sa.true()),
        _flag("private", sa.false()),
        sa.Column("direct", sa.Boolean(), nullable=True),
        sa.Column("defaults", sa.JSON(), nullable=True),
    ],
    "guilds": [
        _text("language", 8),
        _text("route", 16, "channel"),
        _number("gallery_id"),
        _flag("voice", sa.false()),
        _number("refused_size"),
        _moment("refused_at"),
    ],
    "jobs": [
        _text("language", 8, "en"),
        _flag("mention", sa.true()),
        _text("route", 16, "channel"),
        _number("gallery_id"),
        _flag("voice", sa.false()),
        _moment("starred_at"),
        _moment("removed_at"),
        _number("video_channel_id"),
        _number("video_message_id"),
        _text("video_file_id", 128),
    ],
    "deliveries": [_number("person_id")],
}


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column)
