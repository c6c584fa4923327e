"""`$GATELINE_OUTPUT`: `KEY=VALUE` lines and values of several lines."""

from __future__ import annotations

import pytest

from app.executors._output_lines import Unended, read_lines


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("A=1\n", [("A", "1")]),
        ("A=1", [("A", "1")]),
        ("A=\n", [("A", "")]),
        ("A=b=c\n", [("A", "b=c")]),
        ("A= 'x' \n", [("A", " 'x' ")]),
        ("A=1\r\nB=2\r\n", [("A", "1"), ("B", "2")]),
        ("A=1\nA=2\n", [("A", "1"), ("A", "2")]),
        ("A=x<<y\n", [("A", "x<<y")]),
        ("A<<E\nE\n", [("A", "")]),
        ("A<<E\none\n\n E\nB=2\nE\nC=3\n", [("A", "one\n\n E\nB=2"), ("C", "3")]),
        ("a.b-c_1=x\n", [("a.b-c_1", "x")]),
    ],
)
def test_lines_are_pairs_in_order(text: str, pairs: list[tuple[str, str]]) -> None:
    assert read_lines(text) == (pairs, [])


@pytest.mark.parametrize("line", ["no pair", "=x", "1A=x", "A B=x", "<<E", " A=1", "x" * 50])
def test_other_lines_are_named_and_ignored(line: str) -> None:
    sentence = f"line 2 is neither KEY=VALUE nor KEY<<WORD, and is ignored: {line[:40]}"
    assert read_lines(f"\n{line}\nA=1\n") == ([("A", "1")], [sentence])


@pytest.mark.parametrize(("text", "word"), [("A<<E\nx\n", "E"), ("\nA<<E\n", "E"), ("A<<E", "E")])
def test_a_value_without_its_end_is_an_error(text: str, word: str) -> None:
    with pytest.raises(Unended, match=f"no line after line [12] ends it with {word}"):
        read_lines(text)
