"""The forms of the hot insert that the database of a test takes."""

from receiver.store.events.ingest import Form, store_by_one
from receiver.store.events.storing.two_statements import store_by_two
from tests.support.cluster import CITUS_URL

# A single server takes both. A distributed database refuses the one statement.
FORMS: tuple[Form, ...] = (store_by_two,) if CITUS_URL else (store_by_one, store_by_two)
