"""An outcome says what was reached, and where nothing is."""

from receiver.erasure.outcome import ELSEWHERE, Erased
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.mentions import Mentions


def test_an_outcome_has_reached_all_unless_it_says_else() -> None:
    erased = Erased(None, Removed(), Mentions())
    assert (erased.spool_files, erased.statistics, erased.mentions.is_whole) == (0, (), True)


def test_the_places_that_no_erasure_reaches_are_named() -> None:
    named = " ".join(ELSEWHERE)
    assert all(word in named for word in ("backups", "log", "standbys", "exports"))
