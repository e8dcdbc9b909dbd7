"""Records are read back as they were written, up to the first that is not."""

from hypothesis import given
from hypothesis import strategies as st

from receiver.spool.frames import HEAD_BYTES, End, read_frames, write_frames

RECORDS = [b"first", b"", b"\x00" * 9, "später".encode()]


def read(content: bytes) -> tuple[list[bytes], End]:
    records, end = read_frames(content)
    return [bytes(record) for record in records], end


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_is_written_is_read(records: list[bytes]) -> None:
    assert read(write_frames(records)) == (records, End.WHOLE)


def test_a_last_record_that_is_torn_at_any_byte_is_left_out() -> None:
    content = write_frames(RECORDS)
    whole = len(write_frames(RECORDS[:-1]))
    for length in range(whole + 1, len(content)):
        assert read(content[:length]) == (RECORDS[:-1], End.TORN)


def test_zeros_behind_the_last_record_were_never_written() -> None:
    assert read(write_frames(RECORDS) + bytes(4096)) == (RECORDS, End.TORN)


def test_a_byte_that_changed_anywhere_is_damage_and_never_another_record() -> None:
    content = write_frames(RECORDS)
    starts = [len(write_frames(RECORDS[:number])) for number in range(len(RECORDS) + 1)]
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 0x41
        records, end = read(bytes(damaged))
        before = max(number for number, start in enumerate(starts) if start <= at)
        assert (records, end) == (RECORDS[:before], End.DAMAGED)


def test_a_record_takes_as_many_bytes_as_the_room_that_is_asked_for() -> None:
    assert len(write_frames(RECORDS)) == sum(map(len, RECORDS)) + HEAD_BYTES * len(RECORDS)
