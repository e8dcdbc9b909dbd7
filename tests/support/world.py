"""One story that two services are told in different orders, and a replay of it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from receiver.simulator.notification import Notification
from receiver.simulator.plan import Forms, Plan
from receiver.simulator.sending import send
from tests.support.between import seeded
from tests.support.replay import Replay
from tests.support.service import Installation, Service, bearer

UNTIL = datetime(2026, 10, 1, tzinfo=UTC)
# Every third notification is sent again, at another moment.
AGAIN = 3


@dataclass(frozen=True, slots=True)
class World:
    """What happened, and two services that were told of it in different orders.

    Attributes:
        installations: on which the services run.
        ids: the device ids by phone number, or by the subscription that is all that is named.
    """

    replay: Replay
    services: Sequence[Service]
    installations: Sequence[Installation]
    token: str
    ids: dict[str, str]

    def ask(self, service: Service, path: str, **parameters: str) -> Any:
        """The document that a service answers."""
        answer = service.http.get(path, params=parameters, headers=bearer(self.token))
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def devices(self) -> dict[str, str]:
        """The devices that stand for themselves, by their ids."""
        return {
            device_id: device
            for device, device_id in self.ids.items()
            if not self.replay.stands_for_another(device)
        }

    def walk(self, service: Service, path: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """All items of all pages of a list."""
        parameters.setdefault("limit", "100")
        while True:
            page = self.ask(service, path, **parameters)
            yield from page["items"]
            if "nextCursor" not in page:
                return
            parameters["cursor"] = page["nextCursor"]


@contextmanager
def open_world(seed: Path, count: int) -> Iterator[World]:
    """One service hears all in order, in batches; the other in disorder, and a third again."""
    plan = Plan(until=UNTIL, count=count, forms=Forms.ALL)
    alone = list(plan.make_notifications())
    batches = list(replace(plan, batch=5).make_notifications())
    chance = Random(plan.seed)  # noqa: S311 - a test must be repeatable, and keeps no secret
    disordered = [*alone, *chance.sample(alone, len(alone) // AGAIN)]
    chance.shuffle(disordered)
    with ExitStack() as stack:
        services, installations = [], []
        for sent in (batches, disordered):
            installation = stack.enter_context(seeded(seed))
            service = stack.enter_context(installation.serve())
            tell(service, installation.token("sink"), sent)
            services.append(service)
            installations.append(installation)
        token = installation.token("reader")
        replay = Replay((notification.body, notification.headers) for notification in alone)
        ids: dict[str, str] = {}
        world = World(replay, services, installations, token, ids)
        for event in world.walk(services[0], "/events", limit="1000"):
            subject = event["device"].get("phoneNumber", event["subscriptionId"])
            assert ids.setdefault(subject, event["deviceId"]) == event["deviceId"]
        assert ids.keys() >= set(replay.devices)
        yield replace(world, ids={device: ids[device] for device in replay.devices})


def tell(service: Service, token: str, sent: Sequence[Notification]) -> None:
    """Sends notifications, which are all stored."""
    url = f"{service.address}/notifications"
    sending = send(sent, url=url, token=token, rate=None, concurrency=16, on_answer=lambda *_: None)
    summary = asyncio.run(sending)
    assert summary.answers == {204: len(sent)}
