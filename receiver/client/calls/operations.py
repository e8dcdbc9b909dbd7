"""Calls for admins and for those who run the service: quarantine, erasure, health, metrics."""

from datetime import datetime
from typing import Unpack
from uuid import UUID

from receiver.client.answers.operations import (
    Erasure,
    Liveness,
    QuarantinePage,
    Readiness,
    RefusedNotificationWithBody,
    ReprocessingOutcome,
)
from receiver.client.calls.arguments import (
    Identifiers,
    Order,
    Words,
    write_device,
    write_id,
    write_path,
    write_query,
)
from receiver.client.exchange import Answer, Call, read_as


def list_refused_notifications(
    *,
    credential: Words = (),
    state: Words = (),
    received_from: datetime | None = None,
    received_to: datetime | None = None,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[QuarantinePage]:
    """Returns the refused notifications, the latest arrival first, without what was sent."""
    query = write_query(
        credential=credential,
        state=state,
        received_from=received_from,
        received_to=received_to,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    return Call("GET", "/quarantine", read_as(QuarantinePage), query)


def get_refused_notification(refused_id: str) -> Call[RefusedNotificationWithBody]:
    """Returns one refused notification with its headers and its body."""
    path = write_path("/quarantine/{id}", id=refused_id)
    return Call("GET", path, read_as(RefusedNotificationWithBody))


def reprocess_refused_notification(refused_id: str) -> Call[ReprocessingOutcome]:
    """Has a refused notification parsed again, and returns what became of it."""
    path = write_path("/quarantine/{id}/reprocess", id=refused_id)
    return Call("POST", path, read_as(ReprocessingOutcome))


def forget_device(device_id: UUID | str) -> Call[Erasure]:
    """Erases a device and what stands for it, everywhere, by its id."""
    path = write_path("/devices/{device_id}", device_id=write_id(device_id))
    return Call("DELETE", path, read_as(Erasure))


def forget_device_by_identifier(**identifiers: Unpack[Identifiers]) -> Call[Erasure]:
    """Erases a device and what stands for it, everywhere, by an identifier."""
    body = {"device": write_device(identifiers)}
    return Call("POST", "/devices/forget", read_as(Erasure), body=body)


def get_liveness() -> Call[Liveness]:
    """Returns whether the process is alive."""
    return Call("GET", "/livez", read_as(Liveness))


def get_readiness() -> Call[Readiness]:
    """Returns that the service can store and answer; else `Unavailable` has the `reasons`."""
    return Call("GET", "/readyz", read_as(Readiness))


def get_metrics() -> Call[str]:
    """Returns every metric, in the text format of Prometheus."""
    return Call("GET", "/metrics", _read_text)


def _read_text(answer: Answer) -> str:
    return answer.body.decode()
