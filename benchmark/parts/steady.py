"""Latency at a low rate, beside the least that HTTP and a commit cost."""

from benchmark.contenders import catalogue
from benchmark.load import bare_commit
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import find_percentile, send
from benchmark.measuring import accounting
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Case
from benchmark.measuring.results import Latency

# A quarter of what the slowest case, the sync tutorial, stores at saturation.
RATE = 100.0
# 200 requests warm the caches and open the connections.
WARM_SECONDS = 2.0
COMMIT = "commit"
CASES = (
    Case("bare", catalogue.BARE.title, catalogue.BARE),
    Case("ours", "this service, one worker", catalogue.OURS),
    Case("careful", catalogue.CAREFUL.title, catalogue.CAREFUL),
    Case("tutorial-sync", catalogue.TUTORIAL_SYNC.title, catalogue.TUTORIAL_SYNC),
)


def take(bench: Bench, rounds: int, seconds: float) -> list[Latency]:
    """Measures each case in each round."""
    samples: list[Latency] = []
    for round_ in range(1, rounds + 1):
        samples.append(_bare_commit(bench, round_, seconds))
        samples += [_case(bench, case, round_, seconds) for case in CASES]
        for sample in samples[-len(CASES) - 1 :]:
            bench.say(f"round {round_}  {sample.case:16} p99 {sample.p99_ms:7.2f} ms")
    return samples


def _case(bench: Bench, case: Case, round_: int, seconds: float) -> Latency:
    with bench.start(case) as (running, url):
        warm, series = new_series(), new_series()
        address, token = running.address, running.token
        send(address, token, warm.body, rate=RATE, seconds=WARM_SECONDS)
        answers = send(address, token, series.body, rate=RATE, seconds=seconds)
        good = [answer for answer in answers if answer.status == 204]
        stored = case.contender.stored
        lost: set[str] = set()
        if stored is not None:
            ids = (series.event_id(answer.number) for answer in good)
            lost = accounting.find_missing(url, stored, ids)
    latencies = [answer.seconds for answer in answers]
    return _steady(case.name, round_, len(answers), len(good) - len(lost), latencies)


def _bare_commit(bench: Bench, round_: int, seconds: float) -> Latency:
    with bench.server.make_database("bare-commit") as url:
        bare_commit.prepare(url)
        bare_commit.commit(url, new_series(), rate=RATE, seconds=WARM_SECONDS)
        series = new_series()
        latencies = bare_commit.commit(url, series, rate=RATE, seconds=seconds)
        found = accounting.count(url, bare_commit.STORED, series)
    return _steady(COMMIT, round_, len(latencies), found.events, latencies)


def _steady(case: str, round_: int, sent: int, stored: int, seconds: list[float]) -> Latency:
    p50, p99, p999 = (1000 * find_percentile(seconds, share) for share in (0.5, 0.99, 0.999))
    return Latency(case, round_, RATE, sent, stored, p50, p99, p999)
