"""What operators type, by what it is about; bot.__main__ puts it together."""
