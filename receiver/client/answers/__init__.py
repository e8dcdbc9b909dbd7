"""Answers as frozen values: names are those of the API in Python's spelling, `from` is `from_`."""
