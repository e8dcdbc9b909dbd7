"""What schemathesis does not try: a null member, which is taken as absent without a word of it."""

from typing import Any

import schemathesis


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Whether the body of a request holds no null member."""
    return not holds_null(case.body)


def holds_null(part: Any) -> bool:
    if isinstance(part, dict):
        return any(value is None or holds_null(value) for value in part.values())
    return False
