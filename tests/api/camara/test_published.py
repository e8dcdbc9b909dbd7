"""The answers and errors of each version, against the OpenAPI that CAMARA published for it.

The documents are CAMARA's and no part of this project: `CAMARA_SPECS` names a folder that holds
those of `code/API_definitions` in a folder for each release, such as
`DeviceRoamingStatus-r1.2/device-roaming-status.yaml`. Without it these tests are skipped, and
`test_version_laws.py` holds the versions to what was read in the documents.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.support.retrieving import IPV4, IPV6, NAI, PHONES, SHARED_NAI, UNKNOWN, Retrieving
from tests.support.retrieving import retrieving as retrieving
from tests.support.retrieving import told as told

Json = dict[str, Any]

# It comes with schemathesis.
yaml = pytest.importorskip("yaml")

SPECS = os.environ.get("CAMARA_SPECS")
pytestmark = pytest.mark.skipif(
    SPECS is None, reason="CAMARA_SPECS names no folder of CAMARA's OpenAPI documents"
)

REACHABILITY = "device-reachability-status.yaml"
ROAMING = "device-roaming-status.yaml"
NETWORK_TYPE = "connected-network-type.yaml"
# The path here, the document, and the path in it. A path of a later release answers programs that
# were written for an earlier one too.
PUBLISHED = (
    ("/device-status/v0/connectivity", "DeviceStatus-v0.5.1/device-status.yaml", "/connectivity"),
    ("/device-status/v0/roaming", "DeviceStatus-v0.5.1/device-status.yaml", "/roaming"),
    (
        "/camara/device-status/v050/connectivity",
        "DeviceStatus-v0.5.1/device-status.yaml",
        "/connectivity",
    ),
    ("/camara/device-status/v050/roaming", "DeviceStatus-v0.5.1/device-status.yaml", "/roaming"),
    (
        "/device-status/v0.6alpha1/retrieve-connectivity-status",
        "DeviceStatus-r0.6/device-status.yaml",
        "/retrieve-connectivity-status",
    ),
    (
        "/device-status/v0.6alpha1/retrieve-roaming-status",
        "DeviceStatus-r0.6/device-status.yaml",
        "/retrieve-roaming-status",
    ),
    (
        "/device-reachability-status/v0.6/retrieve",
        f"DeviceStatus-r1.3/{REACHABILITY}",
        "/retrieve",
    ),
    (
        "/camara/orange-lab/device-reachability-status/v0/retrieve",
        f"DeviceStatus-r1.3/{REACHABILITY}",
        "/retrieve",
    ),
    ("/device-roaming-status/v0.6/retrieve", f"DeviceStatus-r1.3/{ROAMING}", "/retrieve"),
    ("/device-reachability-status/v1/retrieve", f"DeviceStatus-r2.2/{REACHABILITY}", "/retrieve"),
    ("/device-roaming-status/v1/retrieve", f"DeviceStatus-r2.2/{ROAMING}", "/retrieve"),
    (
        "/device-status/device-reachability-status/v1/retrieve",
        f"DeviceStatus-r2.2/{REACHABILITY}",
        "/retrieve",
    ),
    (
        "/device-status/device-roaming-status/v1/retrieve",
        f"DeviceStatus-r2.2/{ROAMING}",
        "/retrieve",
    ),
    ("/connected-network-type/v0.1/retrieve", f"DeviceStatus-r2.2/{NETWORK_TYPE}", "/retrieve"),
    (
        "/device-reachability-status/v1/retrieve",
        f"DeviceReachabilityStatus-r1.2/{REACHABILITY}",
        "/retrieve",
    ),
    ("/device-roaming-status/v1/retrieve", f"DeviceRoamingStatus-r1.2/{ROAMING}", "/retrieve"),
    (
        "/connected-network-type/v0.2/retrieve",
        f"ConnectedNetworkType-r1.2/{NETWORK_TYPE}",
        "/retrieve",
    ),
    # No later document is published; a candidate answers as the release before it allows.
    (
        "/device-reachability-status/v1rc3/retrieve",
        f"DeviceReachabilityStatus-r1.2/{REACHABILITY}",
        "/retrieve",
    ),
    ("/device-roaming-status/v1rc3/retrieve", f"DeviceRoamingStatus-r1.2/{ROAMING}", "/retrieve"),
    (
        "/connected-network-type/v0.3rc1/retrieve",
        f"ConnectedNetworkType-r1.2/{NETWORK_TYPE}",
        "/retrieve",
    ),
)

# What the documents leave to the text of the release, or to the list of Commonalities.
UNLISTED = {
    # "Network error temporarily prevents …" of the feature file.
    (NETWORK_TYPE, "503"),
}
# Codes that stand in the text of a release, beside its examples.
UNLISTED_CODES = {"UNIDENTIFIABLE_DEVICE"}


@cache
def document(name: str) -> Json:
    loaded = yaml.safe_load((Path(str(SPECS)) / name).read_text(encoding="utf-8"))
    # YAML has times, and JSON schema none.
    written: Json = json.loads(json.dumps(loaded, default=str))
    return written


def resolve(whole: Json, part: Json) -> Json:
    """A part of a document, or what it refers to."""
    reference = part.get("$ref")
    if reference is None:
        return part
    found: Json = whole
    for key in str(reference).removeprefix("#/").split("/"):
        found = found[key]
    return found


def requests() -> Iterator[tuple[str, Any]]:
    """Yields a request of every kind, and what it is an example of."""
    for kind, number in [*PHONES.items(), ("unknown", UNKNOWN)]:
        yield kind, {"device": {"phoneNumber": number}}
    yield "by network access identifier", {"device": {"networkAccessIdentifier": NAI}}
    yield "by IPv6 address", {"device": {"ipv6Address": IPV6}}
    yield "by IPv4 address", {"device": {"ipv4Address": IPV4}}
    yield "ambiguous", {"device": {"networkAccessIdentifier": SHARED_NAI}}
    yield "missing", {}
    yield "empty", {"device": {}}
    yield "no object", []
    yield "malformed", {"device": {"phoneNumber": "nobody"}}


async def ask_all(retrieving: Retrieving, path: str) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Yields the answer to every request, and those to callers who may not ask."""
    for kind, body in requests():
        yield kind, await retrieving.reader.post(path, json=body)
    known = {"device": {"phoneNumber": PHONES["abroad"]}}
    yield "without a token", await retrieving.nobody.post(path, json=known)
    yield "of another role", await retrieving.sink.post(path, json=known)


def list_faults(whole: Json, said: Json, found: Json) -> Iterator[str]:
    """Yields in what a body is not the one that the document describes for its status."""
    content = resolve(whole, said)["content"]["application/json"]
    schema = {**content["schema"], "components": whole["components"]}
    validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True)
    yield from (fault.message for fault in validator.iter_errors(found))
    examples = [resolve(whole, each)["value"] for each in content.get("examples", {}).values()]
    examples += [content["example"]] if "example" in content else []
    codes = {example["code"] for example in examples if "code" in example}
    if codes and found["code"] not in codes | UNLISTED_CODES:
        yield f"{found['code']} is none of {sorted(codes)}"


@pytest.mark.parametrize(("path", "name", "published"), PUBLISHED)
async def test_a_version_answers_as_its_published_document_describes(
    retrieving: Retrieving, path: str, name: str, published: str
) -> None:
    if not (Path(str(SPECS)) / name).is_file():
        pytest.skip(f"{name} is not in the folder")
    whole = document(name)
    responses = whole["paths"][published]["post"]["responses"]
    faults = []
    statuses = set()
    async for kind, answer in ask_all(retrieving, path):
        status = str(answer.status_code)
        statuses.add(status)
        assert answer.headers["content-type"] == "application/json"
        if status in responses:
            found = list_faults(whole, responses[status], answer.json())
            faults += [f"{kind}: {status}: {fault}" for fault in found]
        elif (name.rpartition("/")[2], status) not in UNLISTED:
            faults.append(f"{kind}: {status} is not in the document")
    assert faults == []
    assert statuses >= {"200", "400", "401", "403", "404"}
