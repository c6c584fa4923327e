"""Names of environment variables (spec/workflow-language.md section 2.4)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.names import env_name, field_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my-key-1", "MYKEY1"),
        ("1-a_b", "A_B"),
        ("123_numbers", "_NUMBERS"),
        ("a.b c", "ABC"),
        ("-1-2a", "A"),
        ("1-2", ""),
        ("héllo", "HLLO"),
    ],
)
def test_a_name_loses_invalid_characters_and_leading_digits(name: str, expected: str) -> None:
    assert env_name(name) == expected


@given(st.text())
def test_whatever_is_left_of_a_name_can_begin_a_variable(name: str) -> None:
    assert re.fullmatch(r"([A-Z_][A-Z0-9_]*)?", env_name(name))


@pytest.mark.parametrize(("name", "expected"), [("versionName", "VERSIONNAME"), ("access_key", "ACCESS_KEY"), ("a-1.b", "A1B"), ("1", "1")])
def test_a_field_name_keeps_its_digits(name: str, expected: str) -> None:
    assert field_name(name) == expected
