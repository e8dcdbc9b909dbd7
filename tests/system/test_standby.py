"""A standby behind DATABASE_URL is named everywhere, and nothing is taken for stored."""

from dataclasses import replace

import pytest

from receiver.client import Unavailable
from tests.support.service import IMPATIENT, Installation, notification, open_folder
from tests.support.store.standby import standby


def test_a_standby_is_named_and_stores_nothing() -> None:
    with open_folder() as folder:
        tokens: list[str] = []

        def make_credential(conninfo: str) -> None:
            primary = replace(Installation(folder), settings={"DATABASE_URL": conninfo})
            tokens.append(primary.create("operator", "sink"))

        with standby(folder, make_credential) as conninfo:
            settings = {"DATABASE_URL": conninfo, **IMPATIENT}
            installation = replace(Installation(folder), settings=settings)
            refused = installation.run_here("credential", "create", "another", "--role", "sink")
            assert (refused.returncode, refused.stdout) == (1, "")
            assert refused.stderr.count("\n") == 1
            assert "the server is a standby" in installation.run_here("doctor").stdout
            with installation.serve() as service:
                with pytest.raises(Unavailable) as unready:
                    service.ask_as().get_readiness()
                assert any("standby" in reason for reason in unready.value.reasons)
                assert service.post(notification(), tokens[0]) == 503
                assert service.post({"specversion": "1.0"}, tokens[0]) == 503
                assert "Traceback" not in service.stderr
