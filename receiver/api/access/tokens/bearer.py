"""The bearer token in an `Authorization` header, also where a form wrapped it a second time."""

import re

# What cannot begin or end a token: blanks of every kind, and whatever is not ASCII.
_JUNK = "".join(character for character in map(chr, range(256)) if not "!" <= character <= "~")
_SCHEME = re.compile(r"bearer[^!-~]+", re.IGNORECASE)
_QUOTES = "\"'`"

# Wrappings that are taken off; each costs a copy, and a stranger may write the header.
_WRAPPINGS = 4


def find_tokens(authorization: str) -> list[str]:
    """Returns what can be the token, the likeliest first; empty: there is no bearer token.

    A person gives `Bearer S` or `"S"` to a provider's form that asks for a token, and the provider
    sends `Bearer Bearer S`. A token may have quotes of its own, so it is returned with them too.
    """
    sent = authorization.strip(_JUNK)
    scheme = _SCHEME.match(sent)
    if scheme is None:
        quoted = _unquote(sent)
        candidates: tuple[str, ...] = () if _SCHEME.match(quoted) is None else (_unwrap(quoted),)
    else:
        literal = sent[scheme.end() :]
        candidates = (_unwrap(literal), literal)
    return [token for token in dict.fromkeys(candidates) if token]


def _unwrap(text: str) -> str:
    """Takes off schemes and quotes, in whatever order they stand."""
    for _ in range(_WRAPPINGS):
        scheme = _SCHEME.match(text)
        text = _unquote(text) if scheme is None else text[scheme.end() :]
    return text


def _unquote(text: str) -> str:
    is_quoted = len(text) > 2 and text[0] == text[-1] and text[0] in _QUOTES
    return text[1:-1].strip(_JUNK) if is_quoted else text
