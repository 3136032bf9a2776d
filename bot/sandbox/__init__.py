"""The world in miniature, for the demo and the tests."""
