"""Texts cut to what GitHub takes: never longer, never with an open fence (trap 11)."""

from __future__ import annotations

import pytest

from app.forges.github._cut import BODY, CUT_NOTE, cut, cut_body


@pytest.mark.parametrize(("length", "kept"), [(0, 0), (139, 139), (140, 140), (141, 140), (10_000, 140)])
def test_a_description_has_at_most_140_characters(length: int, kept: int) -> None:
    assert len(cut("ä" * length, 140)) == kept


def test_a_cut_description_says_so() -> None:
    assert cut("x" * 141, 140) == "x" * 139 + "…"


def test_a_body_that_fits_is_left_alone() -> None:
    assert cut_body("`" * BODY) == "`" * BODY


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("", ""),
        ("```\n", "\n```"),
        ("````text\n```\n", "\n````"),
        ("~~~\n```\n", "\n~~~"),
        ("```\nx\n```\n", ""),
        ("<details><summary>Log</summary>\n\n", "\n</details>"),
        ("<details>\n\n```\n", "\n```\n</details>"),
        ("```\n<details>\n", "\n```"),
        ("<details>\n</details>\n", ""),
    ],
)
def test_what_is_open_where_a_body_is_cut_is_closed_again(opening: str, closing: str) -> None:
    body = cut_body(opening + "line of a log\n" * 6000)
    assert len(body) <= BODY
    assert body.endswith(f"line of a log{closing}{CUT_NOTE}")


def test_a_body_without_line_ends_is_cut_all_the_same() -> None:
    assert BODY - 400 < len(cut_body("x" * 100_000)) <= BODY
