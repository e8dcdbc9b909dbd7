"""Node-RED with a flow of an HTTP node, a function, an insert and an answer.

npm installs Node-RED into the user's cache directory, with its usual Postgres node; where npm does
not have that node, a function inserts with the driver under it.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmark.contenders import tables
from benchmark.contenders.contender import (
    HANDLER_TOKEN,
    HOST,
    Contender,
    Instance,
    Place,
    serve,
)
from benchmark.contenders.foreign import npm
from benchmark.machine import processes
from benchmark.machine.folders import find_cache
from receiver.errors import ConfigurationError

NODE_RED = "node-red@4"
POSTGRES_NODE = "node-red-contrib-postgresql"
DRIVER = "pg@8"

COLUMNS = ("event_id", "source", "type", "time", "phone_number", "subscription_id", "payload")
INSERT = (
    f"INSERT INTO notification ({', '.join(COLUMNS)})"  # noqa: S608 - the names are constants
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)
SHAPE = f"""
if (msg.req.headers.authorization !== "Bearer {HANDLER_TOKEN}") {{
    msg.statusCode = 401;
    msg.payload = "";
    return [null, msg];
}}
const event = Buffer.isBuffer(msg.payload) || typeof msg.payload === "string"
    ? JSON.parse(msg.payload) : msg.payload;
msg.params = [event.id, event.source, event.type, event.time, event.data.device.phoneNumber,
    event.data.subscriptionId, JSON.stringify(event)];
return [msg, null];
"""
INSERT_BY_DRIVER = f"""
await context.get("pool").query({json.dumps(INSERT)}, msg.params);
return msg;
"""
ANSWER = """
msg.statusCode = 204;
msg.payload = "";
return msg;
"""


def make_contender(*, install: bool) -> Contender:
    """Returns Node-RED, and installs it if necessary.

    Args:
        install: whether apt-get may install npm, as root.

    Raises:
        ConfigurationError: Node-RED cannot be installed; the message says why.
    """
    home = find_cache("node-red")
    has_node = _install(npm.find_npm(install=install), home)
    return Contender(
        "node-red",
        "Node-RED, Postgres node" if has_node else "Node-RED, Postgres driver in a function",
        tables.make,
        partial(_start, home=home, has_node=has_node),
        tables.STORED,
    )


def _install(program: Path, home: Path) -> bool:
    """Installs Node-RED and an insert; returns whether the insert is the Postgres node."""
    modules = home / "node_modules"
    if not (modules / "node-red").exists():
        npm.install(program, home, NODE_RED)
    if not any((modules / name).exists() for name in (POSTGRES_NODE, "pg")):
        try:
            npm.install(program, home, POSTGRES_NODE)
        except ConfigurationError:
            npm.install(program, home, DRIVER)
    return (modules / POSTGRES_NODE).exists()


@contextmanager
def _start(place: Place, *, home: Path, has_node: bool) -> Iterator[Instance]:
    port = processes.find_free_port()
    user_dir = place.folder / f"node-red-{port}"
    user_dir.mkdir()
    # Node-RED looks for nodes and modules in its user directory.
    (user_dir / "node_modules").symlink_to(home / "node_modules")
    shutil.copy(home / "package.json", user_dir)
    (user_dir / "flows.json").write_text(json.dumps(_flow(place.url, has_node=has_node)))
    (user_dir / "settings.js").write_text(_settings(port))
    script = home / "node_modules" / "node-red" / "red.js"
    command = ["node", str(script), "--userDir", str(user_dir), "--settings"]
    with serve([*command, user_dir / "settings.js"], place, {}, HANDLER_TOKEN, port) as running:
        yield running


def _settings(port: int) -> str:
    settings = {
        "uiHost": HOST,
        "uiPort": port,
        "httpAdminRoot": False,
        "flowFile": "flows.json",
        "credentialSecret": False,
        "functionExternalModules": True,
        "externalModules": {"autoInstall": False, "modules": {"allowInstall": False}},
        "telemetry": {"enabled": False, "updateNotification": False},
        "logging": {"console": {"level": "warn"}},
    }
    return f"module.exports = {json.dumps(settings)};\n"


def _flow(url: str, *, has_node: bool) -> list[dict[str, Any]]:
    database = npm.make_pool_options(url)
    nodes: list[dict[str, Any]] = [
        {"id": "flow", "type": "tab", "label": "flow"},
        {"id": "in", "type": "http in", "url": "/notifications", "method": "post"},
        {"id": "shape", "type": "function", "func": SHAPE, "outputs": 2, "libs": []},
        *(_insert_by_node(database) if has_node else _insert_by_driver(database)),
        {"id": "answer", "type": "function", "func": ANSWER, "outputs": 1, "libs": []},
        {"id": "out", "type": "http response"},
    ]
    wires = {
        "in": [["shape"]],
        "shape": [["insert"], ["out"]],
        "insert": [["answer"]],
        "answer": [["out"]],
        "out": [],
    }
    return [
        node if node["id"] not in wires else {**node, "z": "flow", "wires": wires[node["id"]]}
        for node in nodes
    ]


def _insert_by_node(database: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {f"{name}FieldType": "str" for name in database} | {
        f"{name}FieldType": "num" for name in ("port", "max")
    }
    pool = {"ssl": False, "sslFieldType": "bool", "min": 1, "minFieldType": "num"}
    times = {
        "idle": 10_000,
        "idleFieldType": "num",
        "connectionTimeout": 10_000,
        "connectionTimeoutFieldType": "num",
    }
    return [
        {"id": "database", "type": "postgreSQLConfig", **database, **kinds, **pool, **times},
        {
            "id": "insert",
            "type": "postgresql",
            "query": INSERT,
            "postgreSQLConfig": "database",
            "split": False,
            "rowsPerMsg": 1,
            "outputs": 1,
        },
    ]


def _insert_by_driver(database: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": "insert",
            "type": "function",
            "func": INSERT_BY_DRIVER,
            "initialize": f"context.set('pool', new pg.Pool({json.dumps(database)}));",
            "outputs": 1,
            "libs": [{"var": "pg", "module": "pg"}],
        }
    ]
