"""A type of column for words from outside: people's, and the provider's."""

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class OutsideText(TypeDecorator[str]):
    """Text that both databases take, whatever it was.

    PostgreSQL keeps no NUL, neither keeps half of a surrogate pair, and only PostgreSQL minds a
    text longer than its column. The first two become a replacement character, the third is cut.
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.longest = length

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[str]:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the same type as sa.String(length) or sa.Text would be."""
        # Not its type_descriptor(): asyncpg's would make VARCHAR of TEXT.
        return sa.String(self.longest) if self.longest else sa.Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Make the text one that can be kept."""
        if value is None:
            return None
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", _UNKNOWN)[: self.longest]
