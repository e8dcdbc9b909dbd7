"""The Postgres that the service runs for itself when it is given no ``DATABASE_URL``."""

from receiver.postgres.directories import default_data_dir
from receiver.postgres.ownership import EmbeddedPostgres, embedded_postgres

__all__ = ["EmbeddedPostgres", "default_data_dir", "embedded_postgres"]
