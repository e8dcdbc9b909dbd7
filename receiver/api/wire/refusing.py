"""Refusing: the wire's own answer that ends a connection, behind the answers that it still owes."""

from typing import Any

from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.answers.translation import write_answer
from receiver.api.wire.gathering import GatheringProtocol
from receiver.errors import NotHttp, ReceiverError


class RefusingProtocol(GatheringProtocol):
    """uvicorn's protocol, which refuses what is no request in bounds as an `ErrorInfo`.

    Well-formed requests that came before on the same connection are answered first.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._refusal: ReceiverError | None = None

    def send_400_response(self, msg: str) -> None:
        """Answers bytes that are not HTTP; `msg` is uvicorn's own sentence, never the bytes."""
        self._refuse(NotHttp(msg))

    def _refuse(self, error: ReceiverError) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self._end_with(error)
        elif self.cycle.more_body and not self.pipeline:
            # The body belongs to the request that is being served; it gets no other answer.
            if self.cycle.response_started:
                self.transport.close()
            else:
                self.cycle.disconnected = True
                self._end_with(error)
        else:
            if self.cycle.more_body:
                self.pipeline.popleft()
            self._refusal = error

    def _end_with(self, error: ReceiverError) -> None:
        status, answer = write_answer(error)
        self.transport.write(answer)
        self.app_state[COUNT_ANSWER]("connection", status, error.word)
        self.transport.close()
