"""Connections to Postgres, and the two styles in which the store speaks to it.

A question about declared tables is SQLAlchemy Core. A command, the hot insert and a look at the
server or its catalogs are text in psycopg's syntax: one UPPER_CASE constant above the one function
that runs it. Over the pool such a text runs by `exec_driver_sql`, which hands it to psycopg as it
is. tests/store/test_database_styles.py holds the rule.
"""
