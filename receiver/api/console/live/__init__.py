"""Live: events as they are stored."""
