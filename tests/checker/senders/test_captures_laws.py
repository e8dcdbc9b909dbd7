"""Laws of reading: whatever form a stream has, its notifications are the same, to the letter."""

import gzip
import io
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rich.console import Console

from receiver.checker.senders import captures
from receiver.checker.senders.captures import read_captures
from receiver.checker.senders.document import compose_document
from receiver.checker.senders.page import compose_page
from receiver.checker.senders.tally import count_all
from receiver.checker.senders.text import print_document
from receiver.importer.lines import read_ndjson
from tests.support.lengths import lengths
from tests.support.paths import ROOT

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
NOTIFICATIONS = st.lists(
    st.fixed_dictionaries({"id": st.text(max_size=9), "data": VALUES}), min_size=1, max_size=6
)


def read(content: bytes) -> list[bytes]:
    found = list(read_captures(io.BytesIO(content), read_ndjson))
    assert [capture.fault for capture in found] == [None] * len(found)
    return [capture.body for capture in found]


@pytest.mark.parametrize("count", lengths(40, 2000))
def test_each_form_of_a_stream_has_the_same_notifications(count: int) -> None:
    @settings(max_examples=count)
    @given(NOTIFICATIONS, st.integers(1, 70), st.booleans())
    def law(sent: list[dict[str, object]], chunk: int, is_ascii: bool) -> None:
        bodies = [json.dumps(each, ensure_ascii=is_ascii).encode() for each in sent]
        pretty = [json.dumps(each, ensure_ascii=is_ascii, indent=1).encode() for each in sent]
        assert read(b"\n".join(bodies)) == bodies
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(captures, "CHUNK_BYTES", chunk)
            assert read(b"\r\n \n".join(pretty)) == pretty
            assert read(b"[\n" + b" ,\n".join(bodies) + b"\n]\n") == bodies
            assert read(gzip.compress(b"[\n" + b",".join(pretty) + b"]")) == pretty

    law()


@pytest.mark.parametrize("count", lengths(40, 500))
def test_whatever_a_file_holds_there_is_a_report_on_it(count: int) -> None:
    samples = [path.read_bytes() for path in sorted((ROOT / "tests/samples").glob("*/*.json"))]
    pieces = st.sampled_from(samples) | st.binary(max_size=30) | st.sampled_from(
        [b"[", b"]", b",", b"\n", b'{"body": ', b"}", b"NaN", b"1e999", b'"\\ud800"', b"9" * 5000]
    )  # fmt: skip

    @settings(max_examples=count)
    @given(st.lists(pieces, max_size=6), st.integers(0, 2000), st.binary(max_size=3))
    def law(parts: list[bytes], place: int, wrong: bytes) -> None:
        whole = b"".join(parts)
        content = whole[:place] + wrong + whole[place + 2 :]
        # Broken gzip is the caller's to tell.
        assume(not content.startswith(captures.GZIP))
        found = read_captures(io.BytesIO(content), read_ndjson)
        document = compose_document("X", count_all(("file", capture) for capture in found))
        assert compose_page(document).encode()
        print_document(document, Console(file=io.StringIO()))

    law()
