"""`receiver completion`: real shells complete by its script, and a question imports little."""

import ast
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer import Context

from receiver.cli.completion import VARIABLE, Shell
from tests.support.command_line import run
from tests.support.every_command import every_command
from tests.support.paths import ROOT

PROGRAMS = Path(sys.executable).parent
ENVIRONMENT = {"PATH": f"{PROGRAMS}:{os.defpath}", "TERM": "dumb", "PS1": "", "HOME": "/"}

# Seconds until a shell that says nothing is given up; a start of `receiver` takes about one.
PATIENCE_SECONDS = 60


def ask(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """What bash is answered when the last word is to be completed."""
    monkeypatch.setenv(VARIABLE, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    ended = run()
    assert (ended.status, ended.stderr) == (0, "")
    return ended.stdout.split()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (("receiver", "cred"), ["credential"]),
        (("receiver", "credential", ""), ["create", "rotate", "list", "revoke"]),
        (("receiver", "credential", "list", "--j"), ["--json"]),
        (("receiver", "serve", "--wo"), ["--workers"]),
        (("receiver", "credential", "create", "x", "--role", "s"), ["sink"]),
        (("receiver", "completion", ""), list(Shell)),
        (("receiver", "psql", "--"), ["--reports"]),
        (("receiver", "--version", "cred"), ["credential"]),
        # Files are the shell's.
        (("receiver", "check", "no"), []),
    ],
)
def test_commands_options_and_choices_are_completed(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], completed: list[str]
) -> None:
    assert ask(monkeypatch, *words) == completed


def test_no_value_is_completed_with_itself_which_would_keep_the_shell_from_looking() -> None:
    wrong = [
        f"{name} {parameter.name}"
        for name, command in every_command()
        for parameter in command.params
        if any(
            item.type != "plain"
            for item in parameter.shell_complete(Context(command, info_name=name), "no")
        )
    ]
    assert wrong == []


def test_the_names_of_typer_that_are_used_are_these() -> None:
    imported = {
        f"{node.module}.{name.name}"
        for path in (ROOT / "receiver").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("typer.")
        for name in node.names
    }
    assert imported == {
        "typer.completion.completion_init",
        "typer.completion.get_completion_script",
        "typer.core.TyperCommand",
        "typer.core.TyperGroup",
        "typer.main.get_command",
    }


def test_a_question_for_a_command_imports_none() -> None:
    question = {VARIABLE: "complete_bash", "COMP_WORDS": "receiver cred", "COMP_CWORD": "1"}
    program = (
        f"import os, sys; os.environ.update({question}); sys.argv = ['receiver']\n"
        "from receiver.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(*(name for name in sys.modules if 'receiver.' in name))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    completed, loaded = ended.stdout.splitlines()
    assert completed == "credential"
    assert [name for name in loaded.split() if name.startswith("receiver.app")] == []


def type_into(shell: list[str], typed: str, *, until: str) -> None:
    """Types into a shell on a terminal of its own, until it printed a text."""
    outer, inner = pty.openpty()
    with subprocess.Popen(
        shell, env=ENVIRONMENT, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
    ) as running:
        os.close(inner)
        os.write(outer, typed.encode())
        printed = ""
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while until not in printed.replace("\r", ""):
                readable, _, _ = select.select([outer], [], [], deadline - time.monotonic())
                assert readable, printed
                printed += os.read(outer, 4096).decode()
        finally:
            running.kill()
            os.close(outer)


def test_a_tab_in_bash_completes_a_command_and_an_option_below_it() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    # Ctrl-A goes to the begin of the completed line, and echo prints it.
    typed = 'eval "$(receiver completion bash)"\nreceiver cred\tli\t--js\t\x01echo \n'
    shell = [bash, "--noprofile", "--norc", "-i"]
    type_into(shell, typed, until="\nreceiver credential list --json")


# zsh must know the program, and fish complete it.
ZSH = """autoload -Uz compinit && compinit -u; eval "$(receiver completion zsh)"
print -l ${(k)_comps} | grep '^receiver$'"""
FISH = "receiver completion fish | source; complete --do-complete 'receiver cred'"


@pytest.mark.parametrize(("shell", "asking"), [("zsh", ZSH), ("fish", FISH)])
def test_the_other_shells_take_their_script(shell: str, asking: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    ended = subprocess.run(
        [program, "-c", asking], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.startswith("receiver" if shell == "zsh" else "credential")


@pytest.mark.parametrize("shell", Shell)
def test_the_script_names_the_program_and_its_variable(shell: Shell) -> None:
    ended = run("completion", shell)
    assert (ended.status, ended.stderr) == (0, "")
    assert f"{VARIABLE}=complete_{shell}" in ended.stdout


def test_another_shell_is_a_wrong_use() -> None:
    assert run("completion", "csh").status == 2
