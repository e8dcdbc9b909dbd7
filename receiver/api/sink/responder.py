"""Answers each POST to the sink once, counts the answers, and supervises what answers later."""

import asyncio
from collections.abc import Coroutine

from receiver.api.answers.errors import answer_to
from receiver.api.answers.exchange import OK, Answer
from receiver.api.sink.posted import Posted
from receiver.metrics.metrics import Metrics

CALL = "notifications"
NO_CONTENT = Answer(204, OK, (), b"")


class Responder:
    """Owns the tasks in which requests continue, and the counts of answers."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._confirmed = 0

    def start(self, posted: Posted, steps: Coroutine[object, object, None]) -> None:
        """Continues a request in a task of its own; an error of its steps is its answer."""
        task = asyncio.create_task(self._run(posted, steps), name="notification")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def confirm(self, posted: Posted) -> None:
        """Answers 204: all of the request is durable."""
        if not self._confirmed:
            # Counting costs as much for one answer as for all answers of a turn.
            asyncio.get_running_loop().call_soon(self._count_confirmed)
        self._confirmed += 1
        posted.respond(NO_CONTENT)

    def fail(self, posted: Posted, error: BaseException) -> None:
        """Answers with an error."""
        answer = answer_to(error)
        self._metrics.count_answer(CALL, answer.status, answer.reason)
        posted.respond(answer)

    async def aclose(self) -> None:
        """Cancels what has not ended; it is answered 503."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, posted: Posted, steps: Coroutine[object, object, None]) -> None:
        posted.bind_log()
        try:
            await steps
        except Exception as error:  # the caller is owed an answer
            self.fail(posted, error)
        except asyncio.CancelledError as cancelled:
            self.fail(posted, cancelled)
            raise

    def _count_confirmed(self) -> None:
        confirmed, self._confirmed = self._confirmed, 0
        self._metrics.count_answer(CALL, NO_CONTENT.status, NO_CONTENT.reason, confirmed)
