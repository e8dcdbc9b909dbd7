"""The quarantine: what was refused, why, and another look at it."""
