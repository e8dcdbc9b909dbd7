"""Content codings: what is decoded, within which bounds, and what is refused."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import BodyTooLarge, CodingUnsupported, NotificationRefused
from receiver.intake import codings
from tests.support.bodies import cloudevent

BODY = cloudevent("roaming-on", {"note": "x" * 1000})
LIMIT = 256 * 1024


def compress_raw(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


WAYS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", compress_raw),
    ("identity", bytes),
    ("", bytes),
    (" identity , gzip", gzip.compress),
    ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
    ("gzip,,gzip", lambda body: gzip.compress(gzip.compress(body))),
]


def decode(coding: str, body: bytes, limit: int = LIMIT) -> tuple[bytes, bool]:
    return codings.decode({codings.HEADER: coding}, body, limit)


@pytest.mark.parametrize(("coding", "compress"), WAYS)
def test_a_body_is_decoded_as_its_header_says(
    coding: str, compress: Callable[[bytes], bytes]
) -> None:
    assert decode(coding, compress(BODY)) == (BODY, True)
    assert decode(coding, compress(b"")) == (b"", True)


@pytest.mark.parametrize(
    ("headers", "is_coded"),
    [
        ({}, False),
        ({codings.HEADER: ""}, False),
        ({codings.HEADER: "Identity"}, False),
        ({codings.HEADER: "identity, gzip"}, True),
        ({codings.HEADER: "br"}, True),
    ],
)
def test_identity_is_no_coding(headers: dict[str, str], is_coded: bool) -> None:
    assert codings.is_coded(headers) is is_coded


def test_gzip_in_several_members_is_one_body() -> None:
    parts = [BODY[start : start + 100] for start in range(0, len(BODY), 100)]
    assert decode("gzip", b"".join(map(gzip.compress, parts))) == (BODY, True)


@pytest.mark.parametrize(("coding", "compress"), WAYS)
def test_the_limit_holds_for_the_decoded_body_to_the_byte(
    coding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = bytes(range(256)) * 40
    if not codings.is_coded({codings.HEADER: coding}):
        return
    compressed = compress(body)
    assert decode(coding, compressed, len(body) + len(body) // 2) == (body, True)
    with pytest.raises(BodyTooLarge):
        decode(coding, compressed, len(body) - 1)


def test_the_limit_holds_for_all_members_of_gzip_together() -> None:
    two = gzip.compress(b"x" * 60) + gzip.compress(b"y" * 40)
    assert decode("gzip", two, 100) == (b"x" * 60 + b"y" * 40, True)
    for limit in (99, 60, 59):
        with pytest.raises(BodyTooLarge):
            decode("gzip", two, limit)


BOMB = b"\0" * 20_000_000
BOMBS: list[tuple[str, bytes]] = [
    ("gzip", gzip.compress(BOMB)),
    ("deflate", zlib.compress(BOMB)),
    ("deflate", compress_raw(BOMB)),
    ("gzip, gzip", gzip.compress(gzip.compress(BOMB))),
    ("gzip", gzip.compress(BODY) + gzip.compress(BOMB)),
]


@pytest.mark.parametrize(("coding", "bomb"), BOMBS)
def test_a_bomb_takes_little_more_memory_than_the_limit(coding: str, bomb: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            decode(coding, bomb)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 3 * LIMIT + len(bomb)


@pytest.mark.parametrize(
    ("coding", "compress"), [(name, way) for name, way in WAYS if name not in {"", "identity"}]
)
def test_a_body_that_is_cut_off_or_goes_on_behind_its_end_is_refused(
    coding: str, compress: Callable[[bytes], bytes]
) -> None:
    whole = compress(BODY)
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole[:3], b"", whole + b"x"):
        with pytest.raises(NotificationRefused) as refused:
            decode(coding, damaged)
        assert refused.value.place == "content-encoding"


@given(st.sampled_from(["gzip", "deflate", "gzip, deflate"]), st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(coding: str, body: bytes) -> None:
    for sent in (body, b"\x1f\x8b\x08" + body, zlib.compress(body)[:-1]):
        with suppress(NotificationRefused, BodyTooLarge):
            decode(coding, sent)


def test_gzip_in_very_many_members_is_refused() -> None:
    most = gzip.compress(b"") * codings.GZIP_MEMBERS_MAX
    assert decode("gzip", most) == (b"", True)
    with pytest.raises(NotificationRefused):
        decode("gzip", most + gzip.compress(b""))


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "br, gzip"])
def test_another_registered_coding_is_unsupported_by_name(coding: str) -> None:
    with pytest.raises(CodingUnsupported) as refused:
        decode(coding, BODY)
    assert str(refused.value).endswith(f", not {coding.replace('gzip', '').strip(' ,')}")


@pytest.mark.parametrize("coding", ["+99999991000", "gzip;q=1", "*", "gzip, gzip, gzip"])
def test_no_other_word_of_the_header_is_repeated(coding: str) -> None:
    with pytest.raises(CodingUnsupported) as refused:
        decode(coding, BODY)
    assert coding not in str(refused.value)


def test_gzip_that_the_headers_do_not_name_is_decoded_once() -> None:
    assert codings.decode({}, gzip.compress(BODY), LIMIT) == (BODY, False)
    assert decode("identity", gzip.compress(BODY)) == (BODY, False)
    assert decode("gzip", gzip.compress(gzip.compress(BODY))) == (BODY, False)
    thrice = gzip.compress(gzip.compress(gzip.compress(BODY)))
    assert decode("gzip", thrice) == (gzip.compress(BODY), False)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
@pytest.mark.parametrize("body", [BODY, b" \n" + BODY, b"[" + BODY + b"]"])
def test_json_with_a_header_too_many_is_left_as_it_is(coding: str, body: bytes) -> None:
    assert decode(coding, body) == (body, False)


def test_a_coding_that_is_named_twice_and_applied_once_is_undone_once() -> None:
    assert decode("gzip, gzip", gzip.compress(BODY)) == (BODY, False)
