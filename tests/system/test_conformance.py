"""The service itself against all that `receiver conformance` asks of a sink."""

import json

from tests.support.service import Installation, Service


def test_the_service_does_all_that_is_asked_of_a_sink(
    service: Service, shared_installation: Installation
) -> None:
    token = shared_installation.create("conformance", "sink")
    ended = shared_installation.run_here(
        "conformance", f"{service.address}/notifications", "--token-stdin", "--json", stdin=token
    )
    document = json.loads(ended.stdout)
    assert [case for case in document["cases"] if case["verdict"] != "passed"] == []
    assert (ended.returncode, document["verdicts"]["passed"]) == (0, len(document["cases"]))
