"""deploy/patroni: the trio as it ships agrees with itself, with the image and with the pages."""

import re
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from receiver.settings.settings import Settings, variable_name
from tests.support.paths import DOCS, ROOT

yaml = pytest.importorskip("yaml")

FOLDER = ROOT / "deploy" / "patroni"
NODES = ["node1", "node2", "node3"]
ETCDS = ["etcd1", "etcd2", "etcd3"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return read


@pytest.fixture(scope="module")
def configuration() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / "patroni.yml").read_text())
    return read


def test_there_are_three_nodes_three_etcds_and_one_service(compose: dict[str, Any]) -> None:
    assert sorted(compose["services"]) == sorted([*NODES, *ETCDS, "migrate", "spool", "serve"])
    volumes = {volume for service in compose["services"].values() for volume in volumes_of(service)}
    assert volumes == compose["volumes"].keys()
    for service in compose["services"].values():
        assert set(service.get("depends_on", [])) <= compose["services"].keys()
        assert re.fullmatch(r"device-status-(patroni|receiver)", service["image"])


def volumes_of(service: dict[str, Any]) -> list[str]:
    return [each.partition(":")[0] for each in service.get("volumes", [])]


def test_the_url_has_every_node_and_is_that_of_the_page(compose: dict[str, Any]) -> None:
    urls = {
        compose["services"][name]["environment"]["DATABASE_URL"] for name in ("migrate", "serve")
    }
    [url] = urls
    parts = conninfo_to_dict(url)
    assert str(parts["host"]).split(",") == NODES
    assert parts["target_session_attrs"] == "read-write"
    assert f"DATABASE_URL='{url}'" in (DOCS / "operating.md").read_text(encoding="utf-8")


def test_each_node_and_each_etcd_says_its_own_name_and_volume(compose: dict[str, Any]) -> None:
    for name in NODES:
        node = compose["services"][name]
        assert node["environment"]["PATRONI_NAME"] == name
        assert node["environment"]["PATRONI_RESTAPI_CONNECT_ADDRESS"] == f"{name}:8008"
        assert node["environment"]["PATRONI_POSTGRESQL_CONNECT_ADDRESS"] == f"{name}:5432"
        assert node["environment"]["PATRONI_ETCD3_HOSTS"] == ",".join(
            f"{etcd}:2379" for etcd in ETCDS
        )
        assert volumes_of(node) == [name]
    for name in ETCDS:
        etcd = compose["services"][name]
        assert etcd["environment"]["ETCD_NAME"] == name
        assert etcd["environment"]["ETCD_INITIAL_CLUSTER"] == ",".join(
            f"{each}=http://{each}:2380" for each in ETCDS
        )
        assert volumes_of(etcd) == [name]


def test_no_password_has_a_default_or_stands_in_a_file(
    compose: dict[str, Any], configuration: dict[str, Any]
) -> None:
    secrets = {
        value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name
    }
    assert len(secrets) == 3
    assert all(re.fullmatch(r"\$\{\w+:\?must be set, in \.env for example\}", s) for s in secrets)
    for login in configuration["postgresql"]["authentication"].values():
        assert "password" not in login
    assert all(
        line.split()[-1] == "scram-sha-256" for line in configuration["postgresql"]["pg_hba"]
    )


def test_every_setting_of_the_service_exists(compose: dict[str, Any]) -> None:
    known = {variable_name(field) for field in Settings.model_fields}
    set_there = set(compose["services"]["serve"]["environment"]) - {"PGPASSWORD"}
    assert set_there <= known


def test_the_trio_is_strict_and_the_page_says_its_times(configuration: dict[str, Any]) -> None:
    shared = configuration["bootstrap"]["dcs"]
    assert shared["synchronous_mode"] is shared["synchronous_mode_strict"] is True
    assert shared["ttl"] >= max(20, shared["loop_wait"] + 2 * shared["retry_timeout"])
    page = (DOCS / "operating.md").read_text(encoding="utf-8")
    stated = [f"{name}: {shared[name]}" for name in ("ttl", "loop_wait", "retry_timeout")]
    assert f"| {', '.join(f'`{each}`' for each in stated)} |" in page


def test_the_image_installs_what_the_drills_have_tried() -> None:
    dockerfile = (FOLDER / "Dockerfile").read_text()
    pins = (FOLDER / "requirements.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", pin) for pin in pins)
    assert "--requirement /opt/patroni/requirements.txt" in dockerfile
    for copied in ("requirements.txt", "patroni.yml", "make-database.sh"):
        assert (FOLDER / copied).is_file()
        assert copied in dockerfile
