"""The path of the sink; everything that names it imports it from here."""

PATH = "/notifications"


def is_path_of_sink(path: str) -> bool:
    """Whether a path means the sink: slashes too many are a slip in a provider's form."""
    return path == PATH or path.strip("/") == PATH.strip("/")
