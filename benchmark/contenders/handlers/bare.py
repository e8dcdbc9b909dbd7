"""The least that HTTP costs: an ASGI application that reads the body and answers 204."""

from starlette.types import Receive, Scope, Send

START = {"type": "http.response.start", "status": 204, "headers": []}
END = {"type": "http.response.body", "body": b""}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every request 204 once its body is complete; has no lifespan."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    while (await receive()).get("more_body"):
        pass
    await send(START)
    await send(END)
