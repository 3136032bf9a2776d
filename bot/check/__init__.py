"""Looks at everything that a deployment needs, and says what is wrong, all at once."""
