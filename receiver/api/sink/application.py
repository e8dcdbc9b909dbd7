"""FastAPI with one path that goes past it: a notification must not pay for what it does not use."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class Application(FastAPI):
    """FastAPI, and ahead of its middleware and routes an application for the POSTs of one path.

    Args:
        path: which.
        ahead: what answers them.
    """

    def __init__(self, *, path: str, ahead: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self._path = path
        self._ahead = ahead

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the caller, or runs the lifespan."""
        if scope.get("path") == self._path and scope.get("method") == "POST":
            await self._ahead(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
