"""Connections behind a transaction pooler, which lends a session for one transaction only."""
