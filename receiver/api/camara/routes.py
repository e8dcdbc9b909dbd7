"""The routes of the retrieve calls: one for each version of an API."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from uuid import UUID

from fastapi import APIRouter

from receiver.api.access.guard import Guard
from receiver.api.answers.resource import Resource
from receiver.api.camara.errors import document, worded_as
from receiver.api.camara.reading import Reading
from receiver.api.camara.requests import RetrieveRequest, read_identifier
from receiver.api.camara.version import Version
from receiver.errors import IdentifierNotFound
from receiver.events.event import Device
from receiver.store.credentials.credentials import Role
from receiver.store.status.statuses import Statuses

# Finds the device that an identifier means; see `receiver.api.questions.resolving.Resolver`.
Resolve = Callable[[Device], Awaitable[UUID]]


def retrieve_routers(
    versions: Iterable[Version],
    *,
    guard: Guard,
    statuses: Statuses,
    resolve: Resolve,
    is_last_known_told: bool,
) -> Iterator[APIRouter]:
    """Makes a router for each version.

    Args:
        is_last_known_told: whether a value that is not known any more is told, with its old time.
    """
    for version in versions:
        router = guard.router(
            "retrieve",
            "retrieve",
            Role.READER,
            call_scope=version.scope,
            key_header=version.key_header,
        )
        router.route_class = worded_as(version.wordings, router.route_class)
        router.add_api_route(
            version.path,
            _make_endpoint(version, statuses, resolve, is_last_known_told=is_last_known_told),
            methods=["POST"],
            operation_id=version.operation_id,
            summary=version.summary,
            description=_describe(version),
            response_model=version.response,
            response_model_exclude_none=True,
            responses=document(version.wordings),
        )
        yield router


def _describe(version: Version) -> str:
    sentences = [
        f"Answers as {version.release}, from what was pushed.",
        f"An access token may have the scope `{version.scope}` in place of a reader's.",
    ]
    if version.key_header is not None:
        sentences.append(f"The token may stand in `{version.key_header}`, as Nokia's SDK sends it.")
    return " ".join(sentences)


def _make_endpoint(
    version: Version, statuses: Statuses, resolve: Resolve, *, is_last_known_told: bool
) -> Callable[..., Awaitable[Resource]]:
    async def retrieve(asked: RetrieveRequest) -> Resource:
        chosen = asked.choose()
        status = await statuses.status(await resolve(read_identifier(chosen)))
        if status is None:
            raise IdentifierNotFound("No event of this device was ever received")
        reading = Reading(status, is_last_known_told=is_last_known_told)
        return version.answer(reading, chosen)

    # FastAPI reads and writes what the annotations name.
    retrieve.__annotations__ |= {"asked": version.request, "return": version.response}
    return retrieve
