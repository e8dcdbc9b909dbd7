"""The phrases by which a reader would know the framework behind an error."""

import re

from pydantic_core._pydantic_core import list_all_errors

# The fixed beginning of each of pydantic's own messages, and what wraps them.
BEGINNINGS = frozenset(
    beginning
    for error in list_all_errors()
    if len(beginning := error["message_template_python"].partition("{")[0].strip()) >= 12
)
WORDS = (
    r"pydantic|fastapi|starlette|traceback|assertion|validator|instance of|Not Found"
    r"|Method Not Allowed|Bad Request|error parsing|NoneType|Expecting|decode"
)


def find_framework_words(message: str) -> list[str]:
    """Returns the phrases of a framework in a message."""
    found = [beginning for beginning in BEGINNINGS if beginning.lower() in message.lower()]
    return found + re.findall(WORDS, message, re.IGNORECASE)
