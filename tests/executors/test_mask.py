"""The masker: no form of a secret leaves, whatever the pieces in which it comes, and quickly."""

from __future__ import annotations

import base64
import json
from time import perf_counter
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.executors._mask import Masker

TOKEN = 'gh p_Aä/+9&x"y'
PEM = "-----BEGIN KEY-----\nMIIEvQIBADAN\n  BgkqhkiG9w0B\nab\n-----END KEY-----\n"


def masked(secrets: list[str], text: bytes, size: int = 10**9) -> bytes:
    masker = Masker(secrets)
    return b"".join(masker.feed(text[at : at + size]) for at in range(0, len(text), size)) + masker.flush()


@pytest.mark.parametrize(
    "form",
    [
        TOKEN,
        quote(TOKEN),
        quote(TOKEN, safe=""),
        quote_plus(TOKEN),
        quote(TOKEN, safe="").lower().replace("gh%20p_a", "gh%20p_A"),
        json.dumps(TOKEN)[1:-1],
        json.dumps(TOKEN, ensure_ascii=False)[1:-1],
    ],
)
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_secret_is_masked_in_every_form_and_however_it_is_cut(form, size):
    assert masked([TOKEN], f"a{form}b".encode(), size) == b"a***b"


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_masked_at_every_alignment(before, encode):
    secret = "s3cr3t-t0k3n-v4lu3>>>???"
    encoded = encode(b"u" * before + secret.encode() + b"tail")
    shown = masked([secret], encoded)
    assert b"***" in shown
    assert len(shown.replace(b"***", b"")) <= (before * 8 + 5) // 6 + 10


def test_each_longer_line_of_a_secret_of_several_is_masked():
    assert masked([PEM], b"x MIIEvQIBADAN y BgkqhkiG9w0B z ab\n") == b"x *** y *** z ab\n"
    assert masked([PEM], PEM.encode()) == b"***"


def test_secrets_that_overlap_are_one_gap():
    assert masked(["abcdef", "defghi"], b"_abcdefghi_", 3) == b"_***_"
    for size in range(1, 8):
        assert masked(["abab"], b"_ababababab_", size) == b"_***_"
        assert masked(["abab", "bxyz"], b"ababxyzabaab", size) == b"***abaab"
    assert masked(["abc", "abcdef"], b"abcdeX abcdef") == b"***deX ***"


def test_strings_too_short_to_mask_are_shown():
    assert masked(["", "a", "ab"], b"a ab abc") == b"a ab abc"


def test_only_what_may_begin_a_secret_is_held_back():
    masker = Masker(["secret-token"])
    assert masker.feed(b"output\n") == b"output\n"
    assert masker.feed(b"a sec") == b"a "
    assert masker.feed(b"ond") == b"second"
    assert masker.feed(b"secret-toke") == b""
    assert masker.flush() == b"secret-toke"


@given(st.binary(max_size=60), st.integers(1, 9), st.lists(st.sampled_from(["aab", "aba", "bbbb", "\0\1\2", "abaab"]), max_size=3))
def test_pieces_change_nothing_and_no_secret_stays(text, size, secrets):
    text = bytes(b"ab\0\1\2"[byte % 5] for byte in text)
    shown = masked(secrets, text, size)
    assert all(secret.encode() not in shown for secret in secrets)
    assert shown == masked(secrets, text)
    assert secrets or shown == text


def test_a_stream_that_is_all_secret_is_not_kept():
    masker = Masker(["abab"])
    shown = b"".join(masker.feed(b"ab" * 1000) for _ in range(50))
    assert shown == b"***"
    assert len(masker._held) < 4


def test_texts_are_masked_whole():
    assert Masker(["t0ken"]).text("a t0ken é") == "a *** é"


def test_20_secrets_are_searched_at_20_megabytes_a_second():
    secrets = [base64.b85encode(bytes(range(n, n + 24))).decode() for n in range(20)]
    block = (b"2024 INFO compiling foo/bar.c -> build/foo/bar.o [ok]; token=abc\n" * 1000)[: 64 * 1024]
    masker, blocks = Masker(secrets), 64
    began = perf_counter()
    for _ in range(blocks):
        masker.feed(block)
    assert blocks * len(block) / (perf_counter() - began) > 10e6, "half of what is asked, for busy machines"
