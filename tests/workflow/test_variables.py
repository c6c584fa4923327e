"""Names and texts of environment variables: product.md section 8, spec/workflow-language.md sections 2.1 and 2.4."""

from __future__ import annotations

import pytest

from app.workflow.variables import expand, is_name, is_reserved, stripped, text_of

KNOWN = {"A": "1", "LONG_name2": "two"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$A", "1"),
        ("${A}", "1"),
        ("x-$A.y-${LONG_name2}z", "x-1.y-twoz"),
        ("$UNKNOWN|${UNKNOWN}|", "||"),
        ("$LONG_name2x", ""),
        ("$1 $$ ${A-d} $(id) $-", "$1 $$ ${A-d} $(id) $-"),
        ("no dollar", "no dollar"),
    ],
)
def test_templates_are_read_as_envsubst_reads_them(text: str, expanded: str) -> None:
    assert expand(text, KNOWN) == expanded


def test_what_was_put_in_is_not_expanded_again() -> None:
    assert expand("$A", {"A": "$B", "B": "x"}) == "$B"


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "IFS", "GIT_SSH_COMMAND", "GATELINE_LANE"])
def test_some_names_are_the_platforms(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize("name", ["MYPATH", "PATHS", "ENVIRONMENT", "GITHUB", "LDAP", "path", "GATELINE", "HOME"])
def test_other_names_are_not(name: str) -> None:
    assert not is_reserved(name)


@pytest.mark.parametrize(
    ("name", "fine"), [("A", True), ("_a1", True), ("1A", False), ("", False), ("A-B", False), ("A\n", False), ("é", False)]
)
def test_a_shell_takes_some_names(name: str, fine: bool) -> None:
    assert is_name(name) is fine


@pytest.mark.parametrize(
    ("value", "text"),
    [("a b", "a b"), (True, "true"), (None, ""), (3, "3"), (2.5, "2.5"), ([1, "a"], '[1,"a"]'), ({"k": "é"}, '{"k":"é"}')],
)
def test_values_become_texts(value: object, text: str) -> None:
    assert text_of(value) == text  # type: ignore[arg-type]


def test_stripped_keeps_the_case() -> None:
    assert stripped("my-Key.1 x") == "myKey1x"
