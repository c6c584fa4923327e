"""A request of the API that is repeated with its Idempotency-Key is told what it decided."""

from __future__ import annotations

import pytest

from tests.web.line import Account
from tests.web.test_verbs import post, proposed


@pytest.mark.parametrize(("verb", "runs"), [("approve", ["deploy#1"]), ("reject", [])])
def test_a_repeated_answer_to_a_gate_is_not_refused_by_its_own_effect(account: Account, verb: str, runs: list[str]) -> None:
    told, headers = {"digest": proposed(account)}, {**account.headers("write"), "Idempotency-Key": "once"}
    for _ in range(2):
        answer = post(account, f"deploy/{verb}", told, headers)
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["runs"] == runs


@pytest.mark.parametrize("version", ["#abc", "99999999999999999999"])
def test_a_version_that_cannot_be_is_refused(account: Account, version: str) -> None:
    answer = post(account, "deploy/pin", {"resource": "release", "version": version})
    assert answer.status_code == 409
    assert f"has no version {version}" in answer.get_json()["error"]
