"""A request to the sink without a wire."""

from starlette.types import Scope

from receiver.api.answers.exchange import Answer


class Request:
    """A whole request that remembers its answer."""

    body = b"{}"

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.scope: Scope = {"headers": list(headers)}
        self.headers = dict(reversed(headers))
        self.answers: list[tuple[int, bytes]] = []

    async def read_body(self, limit_bytes: int) -> bytes:
        return self.body

    def respond(self, answer: Answer, correlator: bytes) -> None:
        self.answers.append((answer.status, correlator))
