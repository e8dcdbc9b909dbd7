"""What the database does not take goes into the spool, is answered 204, and is stored later."""

from tests.support.posting import posting
from tests.support.service import until
from tests.system.conftest import SEED_EVENT
from tests.system.test_outages import Site
from tests.system.test_outages import site as site


def test_while_postgres_is_away_everything_is_taken_and_each_event_is_stored_once(
    site: Site,
) -> None:
    spool = site.installation.folder / "spool"
    with (
        site.installation.serve(RECEIVER_SPOOL_DIR=str(spool)) as service,
        posting(service, site.token) as posted,
    ):
        site.postgres.stop()
        before = len(posted.acknowledged)
        assert until(lambda: len(posted.acknowledged) > before + 300)
        assert list(spool.iterdir()) != []
        site.postgres.start()
        assert until(lambda: list(spool.iterdir()) == [])
        drained = len(posted.acknowledged)
        assert until(lambda: len(posted.acknowledged) > drained + 100)
    assert posted.answers.keys() == {204}
    assert sorted([*posted.acknowledged, SEED_EVENT]) == sorted(site.stored())
    assert site.repeated() == 0
