import inspect
import re

from receiver.client import errors
from receiver.client.errors import ERRORS, AnswerError, ClientError


def test_the_tree_at_the_top_of_the_module_is_the_tree() -> None:
    drawn = re.findall(r"^ *([A-Z]\w+)", str(errors.__doc__), re.M)
    defined = [
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, ClientError)
    ]
    assert drawn[1:] == defined


def test_the_errors_of_the_tree_are_those_of_the_statuses() -> None:
    drawn = re.findall(r"^ {8}(\w+) +(\d+)", str(errors.__doc__), re.M)
    assert {(name, ERRORS[int(status)].__name__) for name, status in drawn} == {
        (kind.__name__, kind.__name__) for kind in ERRORS.values()
    }


def test_an_error_tells_its_code_and_its_message() -> None:
    error = AnswerError(status=404, code="NOT_FOUND", message="There is none", correlator="c")
    assert str(error) == "404 NOT_FOUND: There is none"
    assert (error.status, error.code, error.correlator) == (404, "NOT_FOUND", "c")
    assert str(AnswerError(status=502, code="", message="not now")) == "502: not now"
