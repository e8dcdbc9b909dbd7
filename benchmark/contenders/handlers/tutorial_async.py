"""The tutorial's handler made asynchronous: an AsyncSession, a commit per request."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from benchmark.contenders.contender import to_psycopg_url
from benchmark.contenders.handlers.models import NotificationBody
from benchmark.contenders.tables import Notification

engine = create_async_engine(
    to_psycopg_url(os.environ["DATABASE_URL"]), pool_size=20, max_overflow=0
)
new_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def session() -> AsyncIterator[AsyncSession]:
    """Opens a session for one request."""
    async with new_session() as opened:
        yield opened


@app.post("/notifications", status_code=204)
async def receive_notification(
    notification: NotificationBody,
    session: Annotated[AsyncSession, Depends(session)],
    authorization: Annotated[str | None, Header()] = None,
) -> None:
    """Stores a notification."""
    if authorization != "Bearer my-token":
        raise HTTPException(401)
    session.add(
        Notification(
            event_id=notification.id,
            source=notification.source,
            type=notification.type,
            time=notification.time,
            phone_number=notification.data.device.phoneNumber,
            subscription_id=notification.data.subscriptionId,
            payload=notification.model_dump(mode="json"),
        )
    )
    await session.commit()
