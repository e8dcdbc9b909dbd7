"""The cellar: Postgres, and only Postgres."""
