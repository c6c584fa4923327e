"""What is left of the hour's requests is heard from GitHub's answers."""

from __future__ import annotations

import pytest

from app.forges.github._budget import Budget
from app.forges.github.api import with_token
from tests.fakes.clock import START, MovableClock
from tests.fakes.github.server import GithubDouble
from tests.forges.github.conftest import TOKEN

RESET = {"x-ratelimit-reset": str(int(START) + 3600)}


def counts(remaining: object, limit: object = 5000) -> dict[str, str]:
    return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(remaining)}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def budget(clock: MovableClock) -> Budget:
    return Budget(clock)


def test_it_is_whole_until_an_answer_says_otherwise(budget: Budget) -> None:
    assert (budget.share, budget.seconds) == (1.0, 0.0)


def test_the_last_answer_counts(budget: Budget) -> None:
    budget.hear(counts(4000) | RESET)
    budget.hear(counts(500) | RESET)
    assert (budget.share, budget.seconds) == (0.1, 3600.0)


def test_it_is_whole_again_when_the_hour_is_over(budget: Budget, clock: MovableClock) -> None:
    budget.hear(counts(0) | RESET)
    clock.forward(3599)
    assert (budget.share, budget.seconds) == (0.0, 1.0)
    clock.forward(1)
    assert (budget.share, budget.seconds) == (1.0, 0.0)


@pytest.mark.parametrize(
    "said",
    [
        {},
        counts(10),
        counts("many") | RESET,
        counts(10, limit=0) | RESET,
        counts(10) | RESET | {"x-ratelimit-resource": "graphql"},
        counts(10) | RESET | {"x-ratelimit-resource": "search"},
    ],
    ids=["no headers", "no reset", "no number", "no limit", "GraphQL's", "the search's"],
)
def test_what_says_nothing_of_the_core_limit_changes_nothing(budget: Budget, said: dict[str, str]) -> None:
    budget.hear(counts(1000) | RESET)
    budget.hear(said)
    assert budget.share == 0.2


def test_a_forge_hears_it_with_every_answer(github: GithubDouble) -> None:
    github.happen.repository("acme/app")
    forge = with_token(github.url, TOKEN)
    assert (forge.budget(), forge.budget_reset()) == (1.0, 0.0)
    forge.repository("acme/app")
    assert forge.budget() == 4999 / 5000
    assert 3590 < forge.budget_reset() <= 3600
