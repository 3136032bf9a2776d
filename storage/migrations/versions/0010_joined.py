"""Which guilds the bot is in, as opposed to those where people have it with them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # Which they are, Discord tells at the next connection.
    op.add_column(
        "guilds", sa.Column("joined", sa.Boolean(), nullable=False, server_default=sa.false())
    )
