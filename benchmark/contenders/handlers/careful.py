"""The careful handler: Core, an asynchronous pool, one `ON CONFLICT` insert a request."""

import hmac
import os
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine

from benchmark.contenders.contender import to_psycopg_url
from benchmark.contenders.handlers.models import NotificationBody
from benchmark.contenders.tables import NotificationOnce

# One statement in autocommit mode is one transaction, and spares BEGIN and COMMIT.
engine = create_async_engine(
    to_psycopg_url(os.environ["DATABASE_URL"]),
    pool_size=20,
    max_overflow=0,
    isolation_level="AUTOCOMMIT",
)
# Built once: building a statement costs more than sending it.
INSERT = insert(NotificationOnce).on_conflict_do_nothing(index_elements=["source", "event_id"])

bearer = HTTPBearer(auto_error=False)
app = FastAPI()


async def authenticated(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> None:
    """Refuses a request without the token."""
    if credentials is None or not hmac.compare_digest(credentials.credentials, "my-token"):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


@app.post(
    "/notifications",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(authenticated)],
)
async def receive_notification(notification: NotificationBody) -> None:
    """Stores a notification, once."""
    data = notification.data
    row = {
        "event_id": notification.id,
        "source": notification.source,
        "type": notification.type,
        "time": notification.time,
        "phone_number": data.device.phoneNumber,
        "subscription_id": data.subscriptionId,
        "payload": notification.model_dump(mode="json", exclude_unset=True),
    }
    async with engine.connect() as connection:
        await connection.execute(INSERT, row)
