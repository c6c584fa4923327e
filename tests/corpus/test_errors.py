"""Real workflow files have exactly the errors that the contract calls for (each is listed with its rule), and their plans are right."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from app.workflow.elsewhere import tolerated
from app.workflow.graph import graph_of
from app.workflow.kinds import Kinds
from tests.corpus.errors import errors, groups, read, reviewed, source_of
from tests.corpus.planned import planned, sections
from tests.corpus.test_corpus import corpus, kinds

__all__ = ["corpus", "kinds"]

PLANS = sections(Path(__file__).with_name("plans.txt").read_text(encoding="utf-8"))
Corpus = dict[str, dict[str, bytes]]


def test_every_error_is_one_that_the_contract_calls_for(corpus: Corpus, kinds: Kinds) -> None:
    assert sorted(errors(corpus, kinds)) == sorted((name, place, sentence) for name, place, _, sentence in reviewed())


def test_every_reviewed_error_names_its_rule() -> None:
    rules = {rule for _, _, rule, _ in reviewed()}
    assert [rule for rule in rules if not re.match(r"\d+(\.\d+| #\d+): \S", rule)] == []


def test_the_plans_of_at_least_twenty_repositories_are_reviewed() -> None:
    assert len(PLANS) >= 20


@pytest.mark.parametrize("name", PLANS)
def test_the_plan_of_a_repository_is_the_one_that_was_checked_by_hand(name: str, corpus: Corpus, kinds: Kinds) -> None:
    _, linked = read(source_of(name), next(groups(corpus[name])), kinds)
    assert linked is not None
    workflow, _ = tolerated(linked)
    assert planned(workflow) == PLANS[name]


def test_each_repository_is_validated_and_drawn_in_under_a_second(corpus: Corpus, kinds: Kinds) -> None:
    for name, files in corpus.items():
        started = time.process_time()
        for group in groups(files):
            _, linked = read(source_of(name), group, kinds)
            if linked is not None:
                graph_of(linked.workflow, kinds)
        assert time.process_time() - started < 1.0, name
