"""What people see: slash commands, cards, buttons."""
