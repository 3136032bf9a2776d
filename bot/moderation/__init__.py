"""Deciding what may be asked for. It knows no Discord and no storage."""
