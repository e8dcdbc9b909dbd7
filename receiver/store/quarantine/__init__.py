"""The quarantine: refused bodies, kept within bounds until they are understood or too old."""
