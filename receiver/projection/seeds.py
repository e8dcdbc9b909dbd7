"""Seeds: the facts of dropped months that still decide an answer.

They are facts as any other, so that every fold takes them as it takes the facts that are kept: the
seeds and the kept facts give the registers, the subscriptions and, from the moment on that is kept,
the intervals that all facts give. The seeds of two parts have the seeds of both together in them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from receiver.events.axes import Axis
from receiver.projection.fact import Fact, Rank
from receiver.projection.ledger import ENDS, STARTED, UPDATED, Key
from receiver.projection.status import Point, read_points


def list_seeds(
    facts: Collection[Fact], kept_from: datetime, afters: Mapping[Axis, Collection[Rank]]
) -> list[Fact]:
    """Returns the seeds of facts that are to be dropped, without repetition.

    Args:
        facts: of one device, all stored before `kept_from`.
        kept_from: questions about the time from then on are answered as with all facts.
        afters: the ranks after which values now begin, as answers about the device have them.
    """
    in_order = sorted(facts, key=_rank)
    seeds = [*in_order[:1], *in_order[-1:]]
    # A sender's clock may be ahead of the moment.
    seeds += [fact for fact in in_order if fact.effective_at >= kept_from]
    for axis in Axis:
        told = [
            (point, fact) for fact in in_order if (point := read_points(fact).get(axis)) is not None
        ]
        if told:
            seeds += _list_on_axis(told, kept_from, afters.get(axis, ()))
    seeds += _list_of_subscriptions(in_order)
    return list({fact.digest: fact for fact in seeds}.values())


def _list_on_axis(
    told: Sequence[tuple[Point, Fact]], kept_from: datetime, afters: Iterable[Rank]
) -> list[Fact]:
    """Returns the seeds on one axis.

    They are what a register keeps, the value at the moment from which on is kept, and what values
    began with.

    Args:
        told: in the order of their rank.
    """
    latest, _ = told[-1]
    before = [one for one in told if one[0].rank.at < kept_from]
    others = [one for one in told if one[0].value != latest.value]
    # The latest of all is the latest before the moment, or counts later, and is kept for that.
    seeds = [told[0], *before[-1:], *others[-1:]]
    for after in (*(point.rank for point, _ in others[-1:]), *afters):
        seeds += [one for one in told if one[0].rank > after][:1]
    return [fact for _, fact in seeds]


def _list_of_subscriptions(in_order: Iterable[Fact]) -> list[Fact]:
    """Returns the seeds of subscriptions: the first fact of each name, and the latest of ends and
    updates.

    Args:
        in_order: in the order of their rank.
    """
    first: dict[tuple[Key, str], Fact] = {}
    latest: dict[tuple[Key, str], Fact] = {}
    for fact in sorted(in_order, key=lambda fact: (fact.effective_at, fact.digest)):
        if fact.subscription_id is None:
            continue
        key = fact.credential, fact.subscription_id
        first.setdefault((key, ""), fact)
        if fact.told_name is not None or fact.name == STARTED:
            first.setdefault((key, fact.told_name or fact.name), fact)
        if fact.name in ENDS:
            latest[key, "end"] = fact
        elif fact.name == UPDATED:
            latest[key, UPDATED] = fact
    return [*first.values(), *latest.values()]


def _rank(fact: Fact) -> Rank:
    return fact.rank
