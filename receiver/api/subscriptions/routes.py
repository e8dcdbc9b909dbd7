"""The routes under `/subscriptions`: the ledger, and what is told of a subscription."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.pages import PageResponse, Pages
from receiver.api.subscriptions.cursor import KeyCursor
from receiver.api.subscriptions.filters import LedgerFilters, RegisterSubscription
from receiver.api.subscriptions.resources import SubscriptionPage, SubscriptionResource
from receiver.errors import ReceiverError
from receiver.log import audit
from receiver.projection.subscriptions.registering import read_answer
from receiver.store.credentials.credentials import Credential, Role
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection
from receiver.store.subscriptions.registrations import Registrations


def ledger_router(*, guard: Guard, ledger: Ledger, pages: Pages) -> APIRouter:
    """Makes the route of the ledger."""
    router = guard.router("subscriptions", "questions", Role.READER)

    @router.get(
        "/subscriptions",
        operation_id="listSubscriptions",
        summary="Subscriptions, and what became of them",
        response_model=SubscriptionPage,
        responses=documented(400),
    )
    async def list_subscriptions(filters: Annotated[LedgerFilters, Query()]) -> PageResponse:
        """Each subscription of which an event came, or which was registered. A page may have
        fewer items than `limit`, and more behind it: `nextCursor` says so."""
        selection = filters.select()
        cursor = KeyCursor(selection, filters.order)
        entries, end = await ledger.page(
            selection,
            order=filters.order,
            after=cursor.read(filters.cursor),
            limit=filters.limit,
        )
        return await pages.write(entries, end, cursor, SubscriptionResource.of)

    return router


def registration_router(
    *,
    guard: Guard,
    ledger: Ledger,
    registrations: Registrations,
    namespace: Callable[[], UUID],
    clock: Callable[[], datetime],
) -> APIRouter:
    """Makes the route of registration, for the roles `registrar` and `admin`."""
    router = guard.router("subscriptions", "registrations", Role.REGISTRAR)

    @router.post(
        "/subscriptions",
        operation_id="registerSubscription",
        summary="Register what a provider answered",
        status_code=201,
        response_model=SubscriptionResource,
        response_model_exclude_none=True,
        responses={
            200: {"model": SubscriptionResource, "description": "It was registered before."},
            **documented(400, 408, 413),
        },
    )
    async def register_subscription(
        told: RegisterSubscription, request: Request, response: Response
    ) -> SubscriptionResource:
        """Its expiry, its largest number of events, its types and its device. Told again, each
        member that is there counts, and what is left out stays. Events that name no device but
        this subscription are then those of the device that is told, whenever they came."""
        caller: Credential = request.state.credential
        request.state.is_audited = True
        outcome = "failed"
        try:
            subscription_id, registration = read_answer(
                told.subscription, told.device, namespace=namespace(), registered_at=clock()
            )
            key = told.credential, subscription_id
            is_new = await registrations.register(key, registration)
            outcome = "registered" if is_new else "changed"
        except ReceiverError as error:
            outcome = error.word
            raise
        finally:
            audit("subscription.register", credential=caller.name, outcome=outcome)
        response.status_code = 201 if is_new else 200
        selection = LedgerSelection(
            credentials=[told.credential], subscription_ids=[subscription_id]
        )
        [entry], _ = await ledger.page(selection, order="asc", after=None, limit=1)
        return SubscriptionResource.of(entry)

    return router
