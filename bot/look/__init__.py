"""Looking at a result before others see it: what was found, never what becomes of it."""
