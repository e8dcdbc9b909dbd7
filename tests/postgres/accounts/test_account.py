"""Postgres runs as a known user, never as root, and permissions are judged as that user's."""

import grp
import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from receiver.errors import ConfigurationError
from receiver.postgres import embedded_postgres
from receiver.postgres.accounts import account
from receiver.postgres.accounts.account import Account, creation_commands, postgres_account
from tests.support.embedded import Greeting, Launch, Stranger

NO_SUCH_UID = 54321


def test_a_uid_without_an_entry_is_refused_with_the_way_out(
    folder: Path, launch: Launch, greeting: Greeting, stranger: Stranger
) -> None:
    assert stranger.uid != NO_SUCH_UID
    os.chown(folder, NO_SUCH_UID, NO_SUCH_UID)
    said = greeting(launch(folder / "data", uid=NO_SUCH_UID, path=stranger.path))
    assert "uid 54321 has no entry in the user database" in said["error"]
    assert "DATABASE_URL" in said["error"]
    assert list(folder.iterdir()) == []


def test_a_user_without_a_home_is_told_what_to_set(
    folder: Path, launch: Launch, greeting: Greeting, stranger: Stranger
) -> None:
    assert stranger.uid != NO_SUCH_UID
    said = greeting(launch(Path("~/data"), uid=NO_SUCH_UID, path=stranger.path))
    assert "there is no data directory ~/data" in said["error"]
    assert "RECEIVER_DATA_DIR, or DATABASE_URL" in said["error"]


def test_postgres_never_runs_as_root(data_dir: Path) -> None:
    with embedded_postgres(data_dir):
        uid = (data_dir / "postgres").stat().st_uid
    assert 0 != uid == postgres_account().uid


def test_as_root_postgres_runs_as_a_user_of_its_own() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs Postgres as another user")
    ours = postgres_account()
    assert ours.name == "device-status-receiver"
    # Nobody else is a member, and it is a member of nothing else.
    assert ours.groups == (ours.gid,)
    assert grp.getgrgid(ours.gid).gr_mem == []
    assert [one.pw_name for one in pwd.getpwall() if one.pw_uid == ours.uid] == [ours.name]


def test_of_two_that_make_the_user_together_both_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other made it between our look and our command, which therefore fails."""
    commands: list[Sequence[str]] = []

    def fail(command: Sequence[str], **_: object) -> None:
        commands.append(command)
        monkeypatch.setattr(account, "_exists", lambda _name: True)
        raise subprocess.CalledProcessError(9, command, stderr="user exists")

    monkeypatch.setattr(account, "_exists", lambda _name: False)
    monkeypatch.setattr(subprocess, "run", fail)
    account._create("newcomer")
    assert len(commands) == 1


def test_a_user_that_cannot_be_made_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(command: Sequence[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command, stderr="cannot lock /etc/passwd\n")

    monkeypatch.setattr(subprocess, "run", fail)
    monkeypatch.setattr(account, "RETRY_SECONDS", 0)
    with pytest.raises(ConfigurationError, match="newcomer cannot be made") as refused:
        account._create("newcomer")
    assert "(cannot lock /etc/passwd)" in str(refused.value)
    assert "add" in str(refused.value).split("make it with: ")[1]


def test_without_useradd_the_commands_are_those_of_busybox() -> None:
    addgroup, adduser = creation_commands("newcomer", group_exists=False, busybox=True)
    assert addgroup == ["addgroup", "-S", "newcomer"]
    assert adduser[:1] + adduser[-2:] == ["adduser", "newcomer", "newcomer"]
    assert creation_commands("newcomer", group_exists=True, busybox=True) == [adduser]


@pytest.mark.parametrize(
    ("mode", "owner", "member", "by_supplement", "other"),
    [
        (0o755, True, True, True, True),
        (0o700, True, False, False, False),
        (0o710, True, True, True, False),
        (0o077, False, True, True, True),
        (0o701, True, False, False, True),
    ],
)
def test_the_first_class_that_fits_decides_who_may_enter(
    tmp_path: Path, mode: int, owner: bool, member: bool, by_supplement: bool, other: bool
) -> None:
    uid, gid = 1, tmp_path.stat().st_gid
    if os.geteuid() == 0:
        os.chown(tmp_path, uid, gid)
    else:
        uid = os.geteuid()
    tmp_path.chmod(mode)
    accounts = (
        Account("owner", uid, gid, ()),
        Account("member", uid + 1, gid, ()),
        Account("by_supplement", uid + 1, gid + 1, (gid + 2, gid)),
        Account("other", uid + 1, gid + 1, (gid + 2,)),
    )
    judged = [account.may_enter(tmp_path) for account in accounts]
    tmp_path.chmod(0o700)
    assert [owner, member, by_supplement, other] == judged


@pytest.mark.parametrize("group_exists", [True, False])
def test_the_command_makes_a_system_user(folder: Path, group_exists: bool) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes users")
    etc = folder / "etc"
    etc.mkdir()
    for name in ("passwd", "shadow", "gshadow", "subuid", "subgid"):
        (etc / name).touch()
    (etc / "group").write_text("newcomer:x:321:\n" if group_exists else "")
    [command] = creation_commands("newcomer", group_exists=group_exists, busybox=False)
    try:
        # Into files of our own: the machine's users are not for tests to change.
        subprocess.run([*command, "--prefix", folder], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no useradd here")
    name, _, uid, gid, _, home, shell = (etc / "passwd").read_text().strip().split(":")
    assert (name, shell) == ("newcomer", "/usr/sbin/nologin")
    assert "/nonexistent" in home
    assert 0 < int(uid) < 1000
    assert f"newcomer:x:{gid}:" in (etc / "group").read_text()
    assert not group_exists or gid == "321"
