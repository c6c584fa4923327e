"""Markdown that nobody can be tricked by, whatever the foreign text in it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.markdown import ZERO_WIDTH, code, cut, fence, plain


@pytest.mark.parametrize(
    ("text", "ticks"),
    [("plain", "```"), ("``` inside", "````"), ("````` five", "``````"), ("a `tick`", "```")],
)
def test_a_fence_is_longer_than_any_run_of_backticks_in_it(text: str, ticks: str) -> None:
    assert fence(text) == f"{ticks}text\n{text}\n{ticks}"


def test_a_fence_holds_no_control_characters_but_tabs_and_line_ends() -> None:
    assert fence("a\x1b[31mred\x00\tb\r\nc") == "```text\na[31mred\tb\nc\n```"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deploy", "`deploy`"),
        ("two\nlines", "`two lines`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a|b", "`a¦b`"),
        ("", ""),
    ],
)
def test_inline_code_stays_one_piece(text: str, said: str) -> None:
    assert code(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@everybody", f"@{ZERO_WIDTH}everybody"),
        ("see #12", f"see \\#{ZERO_WIDTH}12"),
        ("/merge", f"{ZERO_WIDTH}/merge"),
        ("https://evil.example", f"https:{ZERO_WIDTH}//evil.example"),
        ("<b>[x](y)</b>", "\\<b\\>\\[x\\]\\(y\\)\\</b\\>"),
        ("a | b", "a \\| b"),
    ],
)
def test_foreign_text_mentions_links_and_commands_nothing(text: str, said: str) -> None:
    assert plain(text) == said


@given(st.text())
def test_no_foreign_text_begins_a_line_with_a_slash_or_holds_a_live_mention(text: str) -> None:
    said = plain(text)
    assert not said.lstrip(" ").startswith("/")
    assert "\n" not in said
    assert all(said[at + 1 : at + 2] == ZERO_WIDTH for at, character in enumerate(said) if character == "@")


def test_what_is_short_enough_is_not_cut() -> None:
    assert cut("short", 300) == "short"


def test_a_cut_text_closes_its_fence_and_its_details_and_says_so() -> None:
    long = "<details><summary>log</summary>\n\n````text\n" + "line\n" * 200 + "````\n\n</details>"
    said = cut(long, 500)
    assert len(said.encode()) <= 500
    assert said.endswith("line\n````\n\n</details>\n\n… cut here: the whole is on the run's page.")


@given(st.text(alphabet="ä😀`\n a", max_size=2000))
def test_a_cut_text_is_never_longer_than_asked(text: str) -> None:
    assert len(cut(text, 400).encode()) <= 400
