"""`receiver subscription add` registers what providers answered, or says why not in one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from receiver.store.credentials.credentials import Role, create_credential
from tests.support.command_line import error_of, run
from tests.support.store.database import column, rows
from tests.support.subscribing import answered

REGISTERED = "SELECT subscription_id FROM subscription_registration ORDER BY 1"
NUMBER = "+99999991000"
ANSWER = answered()["subscription"]


@pytest.fixture(autouse=True)
def sender(database: str) -> None:
    create_credential(database, "the-sink", Role.SINK, b"\1" * 32, None)


def write(folder: Path, answer: Any, name: str = "answer.json") -> str:
    file = folder / name
    file.write_text(json.dumps(answer), encoding="utf-8")
    return str(file)


def add(*arguments: str, stdin: str = "") -> Any:
    return run("subscription", "add", *arguments, "--credential", "the-sink", stdin=stdin)


def test_an_answer_is_registered_with_its_device(database: str, tmp_path: Path) -> None:
    secret = {"credentialType": "ACCESSTOKEN", "accessToken": "very-secret"}
    file = write(tmp_path, {**ANSWER, "sinkCredential": secret})
    first = add(file, "--phone-number", NUMBER)
    again = add(file)
    assert (first.status, again.status, first.stdout) == (0, 0, "")
    assert f"{file}: registered s-1\n" in first.stderr
    assert f"{file}: changed s-1\n" in again.stderr
    assert NUMBER not in first.stderr
    [row] = rows(database, "SELECT * FROM subscription_registration")
    assert (row["credential"], row["phone_number"], row["max_events"]) == ("the-sink", NUMBER, 100)
    assert "secret" not in str(row) + first.stderr


def test_several_files_and_an_array_and_stdin_are_taken(database: str, tmp_path: Path) -> None:
    one = write(tmp_path, {**ANSWER, "id": "s-1"}, "one.json")
    two = write(tmp_path, [{**ANSWER, "id": "s-2"}, {"subscriptionId": "s-3"}], "two.json")
    assert add(one, two).status == 0
    assert add("-", stdin=json.dumps({"id": "s-4"})).status == 0
    assert column(database, REGISTERED) == ["s-1", "s-2", "s-3", "s-4"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "answer.json: "),
        ("[7]", "answer.json: subscription: not a JSON object"),
        ("{}", "answer.json: subscription.id: missing"),
        ('{"id": "s-9", "expiresAt": "secret"}', "answer.json: subscription.expiresAt: not an"),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_is_registered(
    database: str, tmp_path: Path, content: str, message: str
) -> None:
    good = write(tmp_path, ANSWER, "good.json")
    bad = tmp_path / "answer.json"
    bad.write_text(content)
    error = error_of(add(good, str(bad)))
    assert message in error
    assert "secret" not in error
    assert column(database, REGISTERED) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.json: cannot be read" in error_of(add(str(tmp_path / "nowhere.json")))


def test_a_number_is_that_of_one_device(database: str, tmp_path: Path) -> None:
    two = write(tmp_path, [{"id": "s-2"}, {"id": "s-3"}])
    assert "one subscription" in error_of(add(two, "--phone-number", NUMBER))
    error = error_of(add(write(tmp_path, ANSWER), "--phone-number", "secret"))
    assert "device.phoneNumber: not a phone number" in error
    assert "secret" not in error.removeprefix(str(tmp_path))
    assert column(database, REGISTERED) == []


def test_a_credential_that_sends_nothing_is_refused(database: str, tmp_path: Path) -> None:
    file = write(tmp_path, ANSWER)
    error = error_of(run("subscription", "add", file, "--credential", "nobody"))
    assert "no credential of the role sink" in error
