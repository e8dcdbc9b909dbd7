"""The verdict of `receiver check` on each notification of a file, and the report for people."""
