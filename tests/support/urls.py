"""Connection strings as DATABASE_URL takes them."""

from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict


def url_of(conninfo: str) -> str:
    """Returns a URL that says what a connection string of words says."""
    words = conninfo_to_dict(conninfo)
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in words.items())
    return f"postgresql:///?{query}"
