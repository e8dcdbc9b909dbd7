"""The path of the sink is written once."""

import ast
from pathlib import Path

import pytest

import receiver
from receiver.api.sink.path import PATH, is_path_of_sink
from receiver.client.calls.notifications import PATH as PATH_OF_CLIENT

# Help texts and settings name the path in a sentence.
SENTENCE = " "


def test_no_other_module_writes_the_path() -> None:
    package = Path(receiver.__file__).parent
    written = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and PATH in node.value
        and SENTENCE not in node.value
    }
    # The client imports nothing of the service.
    assert written == {"api/sink/path.py", "client/calls/notifications.py"}
    assert PATH_OF_CLIENT == PATH


@pytest.mark.parametrize("path", ["/notifications", "/notifications/", "//notifications"])
def test_slashes_too_many_still_mean_the_sink(path: str) -> None:
    assert is_path_of_sink(path)


@pytest.mark.parametrize(
    "path", ["/", "", "/Notifications", "/notifications/1", "/notifications\n"]
)
def test_any_other_path_does_not(path: str) -> None:
    assert not is_path_of_sink(path)
