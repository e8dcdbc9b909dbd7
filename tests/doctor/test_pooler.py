"""What the doctor says of a pooler: its mode, and how many sessions it gives."""

from typing import Any

import pytest

from receiver.doctor.diagnosis import CheckResult, CheckState
from receiver.doctor.pooler import check_pool
from receiver.settings.settings import Settings
from tests.support.pooler import transaction_pooler


def check(conninfo: str, *, size: int = 20, mode: str = "transaction", **set_: Any) -> CheckResult:
    with transaction_pooler(conninfo, size=size, mode=mode) as pooled:
        return check_pool(pooled, Settings(**set_), has_way_past=False)


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_mode_in_which_all_works_is_named(conninfo: str, mode: str) -> None:
    found = check(conninfo, mode=mode)
    assert found == CheckResult(
        CheckState.OK, f"a pooler in {mode} mode stands between, so no statement is prepared"
    )


def test_a_mode_without_transactions_fails_and_says_which_to_set(conninfo: str) -> None:
    found = check(conninfo, mode="statement")
    assert found.state is CheckState.FAILED
    assert "pool_mode must be `transaction`" in found.message


def test_a_pool_that_is_smaller_than_the_connections_of_a_worker_is_named(
    conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = check(conninfo, size=4)
    # The driver would tell on stderr of a statement that could not be cancelled.
    assert caplog.records == []
    assert found.state is CheckState.WARNING
    assert "gave 4 sessions at once, where one worker uses up to 14" in found.message
    assert check(conninfo, size=4, pool_size=1).message.count("up to 10") == 1


def test_a_threshold_that_changes_nothing_is_named(conninfo: str) -> None:
    found = check(conninfo, prepare_threshold=1)
    assert found.state is CheckState.OK
    assert "RECEIVER_PREPARE_THRESHOLD changes nothing" in found.message
    assert "THRESHOLD" not in check(conninfo, prepare_threshold=None).message


def test_a_way_past_it_is_said(conninfo: str) -> None:
    with transaction_pooler(conninfo, size=20) as pooled:
        found = check_pool(pooled, Settings(), has_way_past=True)
    assert found.message.endswith("; there is a way past it")
