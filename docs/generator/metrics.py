"""`metrics.md`: every metric, and the words that its labels may hold."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from docs.generator import markdown
from receiver.api.answers.translation import ANSWERS
from receiver.errors import ReceiverError, TooManyRequests, Unauthenticated
from receiver.metrics.initial_series import INITIAL_SERIES
from receiver.metrics.metrics import CREDENTIALS_LIMIT, Metrics
from receiver.metrics.reading import Reading
from receiver.store.credentials.credentials import Role

INTRODUCTION = """
`GET /metrics` answers in the text format of Prometheus and covers all workers of the service.
[operating.md](operating.md#watch-it) says what to watch. A figure that comes from the database is
the last known one while the database is away, and is absent until it was known once.
"""

SERIES = """
The series of `receiver_answers_total` that an operator waits for are shown as 0 from the start, so
that Prometheus sees the first increase:
"""

CALLS = {
    "notifications": "calls of `/notifications`: the sink, its handshake, and what misses it",
    "questions": "the calls below `/devices` and `/events` that read, and `GET /subscriptions`",
    "exports": "`GET /events/export`",
    "retrieve": "the retrieve calls of CAMARA and its vendors",
    "registrations": "`POST /subscriptions`",
    "quarantine": "the calls below `/quarantine`",
    "erasure": "`POST /devices/forget` and `DELETE` of a device",
    "console": "pages for people; what they ask counts as the calls that it asks",
    "operations": "`/livez`, `/readyz` and `/metrics`",
    "other": "paths that no call has, and the description of the calls: `/docs`, `/openapi.json`",
    "connection": "what ended before it was a request",
}

CREDENTIAL = (
    "the name of a credential, or `jwt:` and the client of an access token; `other` for those "
    f"beyond the first {CREDENTIALS_LIMIT}"
)

# Words beside those of the errors.
OTHER_REASONS = (
    ("ok", "", "The answer is no error."),
    ("not-found", "404", "No call has this path."),
    ("method-not-allowed", "405", "The path has no such method."),
    ("wrong-method", "405", "A sender used another method than POST; the body is in quarantine."),
    ("wrong-path", "404", "A sender posted to another path; the body is in quarantine."),
    ("hung-up", "400", "The caller hung up before its body was complete."),
    ("internal", "500", "An unexpected error; the log has it."),
    ("not-ready", "503", "The answer of `/readyz` while the service cannot store and answer."),
)


def page() -> str:
    """Returns the page."""
    head = ("metric", "type", "labels", "help")
    reasons = sorted([*OTHER_REASONS, *_reasons()])
    return markdown.page(
        "Metrics",
        INTRODUCTION,
        markdown.table(head, map(_row, _families())),
        "## Labels",
        "A label holds a word of a closed set or the name of a credential, never what was sent.",
        markdown.table(("label", "holds"), _labels()),
        "### call",
        markdown.table(("call", "counts"), [(f"`{call}`", words) for call, words in CALLS.items()]),
        "### reason",
        markdown.table(("reason", "status", "says"), [(f"`{a}`", b, c) for a, b, c in reasons]),
        SERIES,
        markdown.table(("call", "status", "reason"), map(_series, INITIAL_SERIES)),
    )


def _families() -> Iterator[Metric]:
    """Yields every metric, each with at least one sample."""
    metrics = Metrics(queue_limit_notifications=1)
    metrics.note_arrival("operator", datetime.now(UTC))
    metrics.count_quarantined("operator", 1)
    metrics.add_task("credentials", datetime.now(UTC))
    reading = Reading(
        quarantine_rows=0,
        partitions_ahead=0,
        projection_lag_seconds=0.0,
        projection_derivation=1,
        projection_rebuilt_ratio=1.0,
        credential_left_seconds={("operator", str(Role.SINK)): math.inf},
    )
    yield from text_string_to_metric_families(metrics.exposition(reading).decode())


def _row(family: Metric) -> tuple[str, str, str, str]:
    name = family.name + "_total" * (family.type == "counter")
    labels = dict.fromkeys(label for sample in family.samples for label in sample.labels)
    # The bound of a bucket, which the format itself adds.
    labels.pop("le", None)
    return markdown.code(name), family.type, markdown.codes(labels), family.documentation


def _labels() -> Iterator[tuple[str, str]]:
    yield "`call`", "[what was called](#call)"
    yield "`status`", "the HTTP status of the answer"
    yield "`reason`", "[`ok`, or why the answer is an error](#reason)"
    yield "`credential`", CREDENTIAL
    yield "`role`", markdown.codes(Role)
    yield "`state`", "what is to be seen of the subscriptions: `ending`, `overdue` or `silent`"
    yield "`task`", "the name of [a background task](operating.md#background-tasks)"


def _reasons() -> Iterator[tuple[str, str, str]]:
    """Yields word, status and meaning of each error that becomes an answer."""
    for kind in _below(ReceiverError):
        answer = next((ANSWERS[base] for base in kind.__mro__ if base in ANSWERS), None)
        if answer is not None:
            meaning = (kind.__doc__ or "").partition("\n\n")[0]
            yield kind.word, str(int(answer[0])), " ".join(meaning.split())


def _below(kind: type[ReceiverError]) -> Iterator[type[ReceiverError]]:
    """Yields the errors below one, without those that are only what others have in common."""
    for child in kind.__subclasses__():
        if child not in {Unauthenticated, TooManyRequests}:
            yield child
        yield from _below(child)


def _series(series: tuple[str, int, str]) -> tuple[str, str, str]:
    call, status, reason = series
    return markdown.code(call), str(status), markdown.code(reason)
