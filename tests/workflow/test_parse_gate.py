"""`gate:` is read as product.md section 4 says, and a gate that is not understood never becomes no gate."""

from __future__ import annotations

import pytest

from app.workflow.definition import Gate, Severity
from tests.workflow.parse_kinds import job, steps

MAKE = "steps:\n  - TASK:\n    - script: make\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("gate: true", Gate()),
        ("gate: yes", Gate()),
        ("gate: on", Gate()),
        ("gate: {}", Gate()),
        ("gate: false", None),
        ("gate: off", None),
        ('gate: {approvers: [alice, "@acme/ops"]}', Gate(approvers=("alice", "@acme/ops"), restricted=True)),
        ("gate: {approvers: alice}", Gate(approvers=("alice",), restricted=True)),
        ("gate: {required: 2}", Gate(required=2)),
        ("gate: {allow_author: false}", Gate(allow_author=False)),
        ("gate: {timeout: 24h}", Gate(timeout=86_400.0)),
        ("gate: {timeout: 90m}", Gate(timeout=5_400.0)),
        ("gate: {timeout: 2d, on_timeout: reject}", Gate(timeout=172_800.0, on_timeout_reject=True)),
        ("gate: {timeout: 45, on_timeout: expire}", Gate(timeout=45.0)),
        ("gate: {timeout: 1h30m}", Gate(timeout=5_400.0)),
        ("gate: {reviews: true}", Gate(reviews=True)),
    ],
)
def test_a_gate_is_true_or_a_map(written: str, expected: Gate | None) -> None:
    result = job(f"{written}\n{MAKE}")
    assert result.problems == ()
    assert result.fragment
    assert result.fragment.jobs[0].gate == expected


@pytest.mark.parametrize(
    "written",
    [
        "gate:",
        "gate: tru",
        "gate: [alice]",
        "gate: {approver: alice}",
        "gate: {approvers: }",
        "gate: {approvers: {a: b}}",
        "gate: {approvers: ['two words']}",
        "gate: {required: 0}",
        "gate: {required: two}",
        "gate: {required: }",
        "gate: {timeout: }",
        "gate: {timeout: soon}",
        "gate: {timeout: 0}",
        "gate: {timeout: -1h}",
        "gate: {timeout: 1h, on_timeout: approve}",
        "gate: {reviews: maybe}",
        "gate: {allow_author: 1}",
        "gates: true",
        "Gate: true",
        "gaet: true",
        "gated: true",
        "approval: true",
        "approvers: [alice]",
        "allow_author: false",
        "runtime: {gate: true}",
    ],
)
def test_a_malformed_or_misspelt_gate_is_an_error_and_leaves_the_job_out(written: str) -> None:
    result = job(f"{written}\n{MAKE}")
    assert [each.severity for each in result.problems if each.severity is Severity.ERROR] == [Severity.ERROR], result.problems
    assert result.fragment
    assert result.fragment.jobs == ()
    assert result.left_out == {"build"}


@pytest.mark.parametrize("written", ["- IN: a\n  gate: true", "- gate: true", "- TASK:\n    script: make\n    gate: true"])
def test_a_gate_on_a_step_is_an_error(written: str) -> None:
    result = steps(written)
    assert any("gate: true" in each.sentence for each in result.problems if each.severity is Severity.ERROR)
    assert result.fragment
    assert result.fragment.jobs == ()


@pytest.mark.parametrize("written", ["state: x", "gateway: x", "tags: x"])
def test_other_unknown_keys_are_not_mistaken_for_a_gate(written: str) -> None:
    assert [each.severity for each in job(f"{written}\n{MAKE}").problems] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("gate: {approvers: []}", "nobody may open"),
        ("gate: {approvers: [alice], required: 2}", "can never open"),
        ("gate: {approvers: [alice, '@Alice'], required: 2}", "can never open"),
        ("gate: {on_timeout: reject}", "without `timeout`"),
    ],
)
def test_a_gate_that_cannot_open_or_says_nothing_is_warned_of(written: str, sentence: str) -> None:
    (problem,) = job(f"{written}\n{MAKE}").problems
    assert problem.severity is Severity.WARNING
    assert sentence in problem.sentence
