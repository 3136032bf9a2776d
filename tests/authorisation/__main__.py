"""Writes docs/authorisation.md."""

from tests.authorisation.page import PAGE, written

PAGE.write_text(written(), "utf-8")
