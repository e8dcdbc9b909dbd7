"""Where the console is, and the link that signs in; light, for commands that print one."""

PREFIX = "/console"

# Below the prefix.
ENTER = "enter"


def compose_link(url: str, key: str) -> str:
    """Returns the link that signs in once.

    Args:
        url: of the service, with or without a slash at its end.
        key: of characters that a query takes as they are.
    """
    return f"{url.rstrip('/')}{PREFIX}/{ENTER}?key={key}"
