"""`receiver check`: what is said of a notification, as text and as JSON, and the exit status."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from receiver.cli.main import app
from tests.support.bodies import cloudevent
from tests.support.paths import SAMPLES

NUMBER = "+99999991000"

Check = Callable[..., Result]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    """Runs the command where no setting and no service is to be found."""
    monkeypatch.setenv("DATABASE_URL", "nonsense")

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin)

    return run


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(body: bytes) -> Path:
        path = tmp_path / "notification.json"
        path.write_bytes(body)
        return path

    return write


def roaming(**changed: object) -> bytes:
    said = {
        "subscriptionId": "sub-1",
        "device": {"phoneNumber": NUMBER, "ipv4Address": {"publicAddress": "203.0.113.7"}},
        "roaming": True,
        "countryCode": 208,
        "countryName": ["FR"],
    }
    return cloudevent("roaming-status", said | changed)


def told(result: Result) -> list[dict[str, Any]]:
    document = json.loads(result.stdout)
    assert list(document) == ["notifications"]
    found: list[dict[str, Any]] = document["notifications"]
    return found


def lines(result: Result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines()]


def test_a_clean_notification_is_shown_with_its_values(check: Check) -> None:
    ended = check(stdin=roaming())
    assert ended.exit_code == 0
    assert ended.stdout.startswith("stdin\n")
    shown = lines(ended)
    assert ["form", "cloudevents"] in shown
    assert ["kind", "roaming"] in shown
    assert ["name", "roaming-status"] in shown
    assert ["subscription", "sub-1"] in shown
    assert ["time", "2026-03-02T10:00:00.000000Z"] in shown
    assert ["device", "phoneNumber", NUMBER] in shown
    assert ["ipv4Address", "publicAddress", "203.0.113.7"] in shown
    assert ["identified", "by", "phone", "number"] in shown
    assert ["status", "roaming", "true"] in shown
    assert ["countryName", "FR"] in shown
    assert ["findings", "none"] in shown
    assert "1 checked: 1 clean, 0 with findings, 0 refused" in ended.stdout


def test_a_finding_is_explained_and_exits_1(check: Check) -> None:
    ended = check("-", stdin=roaming(countryName="FR"))
    assert ended.exit_code == 1
    words = " ".join(ended.stdout.split())
    assert "country-name-not-a-list `countryName` was a single string" in words
    assert "ISO 3166 alpha-2" in words
    assert "breaks: all" in words


def test_a_refusal_names_its_place_and_exits_2(check: Check) -> None:
    ended = check(stdin=roaming(subscriptionId=["perhaps"]))
    assert ended.exit_code == 2
    assert "data.subscriptionId: must be a string" in ended.stdout
    assert "perhaps" not in ended.stdout


def test_json_has_the_members_of_the_rest_resource(check: Check) -> None:
    ended = check("--json", stdin=roaming(countryName="FR"))
    assert ended.exit_code == 1
    (found,) = told(ended)
    finding = found["findings"][0]
    assert finding.keys() == {"name", "meaning", "source", "versions"}
    assert finding["name"] == "country-name-not-a-list"
    assert finding["meaning"].startswith("`countryName` was")
    event = found["event"]
    assert re.fullmatch("[0-9a-f]{32}", event.pop("digest"))
    assert {"file": "-", "event": event, "findings": [finding]} == found
    assert event == {
        "kind": "roaming",
        "name": "roaming-status",
        "type": "org.camaraproject.device-status.v0.roaming-status",
        "source": "//operator.invalid",
        "eventId": "1",
        "form": "cloudevents",
        "subscriptionId": "sub-1",
        "occurredAt": "2026-03-02T10:00:00.000000Z",
        "device": {"phoneNumber": NUMBER, "ipv4Address": {"publicAddress": "203.0.113.7"}},
        "status": {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
        "findings": ["country-name-not-a-list"],
        "identifiedBy": "phoneNumber",
    }


def test_json_of_a_refusal_gives_place_and_reason(check: Check) -> None:
    ended = check("--json", stdin=b'{"specversion": "1.0",\n ]')
    assert ended.exit_code == 2
    refusal = {"place": "line 2 column 2", "reason": "not valid JSON"}
    assert told(ended) == [{"file": "-", "refusal": refusal}]


def test_each_member_of_a_batch_is_reported_with_its_index(
    check: Check, written: Callable[[bytes], Path]
) -> None:
    batch = b"\xef\xbb\xbf \n[" + roaming() + b", 7, " + roaming(countryName="FR") + b"]"
    path = written(batch)
    ended = check("--json", path)
    assert ended.exit_code == 2
    found = told(ended)
    assert [(one["file"], one["index"]) for one in found] == [(str(path), i) for i in range(3)]
    assert [sorted(one)[0] for one in found] == ["event", "file", "event"]
    assert found[1]["refusal"] == {"place": "", "reason": "must be a JSON object"}
    assert f"{path} [2]" in check(path).stdout


def test_a_batch_that_is_no_json_is_refused_whole(check: Check) -> None:
    ended = check("--json", stdin=b"[" + roaming())
    assert ended.exit_code == 2
    (found,) = told(ended)
    assert found.keys() == {"file", "refusal"}


def test_an_empty_batch_is_clean(check: Check) -> None:
    assert told(check("--json", stdin=b"[ ]")) == []
    ended = check(stdin=b"[]")
    assert (ended.exit_code, ended.stdout.split()[0]) == (0, "0")


def test_the_worst_of_several_files_decides_the_exit_status(check: Check, tmp_path: Path) -> None:
    clean, forgiven, refused = (tmp_path / name for name in ("clean", "forgiven", "refused"))
    clean.write_bytes(roaming())
    forgiven.write_bytes(roaming(countryName="FR"))
    refused.write_bytes(b"{}")
    assert check(clean).exit_code == 0
    assert check(clean, forgiven).exit_code == 1
    assert check(clean, refused, forgiven).exit_code == 2
    files = [one["file"] for one in told(check("--json", forgiven, clean))]
    assert files == [str(forgiven), str(clean)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing", "No such file or directory"), ("", "Is a directory"), ("\0", "not a file name")],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_checked(
    check: Check, written: Callable[[bytes], Path], name: str, reason: str
) -> None:
    path = written(roaming())
    ended = check("--json", f"{path.parent}/{name}", path)
    assert ended.exit_code == 2
    unread, read = told(ended)
    assert unread["refusal"] == {"place": "", "reason": f"cannot be read ({reason})"}
    assert read["event"]["kind"] == "roaming"


def test_a_missing_time_is_left_out_and_two_runs_say_the_same(check: Check) -> None:
    body = cloudevent("roaming-on", time=None)
    ended = check("--json", stdin=body)
    assert "occurredAt" not in told(ended)[0]["event"]
    assert ended.stdout == check("--json", stdin=body).stdout
    assert not any(line[:1] == ["time"] for line in lines(check(stdin=body)))


def test_now_is_what_the_future_is_measured_by(check: Check) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    ended = check("--json", stdin=cloudevent("roaming-on", time=soon))
    assert "time-in-future" in told(ended)[0]["event"]["findings"]


def test_every_sample_is_reported_in_both_ways(check: Check) -> None:
    samples = [path for path in SAMPLES.rglob("*.json") if "expected" not in str(path)]
    assert samples
    text, document = check(*samples), check("--json", *samples)
    assert text.exit_code == document.exit_code
    found = told(document)
    assert [one["file"] for one in found] == [str(sample) for sample in samples]
    for one in found:
        assert one["file"] in text.stdout
        if "event" in one:
            assert one["event"]["digest"] in text.stdout
            assert all(finding["name"] in text.stdout for finding in one["findings"])
        else:
            assert one["refusal"]["reason"] in text.stdout


STREAM = (
    roaming() + b"\n" + roaming(countryName="FR") + b"\n" + cloudevent("roaming-status", id="3")
)


def test_a_stream_is_reported_as_that_of_one_sender(check: Check) -> None:
    ended = check("--as", "Operator X", stdin=STREAM)
    assert ended.exit_code == 1
    assert ended.stdout.startswith("What Operator X sent\n")
    assert ["3", "notifications"] in lines(ended)
    assert "country-name-not-a-list  1 notification, 33.33 %" in ended.stdout
    assert NUMBER not in ended.stdout


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_the_same_stream_is_the_same_report_in_each_form(
    check: Check, tmp_path: Path, form: str
) -> None:
    captured, output = tmp_path / "captured.ndjson", tmp_path / "report"
    captured.write_bytes(STREAM)
    first = check(captured, "--as", "X", "--format", form)
    assert first.stdout == check(captured, "--as", "X", "--format", form).stdout
    written = check(captured, "--as", "X", "--format", form, "--output", output)
    assert (written.exit_code, written.stdout) == (1, "")
    report = output.read_text()
    assert "country-name-not-a-list" in report
    assert NUMBER not in report
    if form != "text":
        assert report == first.stdout
    if form == "json":
        assert json.loads(report)["totals"]["notifications"] == 3


def test_the_gravest_fault_of_a_stream_is_the_exit_status(check: Check, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    clean.write_bytes(b"[\n" + roaming() + b"\n]")
    assert check(clean, "--as", "X").exit_code == 0
    refused = check(clean, tmp_path / "missing", "--as", "X")
    assert refused.exit_code == 2
    assert "refused: cannot be read (No such file or directory)" in refused.stdout


def test_gzip_that_is_broken_is_told_after_what_was_read(check: Check, tmp_path: Path) -> None:
    file = tmp_path / "captured.gz"
    packed = gzip.compress(STREAM * 99)
    for broken in (packed[:-9], packed[:-8] + b"\0" * 8, packed[:60] + b"\xff" * 99, packed[:2]):
        file.write_bytes(broken)
        told = check(file, "--as", "X")
        assert told.exit_code == 2
        assert "cannot be read (gzip that is broken or cut off)" in told.stdout


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--as", "X", "--json"), "--json"),
        (("--format", "json"), "--format"),
        (("--output", "/nowhere/report"), "--output"),
        (("--as", "X", "--output", "/nowhere/report"), "--output"),
        (("--as", "X", "--format", "pdf"), "--format"),
    ],
)
def test_an_option_out_of_place_exits_2_and_is_named(
    check: Check, options: tuple[str, ...], named: str
) -> None:
    ended = check(*options, stdin=STREAM)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert named in ended.stderr


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_names_that_are_no_unicode_are_written(check: Check, tmp_path: Path, form: str) -> None:
    captured, output = tmp_path / "captured-\udcff", tmp_path / "report"
    captured.write_bytes(STREAM)
    options = ("--as", "X\udcff", "--format", form)
    assert check(captured, *options).exit_code == 1
    assert check(captured, *options, "--output", output).exit_code == 1
    report = output.read_text()
    assert "X\\\\udcff" in report if form == "json" else "X\\udcff" in report
