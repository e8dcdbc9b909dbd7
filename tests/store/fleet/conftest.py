"""What the tests of the fleet share: a projection."""

from tests.store.derived.conftest import projection as projection
