"""What this process serves over HTTP."""
