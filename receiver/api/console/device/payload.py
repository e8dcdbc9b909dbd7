"""The notification of an event: to the letter, and with line breaks for people."""

import re

# Of JSON: a string, a mark of its structure, or a run of anything else but blanks.
_LEXEMES = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_MEMBER = ',"payload":'
INDENT = "  "
# Deeper levels begin at the same column.
INDENT_LEVELS = 40


def cut_payload(event: str) -> str:
    """Returns the payload of an event as it was received.

    Args:
        event: the JSON text of `GET /events/{id}`, in which the payload is the last member.
    """
    return event.partition(_MEMBER)[2].removesuffix("}")


def break_lines(text: str) -> str:
    """Returns JSON text with a line for each member; its lexemes stay as they are.

    Parsing it would lose members that repeat, and digits of long numbers.
    """
    pieces: list[str] = []
    depth = 0
    before = ""
    for lexeme in _LEXEMES.findall(text):
        is_empty = lexeme in ("}", "]") and before in ("{", "[")
        if lexeme in ("}", "]"):
            depth -= 1
        if (before in ("{", "[", ",") or lexeme in ("}", "]")) and before and not is_empty:
            pieces.append("\n" + INDENT * min(depth, INDENT_LEVELS))
        pieces.append(": " if lexeme == ":" else lexeme)
        if lexeme in ("{", "["):
            depth += 1
        before = lexeme
    return "".join(pieces)
