"""Postgres, and only Postgres: one room for each owner of tables."""
