"""A person is forgotten: no table, file, log or metric of the installation tells of it any more."""

import gzip
import json
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from receiver.client import Client, NotFound
from receiver.client.calls.arguments import Identifiers
from tests.support.lengths import lengths
from tests.support.processes import until
from tests.support.service import Installation, notification, status_of

DIGITS = "99999994242"
PHONE = {"phoneNumber": f"+{DIGITS}"}
NAI = {"networkAccessIdentifier": "victim@erased.example"}
IPV4 = {"ipv4Address": {"publicAddress": "203.0.113.77", "publicPort": 47110}}
IPV6 = {"ipv6Address": "2001:db8:aced::77"}
MENTIONING, OTHER = "+99999995000", "+99999996000"
STRUCTURED = "application/cloudevents+json"
JSON = "application/json"

TABLES = """
SELECT schemaname, tablename FROM pg_tables WHERE tablename NOT IN ('pg_authid', 'pg_user_mapping')
"""


def event(name: str, device: dict[str, Any] | None, **members: Any) -> dict[str, Any]:
    """Makes an event of the person."""
    made = notification(name)
    made["data"] = {"subscriptionId": "erased-sub", "roaming": True, "countryCode": 208}
    if device is not None:
        made["data"]["device"] = device
    return made | members


def legacy(device: dict[str, Any]) -> dict[str, Any]:
    return {
        "eventSubscriptionId": "erased-legacy",
        "event": {
            "eventType": "ROAMING_STATUS",
            "eventTime": "2026-04-17T07:32:00Z",
            "eventDetail": {"device": device, "roaming": True, "countryCode": 208},
        },
    }


def flat(device: dict[str, Any]) -> dict[str, Any]:
    return {
        "subscriptionId": "erased-flat",
        "eventType": "ROAMING_STATUS",
        "eventTime": "2026-04-17T07:33:00Z",
        "eventDetail": {"device": device, "roaming": True, "countryCode": 208},
    }


ACCEPTED: list[tuple[Any, str]] = [
    (event("all", PHONE | NAI | IPV4 | IPV6), STRUCTURED),
    (event("nai", NAI), STRUCTURED),
    (event("subscription", None), STRUCTURED),
    (event("digits", {"phoneNumber": DIGITS}), STRUCTURED),
    (event("other-name", {"msisdn": int(DIGITS)}), STRUCTURED),
    (legacy(PHONE), JSON),
    (flat(PHONE), JSON),
    (event("unknown", PHONE, type="org.example.unknown"), STRUCTURED),
]
REFUSED: list[tuple[bytes, str]] = [
    (json.dumps(event("time", PHONE, time="yesterday")).encode(), STRUCTURED),
    (json.dumps(event("cut", PHONE)).encode()[:-30], STRUCTURED),
    (b'{"data": "' + "".join(f"\\u{ord(c):04x}" for c in DIGITS).encode(), STRUCTURED),
    (quote(json.dumps(PHONE), safe="").encode(), "application/x-www-form-urlencoded"),
    (gzip.compress(json.dumps(event("gzip", PHONE)).encode())[:-6], STRUCTURED),
    (json.dumps(event("nai-time", NAI, time=1)).encode(), STRUCTURED),
]
# By address alone, each a device of its own.
ADDRESSED: list[dict[str, Any]] = [IPV4, IPV6]

# The same, as who asks the client names them.
VICTIM: Identifiers = {"phone_number": f"+{DIGITS}"}
AT_ADDRESSES: list[Identifiers] = [
    {"ipv4_public_address": "203.0.113.77", "ipv4_public_port": 47110},
    {"ipv6_address": "2001:db8:aced::77"},
]


class Person:
    """Everything about a person, as it was planted.

    Args:
        ids: of devices that are the person's.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        texts = [DIGITS, "victim@erased.example", "203.0.113.77", "2001:db8:aced::77"]
        words = [text.encode() for text in texts]
        self.in_texts = [*words, *(word.hex().encode() for word in words)]
        self.in_texts += [one.encode() for one in ids]
        # As Postgres stores an inet: family, bits, and the address.
        addresses = [ip_address("203.0.113.77").packed, ip_address("2001:db8:aced::77").packed]
        self.in_files = [*self.in_texts, *addresses, *(UUID(one).bytes for one in ids)]


def files_with(folder: Path, needles: Sequence[bytes]) -> set[str]:
    """Returns the files below a folder that have one of some bytes."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and any(needle in content for content in [path.read_bytes()] for needle in needles)
    }


def tables_with(connection: psycopg.Connection, needles: Sequence[bytes]) -> set[str]:
    """Returns the tables of every schema whose dump has one of some bytes."""
    found = set()
    for schema, table in connection.execute(TABLES).fetchall():
        copy = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(schema, table))
        with connection.cursor().copy(copy) as rows:
            dump = b"".join(map(bytes, rows))
        if any(needle in dump for needle in needles):
            found.add(f"{schema}.{table}")
    return found


def plant(sink: Client, admin: Client, noise: int) -> None:
    """Sends everything that names the person, and what others send."""

    def send(body: bytes, media_type: str, **headers: str) -> int:
        return status_of(
            lambda: sink.post_notification(body, content_type=media_type, headers=headers), 204
        )

    for body, media_type in ACCEPTED:
        assert send(json.dumps(body).encode(), media_type) == 204, body
    for number, device in enumerate(ADDRESSED):
        made = event(f"address-{number}", device)
        del made["data"]["subscriptionId"]
        assert send(json.dumps(made).encode(), STRUCTURED) == 204
    attributes = {"ce-specversion": "1.0", "ce-id": "binary", "ce-source": "//operator.invalid"}
    attributes["ce-type"] = event("binary", PHONE)["type"]
    data = json.dumps(event("binary", PHONE)["data"]).encode()
    assert send(data, JSON, **attributes) == 204
    assert send(data, JSON, **attributes, **{"ce-time": "never"}) == 400
    for content, media_type in REFUSED:
        coding = {"content-encoding": "gzip"} if content.startswith(b"\x1f") else {}
        assert send(content, media_type, **coding) in {400, 415}
    mentioning = notification("mentioning", MENTIONING) | {"comment": f"was +{DIGITS} before"}
    mentioning["data"]["subscriptionId"] = "other-sub"
    assert send(json.dumps(mentioning).encode(), STRUCTURED) == 204
    for number in range(noise):
        made = notification(f"noise-{number}", OTHER)
        made["data"]["subscriptionId"] = "noise-sub"
        assert send(json.dumps(made).encode(), STRUCTURED) == 204
    assert send(b'{"id": "another refused one"', STRUCTURED) == 400
    admin.register_subscription(
        credential="first-sink",
        subscription={"id": "erased-sub", "types": [], "maxEvents": 9},
        device=PHONE,
    )


@pytest.mark.parametrize("noise", lengths(3, 3000))
def test_nothing_of_the_installation_tells_of_a_person_that_was_forgotten(
    installation: Installation, noise: int
) -> None:
    spool = installation.folder / "spool"
    with installation.serve(RECEIVER_SPOOL_DIR=str(spool), RECEIVER_LOG_LEVEL="debug") as service:
        url = installation.run_here("dsn").stdout.strip()
        admin = service.ask_as(installation.create("an-admin", "admin"))
        reader = service.ask_as(installation.token("reader"))
        plant(service.ask_as(installation.token("sink")), admin, noise)
        person = Person(
            [str(reader.retrieve_device(**one).device_id) for one in (VICTIM, *AT_ADDRESSES)]
        )
        kept = reader.retrieve_device(phone_number=OTHER)
        derived = "SELECT count(*) FROM device_identifier WHERE value LIKE '%4242'"
        with psycopg.connect(url, autocommit=True) as connection:
            assert until(lambda: connection.execute(derived).fetchone() == (1,))
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
            planted = tables_with(connection, person.in_texts)
        assert planted >= {
            "public.device_identifier",
            "public.subscription_registration",
            "public.quarantine",
            "pg_catalog.pg_statistic",
        }
        in_files = files_with(installation.data_dir, person.in_files)
        assert any("base" in name for name in in_files)

        done = admin.forget_device_by_identifier(**VICTIM)
        assert done.removed.quarantined == len(REFUSED) + 1
        assert done.removed.registrations == 1
        assert done.removed.events == len(ACCEPTED) + 1
        not_reached = done.not_reached
        assert (not_reached.other_events, not_reached.is_search_complete) == (1, True)
        assert (not_reached.spool_files, not_reached.statistics) == (0, ())
        [mention] = not_reached.other_event_ids
        assert f'"was +{DIGITS} before"' in reader.get_event(mention).payload_text
        with pytest.raises(NotFound):
            reader.retrieve_device(**VICTIM)
        assert reader.retrieve_device(phone_number=OTHER) == kept
        mentioning: Identifiers = {"phone_number": MENTIONING}
        for device in (mentioning, *AT_ADDRESSES):
            assert admin.forget_device_by_identifier(**device).removed.events == 1

        with psycopg.connect(url, autocommit=True) as connection:
            assert tables_with(connection, person.in_texts) == set()
            connection.execute("VACUUM FULL")
            connection.execute("CHECKPOINT")
        for text in (service.stdout, service.stderr, admin.get_metrics()):
            assert not any(needle.decode() in text for needle in person.in_texts)
        assert len(admin.list_refused_notifications().items) == 1
        assert len(list(reader.iterate_history(phone_number=OTHER))) == noise
    left = files_with(installation.data_dir, person.in_files)
    # The log of Postgres has what was written, until it is no longer needed.
    assert {name for name in left if "pg_wal" not in name} == set()
    assert left != set()
    assert files_with(spool, person.in_files) == set()
