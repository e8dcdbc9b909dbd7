"""Every name of uvicorn's that the wire uses beyond its documentation, and the releases for which
they are known."""

import ast
import asyncio
import signal
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from starlette.types import Receive, Scope, Send
from uvicorn import config, server
from uvicorn.protocols.http import flow_control, httptools_impl
from uvicorn.supervisors import multiprocess

import receiver.api.wire
from receiver.api.answers.exchange import COUNT_ANSWER
from tests.support.listening import protocol_of
from tests.support.paths import ROOT

OF_MODULES = {
    config: {"STARTUP_FAILURE"},
    flow_control: {"HIGH_WATER_LIMIT", "FlowControl"},
    httptools_impl: {"STATUS_LINE", "HttpToolsProtocol", "RequestResponseCycle"},
    server: {"ServerState"},
}
OF_A_CONNECTION = {
    "_start_asgi_task",
    "app_state",
    "asgi_version",
    "client",
    "connection_lost",
    "connection_made",
    "connections",
    "cycle",
    "data_received",
    "expect_100_continue",
    "flow",
    "headers",
    "logger",
    "loop",
    "on_body",
    "on_header",
    "on_headers_complete",
    "on_message_begin",
    "on_message_complete",
    "on_response_complete",
    "on_url",
    "parser",
    "pause_writing",
    "pipeline",
    "resume_writing",
    "root_path",
    "scheme",
    "scope",
    "send_400_response",
    "server",
    "server_state",
    "shutdown",
    "timeout_keep_alive",
    "timeout_keep_alive_handler",
    "timeout_keep_alive_task",
    "transport",
    "url",
}
OF_A_CYCLE = {
    "body",
    "default_headers",
    "disconnected",
    "flow",
    "keep_alive",
    "message_event",
    "more_body",
    "on_response",
    "response_complete",
    "response_started",
    "scope",
    "transport",
    "waiting_for_100_continue",
}
OF_A_FLOW = {"pause_reading", "read_paused", "resume_reading", "write_paused"}
OF_THE_SERVER = {"total_requests"}
OF_THE_SUPERVISOR = {
    "init_processes",
    "join_all",
    "keep_subprocess_alive",
    "processes",
    "should_exit",
    "terminate_all",
}
OF_A_WORKER = {"kill", "pid", "process"}
# Names of uvicorn's that are the wire's own things where the wire writes them.
OWN = {"app", "receive", "run", "_transport"}


GET = b"GET /a%20b?c=d HTTP/1.1\r\nhost: x\r\n\r\n"


async def nobody(_scope: Scope, receive: Receive, _send: Send) -> None:
    """Never answers; ends when the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Far(asyncio.Transport):
    """The far end of a connection on which nothing is read."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False


def used_attributes() -> set[str]:
    """Every attribute that the wire's modules name."""
    sources = Path(receiver.api.wire.__file__).parent.glob("*.py")
    trees = (ast.parse(path.read_text()) for path in sources)
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {
        node.attr if isinstance(node, ast.Attribute) else node.name
        for node in nodes
        if isinstance(node, ast.Attribute | ast.FunctionDef | ast.AsyncFunctionDef)
    }


async def test_every_name_of_uvicorn_that_the_wire_uses_is_listed_and_there() -> None:
    connection = protocol_of(nobody, {COUNT_ANSWER: lambda *_: None})()
    connection.connection_made(Far())
    connection.data_received(GET)
    plain = httptools_impl.HttpToolsProtocol(connection.config, connection.server_state, {})
    plain.connection_made(Far())
    plain.data_received(GET)
    known = {
        *(vars(plain).keys() | vars(httptools_impl.HttpToolsProtocol).keys()),
        *(vars(plain.cycle).keys() | vars(httptools_impl.RequestResponseCycle).keys()),
        *(vars(plain.flow).keys() | vars(flow_control.FlowControl).keys()),
        *vars(connection.server_state),
    }
    listed = OF_A_CONNECTION | OF_A_CYCLE | OF_A_FLOW | OF_THE_SERVER
    used = {name for name in used_attributes() & known if not name.startswith("__")}
    assert (used - OWN - listed, listed - used) == (set(), set())
    assert [name for name in OF_A_CONNECTION if not hasattr(plain, name)] == []
    assert [name for name in OF_A_CYCLE if not hasattr(plain.cycle, name)] == []
    assert [name for name in OF_A_FLOW if not hasattr(plain.flow, name)] == []
    connection.connection_lost(None)
    plain.connection_lost(None)


async def test_a_request_has_all_that_uvicorn_reads_of_its_own() -> None:
    connection = protocol_of(nobody, {})()
    connection.connection_made(Far())
    connection.data_received(GET)
    plain = httptools_impl.HttpToolsProtocol(connection.config, connection.server_state, {})
    plain.connection_made(Far())
    plain.data_received(GET)
    request, cycle = connection.cycle, plain.cycle
    # There is no log of accesses.
    names = vars(cycle).keys() - {"access_logger"}
    assert [name for name in names if not hasattr(request, name)] == []
    same = {
        name: getattr(cycle, name)
        for name in names
        if isinstance(getattr(cycle, name), bool | int | bytes | bytearray | dict | list | None)
    }
    assert same == {name: getattr(request, name) for name in same}
    connection.connection_lost(None)
    plain.connection_lost(None)


def test_the_modules_have_the_names_that_the_wire_imports() -> None:
    for module, names in OF_MODULES.items():
        assert [name for name in names if not hasattr(module, name)] == []


def test_the_supervisor_and_its_workers_have_the_names_that_the_wire_uses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    chosen = config.Config("app:create", workers=2)
    supervisor = multiprocess.Multiprocess(chosen, sockets=[])
    worker = multiprocess.Process(chosen, sockets=[])
    assert [name for name in OF_THE_SUPERVISOR if not hasattr(supervisor, name)] == []
    assert [name for name in OF_A_WORKER if not hasattr(worker, name)] == []


def test_this_release_of_uvicorn_is_one_for_which_the_names_are_known() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (known,) = (
        requirement
        for requirement in map(Requirement, project["dependencies"])
        if requirement.name == "uvicorn"
    )
    assert {each.operator for each in known.specifier} == {">=", "<"}
    assert known.specifier.contains(version("uvicorn"))
