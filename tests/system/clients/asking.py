"""Asks a service through a generated client, and prints what the client makes of the answers.

It runs in the environment of the generator, with the generated package `receiver_client` on its
path: `python asking.py ADDRESS TOKEN PHONE_NUMBER`.
"""

import importlib
import json
import pkgutil
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

PAGE = 2


def load(name: str) -> Any:
    return importlib.import_module(f"receiver_client.{name}" if name else "receiver_client")


def import_all() -> list[str]:
    package = load("")
    names = [found.name for found in pkgutil.walk_packages(package.__path__, "receiver_client.")]
    return [importlib.import_module(name).__name__ for name in names]


def ask(address: str, token: str, phone_number: str) -> dict[str, Any]:
    models = load("models")
    client = load("client").AuthenticatedClient(base_url=address, token=token)
    device = models.Device(phone_number=phone_number)

    found = load("api.devices.retrieve_device").sync(
        client=client, body=models.RetrieveDevice(device=device)
    )
    assert isinstance(found, models.DeviceSummary)
    assert isinstance(found.device_id, UUID)
    assert isinstance(found.last_event.occurred_at, datetime)

    list_events = load("api.events.list_device_events").sync
    pages: list[list[str]] = []
    options: dict[str, str] = {}
    while True:
        page = list_events(
            found.device_id, client=client, limit=PAGE, order=models.Order.ASC, **options
        )
        assert isinstance(page, models.EventPage), page
        pages.append([event.event_id for event in page.items])
        if not page.next_cursor:
            break
        options = {"cursor": page.next_cursor}

    none = list_events(found.device_id, client=client, occurred_to=datetime(2001, 1, 1, tzinfo=UTC))
    status = load("api.status.get_status").sync(found.device_id, client=client)
    assert isinstance(status, models.DeviceStatus)
    assert isinstance(status.as_of, datetime)

    detailed = load("api.devices.get_device").sync_detailed(uuid4(), client=client)
    assert isinstance(detailed.parsed, models.ErrorInfo)
    return {
        "phoneNumber": found.identifiers[0].phone_number,
        "pages": pages,
        "before": len(none.items),
        "roaming": [type(status.roaming).__name__, status.roaming.value],
        "countryName": status.roaming.country_name,
        "networkType": [type(status.network_type).__name__, status.network_type.because.value],
        "unknown": [detailed.status_code, detailed.parsed.status, detailed.parsed.code],
        "correlator": len(detailed.headers["x-correlator"]),
    }


if __name__ == "__main__":
    modules = import_all()
    json.dump({"modules": len(modules), **ask(*sys.argv[1:])}, sys.stdout)
