"""Programs run as children without our environment, and end with us."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from receiver.postgres import child
from receiver.postgres.accounts.account import Account, postgres_account
from tests.support.processes import until

SHELL = Path("/bin/sh")
PARENT = """
import subprocess, sys
from receiver.postgres import child
from receiver.postgres.accounts.account import postgres_account
process = child.start(postgres_account(), ["/bin/sleep", "60"], subprocess.DEVNULL)
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def account() -> Account:
    return postgres_account()


def shell(account: Account, script: str) -> tuple[int, str]:
    return child.run(account, [SHELL, "-c", script])


def test_a_program_is_run_to_its_end(account: Account) -> None:
    assert shell(account, "echo out; echo err >&2; exit 3") == (3, "out\nerr\n")


def test_output_that_is_no_text_is_shown_all_the_same(account: Account) -> None:
    assert shell(account, r"printf 'a\377b'") == (0, "a�b")


def test_a_program_that_does_not_exist_is_an_error(account: Account) -> None:
    with pytest.raises(FileNotFoundError):
        child.run(account, ["/nowhere/postgres"])


def test_neither_our_environment_nor_our_directory_nor_our_input_reaches_a_program(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cret-word")
    status, output = shell(account, "env; pwd; cat; umask")
    *environment, directory, mask = output.splitlines()
    assert status == 0
    names = {line.partition("=")[0] for line in environment}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "LC_ALL", "TZ"}
    assert (directory, mask.lstrip("0")) == ("/", "77")


def test_a_program_runs_as_the_account_with_its_groups_alone(account: Account) -> None:
    status, output = shell(account, "id -u; id -g; id -G")
    uid, gid, groups = output.splitlines()
    assert (status, int(uid), int(gid)) == (0, account.uid, account.gid)
    assert {int(group) for group in groups.split()} == {account.gid, *account.groups}


def test_a_program_does_not_get_the_signals_of_our_terminal(account: Account) -> None:
    process = child.start(account, ["/bin/sleep", "60"], subprocess.DEVNULL)
    try:
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
    finally:
        process.kill()
        process.wait()


def test_only_the_main_thread_starts_a_program(account: Account) -> None:
    errors: list[RuntimeError] = []

    def start() -> None:
        try:
            child.run(account, ["/bin/true"])
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert [*map(str, errors)] == ["the embedded Postgres is started from the main thread only"]


def test_an_interrupt_leaves_no_program_behind(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    communicate = subprocess.Popen.communicate

    def interrupt(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        started.append(process)
        monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        child.run(account, ["/bin/sleep", "60"])
    assert [process.returncode for process in started] == [-signal.SIGKILL]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_program_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    program = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)
