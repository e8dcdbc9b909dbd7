"""No setting of the outer world reaches these tests."""

from tests.support.environment import no_settings as no_settings
