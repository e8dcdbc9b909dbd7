"""The server runs until a signal, and ends in its own time."""

import signal
import subprocess
import sys

import uvicorn

from receiver.api.wire.server import PatientServer

PROGRAM = """
import os, signal, socket
from receiver.api.wire import server
from receiver.settings.settings import Settings

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        os.kill(os.getpid(), signal.SIGTERM)
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        print("shut down in order", flush=True)

def factory():
    return app

door = socket.create_server(("127.0.0.1", 0))
server.run("__main__:factory", Settings(port=0), door, connection_limit=10)
"""


def test_a_second_signal_does_not_cut_off_what_the_first_waits_for() -> None:
    server = PatientServer(uvicorn.Config("app:create"), stop_seconds=60)
    for _ in range(3):
        server.handle_exit(signal.SIGINT, None)
    assert (server.should_exit, server.force_exit) == (True, False)


def test_one_worker_serves_in_this_process_until_a_signal() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == "shut down in order\n", ended.stderr
