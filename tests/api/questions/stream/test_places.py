"""How many streams there may be: of each credential, and in all."""

import pytest

from receiver.api.questions.stream.places import StreamPlaces
from receiver.errors import ConnectionsFull, QuestionsExceeded


def test_a_credential_has_so_many_and_a_place_that_is_left_is_free() -> None:
    places = StreamPlaces(limit=10, credential_limit=2)
    for _ in range(2):
        places.take("a")
    with pytest.raises(QuestionsExceeded, match="2 streams"):
        places.take("a")
    places.take("b")
    places.leave("a")
    places.take("a")


def test_all_together_have_so_many() -> None:
    places = StreamPlaces(limit=2, credential_limit=2)
    for name in ("a", "b"):
        places.take(name)
    with pytest.raises(ConnectionsFull):
        places.take("c")
    places.leave("b")
    places.take("c")
