"""The vendor's tutorial with a database: a `def` endpoint, a Session, a commit per request."""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from benchmark.contenders.contender import to_psycopg_url
from benchmark.contenders.handlers.models import NotificationBody
from benchmark.contenders.tables import Notification

# FastAPI runs forty of these endpoints at a time; with half as many connections none idles.
engine = create_engine(to_psycopg_url(os.environ["DATABASE_URL"]), pool_size=20, max_overflow=0)
new_session = sessionmaker(engine)
app = FastAPI()


def session() -> Iterator[Session]:
    """Opens a session for one request."""
    with new_session() as opened:
        yield opened


@app.post("/notifications", status_code=204)
def receive_notification(
    notification: NotificationBody,
    session: Annotated[Session, Depends(session)],
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
    session.commit()
