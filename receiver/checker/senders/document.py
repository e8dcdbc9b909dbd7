"""The report about a sender as one JSON document, of which text and page are made.

The members of the document:

    sender          the name that was given
    totals          notifications, understood, withFindings, refused; of those understood:
                    duplicates, idsReused, outOfOrder
    period          firstOccurredAt, lastOccurredAt; absent where no time is known
    lateness        only where the file says when they were received: notifications, longestSeconds,
                    and within: [{seconds, notifications}]
    forms, kinds, types, eventVersions
                    notifications by name; the types of an API and version are one event version
    broken          [{rule, notifications, share, level, meaning, specification: {source, versions},
                    instead, example: {place, mediaType, notification}}], the most frequent first
    refused         [{reason, notifications, share, example}], the most frequent first
    kept            the rules that nothing broke

A share is one of all notifications. Each example is masked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from receiver.checker.senders.advice import EVERY_VERSION, INSTEAD, find_level
from receiver.checker.senders.tally import IDS_MAX, LATENESS_BOUNDS, Fault, Tally
from receiver.checker.verdict import Severity
from receiver.events.breaches import BREACHES
from receiver.events.findings import Finding
from receiver.events.meanings import MEANINGS

Members = dict[str, object]

# Rules that only a whole stream can break.
ID_NOT_UNIQUE = "id-not-unique"


class _Rule(NamedTuple):
    level: str
    meaning: str
    source: str
    versions: str
    instead: str


_OF_STREAMS = {
    ID_NOT_UNIQUE: _Rule(
        EVERY_VERSION,
        f"An `id` came again from the same `source`, within {IDS_MAX} notifications, and said "
        "something else; it was taken as another event.",
        "CloudEvents 1.0.2, REQUIRED Attributes: `source` and `id` are unique for each event",
        "all",
        "a new `id` for each event, such as a UUID, and the same only for the same event again",
    )
}


def compose_document(sender: str, tally: Tally) -> Members:
    """Returns the report; the same stream gives the same document."""
    broken = dict(tally.broken)
    if tally.reused is not None:
        broken[ID_NOT_UNIQUE] = tally.reused
    refused = sum(fault.count for fault in tally.refused.values())
    document: Members = {
        "sender": sender,
        "totals": {
            "notifications": tally.notifications,
            "understood": tally.understood,
            "withFindings": tally.with_findings,
            "refused": refused,
            "duplicates": tally.duplicates,
            "idsReused": 0 if tally.reused is None else tally.reused.count,
            "outOfOrder": tally.out_of_order,
        },
    }
    if tally.first_at is not None and tally.last_at is not None:
        document["period"] = {
            "firstOccurredAt": _format(tally.first_at.isoformat(timespec="microseconds")),
            "lastOccurredAt": _format(tally.last_at.isoformat(timespec="microseconds")),
        }
    if tally.late_by:
        document["lateness"] = _compose_lateness(tally)
    return document | {
        "forms": _sort(tally.forms),
        "kinds": _sort(tally.kinds),
        "types": _sort(tally.types),
        "eventVersions": _sort(tally.versions),
        "broken": [
            _compose_rule(rule, fault, tally.notifications) for rule, fault in _rank(broken)
        ],
        "refused": [
            {"reason": reason, **_compose_fault(fault, tally.notifications)}
            for reason, fault in _rank(tally.refused)
        ],
        "kept": [rule for rule in (*map(str, Finding), *_OF_STREAMS) if rule not in broken],
    }


def _compose_rule(rule: str, fault: Fault, total: int) -> Members:
    level, meaning, source, versions, instead = _OF_STREAMS.get(rule) or _find_rule(Finding(rule))
    count, share, example = _compose_fault(fault, total).items()
    return dict(
        [
            ("rule", rule),
            count,
            share,
            ("level", level),
            ("meaning", meaning),
            ("specification", {"source": source, "versions": versions}),
            ("instead", instead),
            example,
        ]
    )


def _find_rule(finding: Finding) -> _Rule:
    source, versions = BREACHES[finding]
    return _Rule(find_level(finding), MEANINGS[finding], source, versions, INSTEAD[finding])


def _compose_fault(fault: Fault, total: int) -> Members:
    example: Members = {"place": fault.example.place}
    if fault.example.media_type is not None:
        example["mediaType"] = fault.example.media_type
    example["notification"] = fault.example.notification
    return {
        "notifications": fault.count,
        "share": round(fault.count / total, 4),
        "example": example,
    }


def _compose_lateness(tally: Tally) -> Members:
    counts = accumulate(tally.late_by[bound] for bound in LATENESS_BOUNDS)
    within: list[Members] = [
        {"seconds": bound, "notifications": count}
        for bound, count in zip(LATENESS_BOUNDS, counts, strict=True)
    ]
    return {
        "notifications": tally.late_by.total(),
        "longestSeconds": round(tally.longest_late, 3),
        "within": within,
    }


def _rank(faults: Mapping[str, Fault]) -> Iterable[tuple[str, Fault]]:
    return sorted(faults.items(), key=lambda found: (-found[1].count, found[0]))


def _sort(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda found: (-found[1], found[0])))


def _format(time: str) -> str:
    return time.removesuffix("+00:00") + "Z"


def find_severity(document: Members) -> Severity:
    """Returns how grave the gravest fault of a report is."""
    if document["refused"]:
        return Severity.REFUSED
    return Severity.WITH_FINDINGS if document["broken"] else Severity.CLEAN
