"""Stored events: the hot insert, and the history that reads them."""
