"""What ships for Kubernetes: each file by itself, and what kustomize builds of them."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import ip_network
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # none are published with it

from receiver.settings.settings import Settings
from tests.support.paths import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
NAME = "device-status-receiver"
LABELS = {"app.kubernetes.io/name": NAME}

# The oldest that is thought of, one between, and the newest that the schemas know.
VERSIONS = ("1.27", "1.31", "1.37")
# Their schemas are of the Prometheus Operator, and come with it.
MONITORING = ("ServiceMonitor", "PrometheusRule")


@cache
def files() -> Mapping[str, Any]:
    """The content of every file, by its path in the folder."""
    return {
        str(path.relative_to(FOLDER)): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.rglob("*.yaml"))
    }


def objects() -> dict[str, Any]:
    """Every object of the files, by its kind; kustomizations are left out."""
    found = [one for one in files().values() if one["kind"] not in ("Kustomization", "Component")]
    by_kind = {one["kind"]: one for one in found}
    assert len(by_kind) == len(found)
    return by_kind


@cache
def built(folder: str) -> tuple[Any, ...]:
    """What kustomize makes of a folder."""
    program = shutil.which("kustomize")
    command = [program, "build"] if program else ["kubectl", "kustomize"]
    if shutil.which(command[0] or "") is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    ended = subprocess.run(
        [*map(str, command), str(FOLDER / folder)], capture_output=True, text=True, check=False
    )
    if "Component" in ended.stderr and program is None:
        pytest.skip("this kubectl is older than components")
    assert ended.returncode == 0, ended.stderr
    return tuple(yaml.safe_load_all(ended.stdout))


def default(name: str) -> Any:
    return Settings.model_fields[name].default


def pods() -> Any:
    return objects()["Deployment"]["spec"]["template"]["spec"]


def containers() -> Iterator[Any]:
    yield from pods()["initContainers"]
    yield from pods()["containers"]


def judge(one: Any) -> None:
    """Asks the published schemas of each version about an object."""
    validate = pytest.importorskip("kubernetes_validate").validate
    for version in VERSIONS:
        validate(one, version, strict=True)


@pytest.mark.parametrize("kind", sorted(set(objects()) - {*MONITORING}))
def test_each_object_is_what_the_versions_of_kubernetes_take(kind: str) -> None:
    judge(objects()[kind])


def test_kustomize_builds_an_installation_that_the_versions_of_kubernetes_take() -> None:
    found = built("example")
    kinds = [one["kind"] for one in found]
    assert sorted(kinds) == sorted([*objects(), "ConfigMap"])
    assert {one["metadata"]["namespace"] for one in found} == {"receiver"}
    by_kind = dict(zip(kinds, found, strict=True))
    settings = by_kind["ConfigMap"]
    assert set(settings["data"]) == {"RECEIVER_WORKERS", "RECEIVER_TRUSTED_PROXIES"}
    spec = by_kind["Deployment"]["spec"]["template"]["spec"]
    for container in (*spec["initContainers"], *spec["containers"]):
        assert container["image"].startswith(f"registry.example.com/{NAME}@sha256:")
        assert container["envFrom"][0]["configMapRef"]["name"] == settings["metadata"]["name"]
        assert container["envFrom"][1]["secretRef"]["name"] == NAME
    for one in found:
        if one["kind"] not in MONITORING:
            judge(one)


def test_kustomize_builds_the_base_alone() -> None:
    kinds = {one["kind"] for one in built("base")}
    assert kinds == {*objects(), "ConfigMap"} - {*MONITORING, "Ingress"}


def test_every_file_is_built_and_named_once() -> None:
    listed = [
        f"{folder}/{name}"
        for folder in ("base", "monitoring", "ingress")
        for name in files()[f"{folder}/kustomization.yaml"]["resources"]
    ]
    assert sorted(listed) == [name for name in files() if "kustomization" not in name]
    example = files()["example/kustomization.yaml"]
    named = [path.removeprefix("../") for path in (*example["resources"], *example["components"])]
    assert named == ["base", "monitoring", "ingress"]
    for one in objects().values():
        assert one["metadata"]["name"] == NAME
        assert "namespace" not in one["metadata"]


def test_it_runs_the_version_that_this_is() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [image] = files()["base/kustomization.yaml"]["images"]
    assert image == {"name": NAME, "newTag": version["version"]}
    assert [container["image"] for container in containers()] == [NAME] * 2


def test_only_known_pods_are_let_in_and_the_service_is_let_out_to_known_ports() -> None:
    policy = objects()["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["podSelector"]["matchLabels"] == LABELS
    [ingress] = policy["ingress"]
    assert ingress["ports"] == [{"port": "http", "protocol": "TCP"}]
    assert len(ingress["from"]) == 3
    assert all(ingress["from"])
    ports = [port["port"] for rule in policy["egress"] for port in rule["ports"]]
    assert sorted(set(ports)) == [53, 443, 5432]
    outside, _ = (rule["ipBlock"] for rule in policy["egress"][-1]["to"])
    assert "169.254.0.0/16" in outside["except"]


def test_what_is_applied_again_is_unchanged() -> None:
    """`kubectl apply` says `configured` each time where a default is left to the server."""
    assert objects()["Deployment"]["spec"]["strategy"]["type"] == "RollingUpdate"
    policy = objects()["NetworkPolicy"]["spec"]
    ports = [port for rule in (*policy["ingress"], *policy["egress"]) for port in rule["ports"]]
    assert [port for port in ports if "protocol" not in port] == []


def test_each_command_of_the_pages_names_the_namespace_of_the_example() -> None:
    namespace = files()["example/kustomization.yaml"]["namespace"]
    pages = [*(ROOT / "docs").glob("*.md"), *FOLDER.rglob("*.yaml")]
    commands = [
        command
        for page in pages
        for command in re.findall(r"kubectl [^`\n]+", page.read_text(encoding="utf-8"))
        if re.search(r" (exec|get|rollout|scale|create secret) ", command)
    ]
    assert len(commands) >= 5
    for command in commands:
        assert command.startswith(f"kubectl --namespace {namespace} "), command
        assert set(re.findall("deployment/([a-z-]+)", command)) <= {NAME}, command


def test_a_replica_is_kept_whatever_is_done_to_nodes() -> None:
    deployment = objects()["Deployment"]["spec"]
    budget = objects()["PodDisruptionBudget"]["spec"]
    spread = pods()["topologySpreadConstraints"]
    for selector in (budget["selector"], *(one["labelSelector"] for one in spread)):
        assert selector["matchLabels"] == LABELS
    assert deployment["template"]["metadata"]["labels"] == LABELS
    assert deployment["selector"]["matchLabels"] == LABELS
    assert objects()["Service"]["spec"]["selector"] == LABELS
    assert budget["maxUnavailable"] < deployment["replicas"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    keys = {one["topologyKey"] for one in spread}
    assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_probes_wait_for_starts_and_for_patience() -> None:
    [container] = pods()["containers"]
    probes = {name: container[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    paths = {name: probe["httpGet"]["path"] for name, probe in probes.items()}
    assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    ready, start = probes["readiness"], probes["startup"]
    assert ready["periodSeconds"] * ready["failureThreshold"] > default("patience_seconds")
    assert start["periodSeconds"] * start["failureThreshold"] >= 120


def test_pods_have_no_right_that_they_do_not_need() -> None:
    assert objects()["ServiceAccount"]["automountServiceAccountToken"] is False
    assert (pods()["serviceAccountName"], pods()["automountServiceAccountToken"]) == (NAME, False)
    assert pods()["securityContext"]["runAsNonRoot"] is True
    for container in containers():
        locked = container["securityContext"]
        assert (locked["allowPrivilegeEscalation"], locked["readOnlyRootFilesystem"]) == (
            False,
            True,
        )
        assert locked["capabilities"] == {"drop": ["ALL"]}


def test_commands_for_a_pod_mean_the_container_that_serves() -> None:
    """`kubectl` asks this annotation, and says which container it took where it is absent."""
    told = objects()["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    [container] = pods()["containers"]
    assert told == {"kubectl.kubernetes.io/default-container": container["name"]}


def test_each_pod_migrates_before_it_serves_and_nothing_else_is_secret() -> None:
    assert [container.get("args") for container in containers()] == [["migrate"], None]
    for container in containers():
        assert [*container["envFrom"]] == [
            {"configMapRef": {"name": NAME}},
            {"secretRef": {"name": NAME}},
        ]


def test_the_rules_are_the_alerts() -> None:
    alerts, rules = (
        path.read_text(encoding="utf-8").partition("groups:\n")[2]
        for path in (ROOT / "deploy" / "alerts.yaml", FOLDER / "monitoring" / "rules.yaml")
    )
    indented = re.sub("(?m)^(?=.)", "  ", alerts)
    assert rules == indented, "rules.yaml has the text of alerts.yaml, two spaces further in"
    rule = objects()["PrometheusRule"]
    assert rule["apiVersion"] == "monitoring.coreos.com/v1"
    assert rule["spec"] == yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text())


def test_what_is_scraped_is_every_pod_under_the_job_that_the_alerts_ask_for() -> None:
    monitor = objects()["ServiceMonitor"]
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    service = objects()["Service"]
    assert service["metadata"]["labels"] == monitor["spec"]["selector"]["matchLabels"] == LABELS
    job = service["metadata"]["labels"][monitor["spec"]["jobLabel"]]
    assert f'up{{job="{job}"}}' in str(objects()["PrometheusRule"]["spec"])
    [endpoint] = monitor["spec"]["endpoints"]
    assert endpoint["path"] == "/metrics"
    assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
    assert seconds(endpoint["scrapeTimeout"]) < seconds(endpoint["interval"])


def test_the_ingress_shows_the_sink_alone_and_waits_longer_than_the_service() -> None:
    ingress = objects()["Ingress"]
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert path["path"] == "/notifications"
    port = path["backend"]["service"]
    assert port == {
        "name": NAME,
        "port": {"name": objects()["Service"]["spec"]["ports"][0]["name"]},
    }
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
    told = {
        name.removeprefix("nginx.ingress.kubernetes.io/"): value
        for name, value in ingress["metadata"]["annotations"].items()
    }
    assert told["proxy-body-size"] == f"{default('body_limit_bytes') // 1024}k"
    assert told["client-body-buffer-size"] == told["proxy-body-size"]
    waits = default("patience_seconds") + default("query_timeout_seconds")
    assert int(told["proxy-read-timeout"]) > waits
    [settings] = files()["ingress/kustomization.yaml"]["configMapGenerator"]
    [trusted] = settings["literals"]
    name, _, network = trusted.partition("=")
    assert name == "RECEIVER_TRUSTED_PROXIES"
    assert ip_network(network).is_private


def seconds(written: str) -> int:
    return int(written.removesuffix("s"))
