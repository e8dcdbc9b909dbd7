"""The proxies of `deploy/` in front of a service: as they ship, but without TLS, on free ports."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.processes import until

SINK = "sink.example.com"
INTERNAL = "receiver.internal.example.com"
OLDEST_CADDY = (2, 11, 2)

# Caddy finds certificates by itself, keeps what it was told and listens for orders, unless told.
CADDY_OPTIONS = """{
	admin off
	auto_https off
	persist_config off
}
"""


def find_program(name: str) -> str:
    """The path of a proxy; its test is skipped where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    # Where Debian puts it, a user who is not root does not look.
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
    found = str(beside) if beside.exists() else shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def find_caddy() -> str:
    """Caddy, if it is new enough for the Caddyfile."""
    program = find_program("caddy")
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
    numbers = tuple(map(int, re.findall(r"\d+", version.stdout)[:3]))
    if numbers < OLDEST_CADDY:
        pytest.skip("this Caddy is older than 2.11.2")
    return program


def caddyfile(port: int, upstream: str) -> str:
    """The shipped one, on a port of this machine."""
    text = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    text = text.replace("\ttls internal\n", "").replace("127.0.0.1:8000", upstream)
    for name in (SINK, INTERNAL):
        text = text.replace(f"\n{name} {{", f"\nhttp://{name}:{port} {{\n\tbind 127.0.0.1")
    return CADDY_OPTIONS + text


def nginx_conf(port: int, upstream: str, folder: Path) -> str:
    """The shipped one, on a port of this machine, with everything that it writes in a folder."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"\tssl_certificate.*\n", "", text).replace("127.0.0.1:8000", upstream)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    text = text.replace("worker_processes auto;", "worker_processes 1;")
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"\t{name}_temp_path {folder}/{name};\n" for name in temporary)
    return f"daemon off;\npid {folder}/pid;\n" + text.replace("http {\n", f"http {{\n{paths}", 1)


def start_caddy(folder: Path, port: int, upstream: str) -> list[str]:
    """Returns the command that runs Caddy."""
    program = find_caddy()
    file = folder / "Caddyfile"
    file.write_text(caddyfile(port, upstream))
    return [program, "run", "--config", str(file), "--adapter", "caddyfile"]


def start_nginx(folder: Path, port: int, upstream: str) -> list[str]:
    """Returns the command that runs nginx."""
    program = find_program("nginx")
    file = folder / "nginx.conf"
    file.write_text(nginx_conf(port, upstream, folder))
    return [program, "-e", "stderr", "-p", str(folder), "-c", str(file)]


def haproxy_cfg(port: int, upstreams: Sequence[str], folder: Path) -> str:
    """The shipped one, on a port of this machine, with its socket in a folder."""
    text = (ROOT / "deploy" / "haproxy.cfg").read_text(encoding="utf-8")
    text = re.sub(r"\tbind .*\n", f"\tbind 127.0.0.1:{port}\n", text)
    text = text.replace("/run/haproxy/receiver.sock", str(folder / "haproxy.sock"))
    servers = (f"\tserver r{number} {one}\n" for number, one in enumerate(upstreams))
    return re.sub(r"\tserver .*\n", "", text) + "".join(servers)


def start_haproxy(folder: Path, port: int, upstream: str, others: Sequence[str] = ()) -> list[str]:
    """Returns the command that runs HAProxy."""
    program = find_program("haproxy")
    file = folder / "haproxy.cfg"
    file.write_text(haproxy_cfg(port, [upstream, *others], folder))
    return [program, "-db", "-f", str(file)]


# Takes a folder to write in, a port of this machine and the service; returns a command.
Start = Callable[[Path, int, str], list[str]]

PROXIES: dict[str, Start] = {
    "caddy": start_caddy,
    "nginx": start_nginx,
    "haproxy": start_haproxy,
}


@contextmanager
def proxied(start: Start, address: str, folder: Path) -> Iterator[str]:
    """Runs a proxy before a service, and gives its address; hosts are told by the header.

    Args:
        address: of the service.
        folder: an existing one, in which the proxy may write.
    """
    port = free_port()
    command = start(folder, port, urlsplit(address).netloc)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder
        )
    try:
        assert until(lambda: _listens(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "output").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
