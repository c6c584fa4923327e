"""The grammar of `secure:` texts (spec/workflow-language.md sections 2.4 and 7)."""

from __future__ import annotations

from base64 import b64encode

import pytest

from app.workflow.plan import Joined, Plan, PlannedFile, PlannedTask, Sealed, Secret
from app.workflow.secure import ciphertext, pairs, variables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1", {"A": "1"}),
        ("A=1 B=2\n", {"A": "1", "B": "2"}),
        ('K=V K2="v 2"', {"K": "V", "K2": "v 2"}),
        ("K='a \"b\" c' E=", {"K": 'a "b" c', "E": ""}),
        ("URL=https://x/?a=b#c", {"URL": "https://x/?a=b#c"}),
        (r"P=back\slash", {"P": r"back\slash"}),
        ("A=1 A=2", {"A": "2"}),
    ],
)
def test_pairs_are_separated_by_blanks_and_quotes_keep_them_together(text: str, found: dict[str, str]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no KEY=VALUE in it"),
        ("A=1 hush", "item 2 is no KEY=VALUE"),
        ("=hush", "item 1 is no KEY=VALUE"),
        ("-=hush", "item 1 is no KEY=VALUE"),
        ('A="hush', "a quote is opened and not closed"),
    ],
)
def test_what_is_no_pair_is_told_without_telling_what_it_is(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refusal:
        pairs(text)
    assert "hush" not in str(refusal.value)


def test_a_ciphertext_is_whole_blocks_of_256_bytes_in_base64_that_may_be_folded() -> None:
    encoded = b64encode(bytes(256)).decode()
    assert (len(encoded), ciphertext(f"{encoded[:70]}\n  {encoded[70:]}\n")) == (344, bytes(256))
    for wrong, sentence in (("", "0 bytes"), ("AAAA", "3 bytes"), ("not base64!", "not base64")):
        with pytest.raises(ValueError, match=sentence):
            ciphertext(wrong)


def test_keys_are_exported_as_they_are_where_that_is_safe_and_behind_the_prefix() -> None:
    values = {"Color": "red", "PATH": "/evil", "my-key": "v"}
    assert variables(Sealed("c"), values) == {"Color": "red", "mykey": "v"}
    behind = {"X_PARAMS_COLOR": "red", "X_PARAMS_PATH": "/evil", "X_PARAMS_MYKEY": "v"}
    assert variables(Sealed("c", "X_PARAMS_"), values) == {"Color": "red", "mykey": "v", **behind}


def test_a_plan_tells_all_that_is_hidden_in_it_wherever_it_stands() -> None:
    hidden = [Sealed("a"), Secret("b", "c"), Secret("d", "e"), Sealed("f")]
    plan = Plan(
        "build",
        1,
        (("A", hidden[0]), ("B", "open")),
        files=(PlannedFile("x", Joined(("open", Joined((hidden[2],), "base64"), hidden[3]))), PlannedFile("y", "open")),
        tasks=(PlannedTask("t", (), (("C", hidden[1]),)),),
    )
    assert list(plan.hidden()) == hidden
