"""How connections to Postgres are made and pooled."""
