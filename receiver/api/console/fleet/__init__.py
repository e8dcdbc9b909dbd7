"""The fleet now: counts, and a table of devices."""
