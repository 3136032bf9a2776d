"""Media files: what they are. It knows nothing of Discord or NetMind."""
