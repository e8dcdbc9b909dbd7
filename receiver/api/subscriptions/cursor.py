"""The cursor of the ledger, whose pages end at two texts."""

import json
import struct

from receiver.api.paging import QUESTION_BYTES, digest_question
from receiver.errors import InvalidArgument
from receiver.ids import read_word, write_word
from receiver.projection.ledger import Key


class KeyCursor:
    """Writes and reads the opaque word for the subscription at which a page ends.

    Args:
        question: what the cursor is bound to; with another question it is refused.
    """

    def __init__(self, *question: object) -> None:
        self._question = digest_question(*question)

    def write(self, key: Key, /) -> str:
        """Returns the word for a subscription."""
        text = json.dumps(key).encode()
        return write_word(_shape(len(text)), self._question, text)

    def read(self, word: str | None) -> Key | None:
        """Returns the subscription in a word that this question gave; None for None.

        Raises:
            InvalidArgument: it is no cursor, or one of another question.
        """
        if word is None:
            return None
        try:
            # Base64 has three bytes in four characters.
            question, text = read_word(word, _shape(len(word) * 3 // 4 - QUESTION_BYTES))
            credential, subscription_id = json.loads(text)
        except (ValueError, struct.error):
            raise InvalidArgument("cursor: not a cursor") from None
        if question != self._question:
            raise InvalidArgument("cursor: belongs to other filters")
        return credential, subscription_id


def _shape(length: int) -> struct.Struct:
    return struct.Struct(f">{QUESTION_BYTES}s{length}s")
