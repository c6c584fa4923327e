"""The log on its way to the store (architecture.md section 6, rule 12)."""

from __future__ import annotations

import pytest

from app.executors import ChunkedLog
from app.executors._log import CHUNK, TAIL

T0 = "2024-01-02T03:04:05.000Z "
START = 1704164645.0


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def chunks():
    return []


@pytest.fixture
def log(chunks, clock):
    return ChunkedLog(lambda *chunk: chunks.append(chunk), ["s3cr3t"], clock, 10**6)


def test_lines_have_times_and_chunks_their_section(log, chunks):
    log.section("Setup")
    log.write(b"a\nb\n")
    log.section("Task 0")
    log.write(b"c\n")
    log.close()
    assert chunks == [("Setup", f"{T0}a\n{T0}b\n", START), ("Task 0", f"{T0}c\n", START)]


def test_a_chunk_waits_a_second_at_most(log, chunks, clock):
    log.write(b"a\n")
    clock.at += 0.9
    log.write(b"")
    assert chunks == []
    clock.at += 0.1
    log.write(b"")
    assert [text for _, text, _ in chunks] == [f"{T0}a\n"]
    clock.at += 5
    log.write(b"")
    assert len(chunks) == 1


def test_a_chunk_is_256_kb_at_most(log, chunks):
    log.write(b"x" * (CHUNK + 10))
    assert [len(text) for _, text, _ in chunks] == [CHUNK, 10 + len(T0)]


def test_a_line_that_a_chunk_cuts_goes_on_without_a_second_time(log, chunks, clock):
    log.write(b"50%")
    clock.at += 1
    log.write(b" 60%")
    log.write(b"\nnext\n")
    log.close()
    assert "".join(text for _, text, _ in chunks) == f"{T0}50% 60%\n{T0.replace('05.000', '06.000')}next\n"


def test_an_open_line_ends_with_its_section(log, chunks):
    log.section("a")
    log.write(b"no end")
    log.section("b")
    log.write(b"c\n")
    log.close()
    assert [text for _, text, _ in chunks] == [f"{T0}no end\n", f"{T0}c\n"]


def test_secrets_are_masked_also_when_cut_by_writes(log, chunks, clock):
    log.write(b"a s3c")
    clock.at += 2
    log.write(b"r3t b s3c")
    log.close()
    assert "".join(text for _, text, _ in chunks) == f"{T0}a *** b s3c\n"


def test_characters_cut_by_writes_and_bytes_that_are_none(log, chunks):
    for byte in "é😀".encode():
        log.write(bytes([byte]))
    log.write(b"\xff\0\n")
    log.close()
    assert "".join(text for _, text, _ in chunks) == f"{T0}é😀\ufffd\ufffd\n"


def test_a_log_that_is_too_long_keeps_its_beginning_and_its_end(chunks, clock):
    log = ChunkedLog(lambda *chunk: chunks.append(chunk), [], clock, 1000)
    for number in range(20_000):
        log.write(f"{number}\n".encode())
    log.section("after")
    log.write(b"the end\n")
    log.close()
    log.close()
    text = "".join(text for _, text, _ in chunks)
    assert text.startswith(f"{T0}0\n")
    assert text.endswith("the end\n")
    assert "characters are left out here: the log is longer than 1000 …" in text
    assert len(text) < 1000 + TAIL + 200


def test_a_log_of_exactly_the_limit_has_no_note(chunks, clock):
    log = ChunkedLog(lambda *chunk: chunks.append(chunk), [], clock, len(T0) + 2)
    log.write(b"a\n")
    log.close()
    assert [text for _, text, _ in chunks] == [f"{T0}a\n"]
