"""A plan with a fork's commit among its INs has no secrets and no OUTs, and what it checks out is a commit (product.md section 8)."""

from __future__ import annotations

from typing import Any

import pytest

from app.workflow.plan import Sealed, Secret, Unplannable
from tests.jobs.planning import give, held, integration, job, plan, take, version

COMMIT: dict[str, Any] = {"sha": "a" * 40, "repository": "github:1", "fullName": "acme/app"}


def repository(**bag: Any) -> Any:
    return held("app", "gitRepo", version("app", "a", **{**COMMIT, **bag}))


@pytest.mark.parametrize("fork", [True, False])
def test_a_forks_commit_among_the_ins_takes_secrets_and_outs_away_whatever_the_cause(fork: bool) -> None:
    of = job(take("app"), give("pic"), integrations=("keys",))
    made = plan(of, repository(fork=fork), held("pic", "image"), integrations=(integration("keys", "keyValuePair", "TOKEN"),))
    values = [value for _, value in made.env] + [file.content for file in made.files]
    assert any(isinstance(value, Secret) for value in values) is not fork
    assert [collect.name for collect in made.collects] == ([""] if fork else ["", "pic"])


@pytest.mark.parametrize("sha", ["main", "-x", "a" * 39, "a" * 41, "A" * 40, "a" * 40 + "\n", 7])
def test_only_a_full_sha_is_planned(sha: object) -> None:
    with pytest.raises(Unplannable, match="is not a full SHA"):
        plan(job(take("app")), repository(sha=sha))


@pytest.mark.parametrize("depth", [0, -1, True, "1", "--upload-pack=x", [1]])
def test_a_depth_is_a_number_of_commits(depth: object) -> None:
    with pytest.raises(Unplannable, match="The depth of app must be a number of commits"):
        plan(job(take("app")), repository(depth=depth))


def test_a_sha_256_and_a_depth_are_planned() -> None:
    (found,) = plan(job(take("app")), repository(sha="b" * 64, depth=3)).checkouts
    assert (found.sha, found.depth) == ("b" * 64, 3)


@pytest.mark.parametrize("fork", [True, False])
def test_encrypted_params_are_not_even_named_in_a_plan_that_a_forks_commit_takes_part_in(fork: bool) -> None:
    made = plan(
        job(take("app"), take("conf")),
        repository(fork=fork),
        held("conf", "params", version("conf", params={"A": "1", "secure": "cipher"})),
    )
    wanted = [] if fork else [Sealed("cipher", "CONF_PARAMS_"), Sealed("cipher")]
    assert list(made.hidden()) == wanted
    assert dict(made.env)["A"] == "1"
