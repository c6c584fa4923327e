"""A job that runs elsewhere: spec/workflow-language.md section 3.4."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import Gate
from app.workflow.plan import Unplannable
from tests.jobs.managed import KINDS, job, sentences, settled
from tests.jobs.planning import take


def test_it_has_a_name_and_a_type_only() -> None:
    assert sentences(job("externalCI")) == []
    [steps] = sentences(job("externalCI", take("app")))
    assert "has no steps" in steps
    [gate] = sentences(replace(job("externalCI"), gate=Gate()))
    assert "cannot hold an externalCI job" in gate


def test_its_runs_are_reported_and_never_planned() -> None:
    assert KINDS["externalCI"].reported
    with pytest.raises(Unplannable, match="runs elsewhere"):
        settled(job("externalCI"))
