"""The system account that Postgres runs as, and how a cluster comes to belong to it."""
