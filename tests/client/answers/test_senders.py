from receiver.client import Senders
from receiver.client.parsing import read
from tests.support.described import schemas


def test_the_example_of_the_answer_is_read() -> None:
    example = schemas()["Senders"]["example"]
    senders = read(Senders, example)
    assert [one.credential for one in senders.senders] == [
        one["credential"] for one in example["senders"]
    ]
    assert (
        senders.senders[0].lateness.p50_seconds == (example["senders"][0]["lateness"]["p50Seconds"])
    )
