"""`receiver spool`: one file for each of its commands."""
