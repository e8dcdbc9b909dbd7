"""The first start: two credentials whose tokens only their owner reads, and what to type next."""

import shlex
import stat
from datetime import UTC, datetime
from pathlib import Path

from receiver.app.first_start import (
    describe_next_steps,
    find_token_file,
    make_credentials,
    make_first_link,
    name_of,
)
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    list_credentials,
    token_digest,
)
from tests.support.store.database import column

URL = "http://127.0.0.1:4711"


def test_the_first_start_makes_two_credentials_with_the_tokens_in_the_files(
    conninfo: str, tmp_path: Path
) -> None:
    assert make_credentials(conninfo, tmp_path)
    made = {one.role: one for one in list_credentials(conninfo)}
    assert {role: one.name for role, one in made.items()} == {
        Role.SINK: "first-sink",
        Role.READER: "first-reader",
    }
    for role, credential in made.items():
        token = find_token_file(tmp_path, role).read_text().strip()
        assert token_digest(token) == credential.token_digest
        assert credential.is_valid(datetime.now(UTC))
        assert credential.expires_at is None


def test_only_the_owner_reads_the_tokens(conninfo: str, tmp_path: Path) -> None:
    make_credentials(conninfo, tmp_path)
    file = find_token_file(tmp_path, Role.SINK)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_database_with_a_credential_gets_no_other(conninfo: str, tmp_path: Path) -> None:
    create_credential(conninfo, "operator", Role.SINK, token_digest("token"), None)
    assert not make_credentials(conninfo, tmp_path)
    assert [one.name for one in list_credentials(conninfo)] == ["operator"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_left_by_a_start_that_failed_is_replaced(conninfo: str, tmp_path: Path) -> None:
    file = find_token_file(tmp_path, Role.SINK)
    file.parent.mkdir()
    file.write_text("left behind\n")
    file.chmod(0o644)
    assert make_credentials(conninfo, tmp_path)
    assert "left behind" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_next_steps_read_the_tokens_from_their_files(tmp_path: Path) -> None:
    data_dir = tmp_path / "it's here"
    steps = describe_next_steps(data_dir, URL, None)
    for role in (Role.SINK, Role.READER):
        assert f"$(cat {shlex.quote(str(find_token_file(data_dir, role)))})" in steps
    assert f"{URL}/notifications" in steps
    assert f"{URL}/status/retrieve" in steps
    assert f"receiver simulate --to {URL}/notifications" in steps


def test_the_urls_of_the_next_steps_are_words_of_a_shell(tmp_path: Path) -> None:
    steps = describe_next_steps(tmp_path, "http://[::1]:4711", None)
    assert "'http://[::1]:4711/notifications' \\\n" in steps
    assert "'http://[::1]:4711/status/retrieve' \\\n" in steps
    assert "--to 'http://[::1]:4711/notifications'\n" in steps


def test_the_link_signs_the_reader_in_and_stands_alone_on_its_line(
    conninfo: str, tmp_path: Path
) -> None:
    make_credentials(conninfo, tmp_path)
    link = make_first_link(conninfo, URL)
    assert link.startswith(f"{URL}/console/enter?key=")
    assert column(conninfo, "SELECT credential FROM console_link") == [name_of(Role.READER)]
    assert link in describe_next_steps(tmp_path, URL, link).splitlines()


def test_without_a_link_nothing_is_said_of_the_console() -> None:
    assert "console" not in describe_next_steps(Path("/data"), URL, None)
