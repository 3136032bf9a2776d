"""What an operator of an older version has, and what becomes of it."""
