"""What a plan names goes to git as a commit and a branch, and never as an option: git runs with the service's rights."""

from __future__ import annotations

import pytest

from app.executors import Materials
from app.executors.local import LocalExecutor
from app.forges import CloneSource
from app.workflow.line import Status
from app.workflow.plan import Checkout, Plan, PlannedTask, Result
from tests.contract.executors import RecordedLog, StateShelf
from tests.executors.test_git import Origin, checkout


@pytest.fixture
def origin(tmp_path):
    return Origin(tmp_path)


@pytest.fixture
def carry_out(tmp_path, origin):
    """Sandboxed or not makes no difference here: the mirror is made outside either."""

    def carry_out(of: Checkout) -> Result:
        shelf = StateShelf()
        plan = Plan("build", 1, (), checkouts=(of,), tasks=(PlannedTask("t", ("true",)),), timeout=60.0)
        sources = {"local:1": CloneSource(str(origin.bare), ())}
        executor = LocalExecutor(tmp_path / "gl", "off", retries=(0.1,))
        return executor.run(plan, Materials({}, sources, shelf.fetch, shelf.keep), RecordedLog(), lambda: "")

    return carry_out


def test_a_branch_called_like_an_option_executes_nothing_as_the_service(carry_out, origin, tmp_path):
    origin.commit(a="1")
    mark = tmp_path / "mark"
    name = f"--upload-pack=touch${{IFS}}{mark};git-upload-pack"
    origin.git("update-ref", f"refs/heads/{name}", "refs/heads/main", folder=origin.bare)
    result = carry_out(checkout(name, depth=1))
    assert not mark.exists()
    assert result.status is Status.ERRORED
    assert "is not the full SHA of a commit" in result.reason


@pytest.mark.parametrize("sha", ["", "main", "HEAD", "a" * 39, "a" * 41, "A" * 40, "a" * 40 + "\n", "-" + "a" * 39, "refs/heads/main"])
@pytest.mark.parametrize("depth", [0, 1])
def test_only_a_full_sha_is_checked_out(carry_out, origin, sha, depth):
    origin.commit(a="1")
    result = carry_out(checkout(sha, depth=depth))
    assert result.status is Status.ERRORED
    assert "is not the full SHA of a commit" in result.reason


@pytest.mark.parametrize("base", ["--upload-pack=x", "main:refs/heads/stolen", "a..b", "*", "a b", "x.lock", "a\nb"])
@pytest.mark.parametrize("depth", [0, 1])
def test_a_base_is_the_name_of_a_branch(carry_out, origin, base, depth):
    sha = origin.commit(a="1")
    result = carry_out(checkout(sha, number=7, base_ref=base, depth=depth))
    assert result.status is Status.ERRORED
    assert "is not the name of a branch" in result.reason


def test_a_depth_below_one_is_refused(carry_out, origin):
    result = carry_out(checkout(origin.commit(a="1"), depth=-1))
    assert "The depth of app is -1" in result.reason


def test_a_commit_that_is_not_there_after_fetching_is_said_to_be_missing(carry_out, origin):
    origin.commit(a="1")
    result = carry_out(checkout("b" * 40))
    assert result.status is Status.ERRORED
    assert "Commit bbbbbbbbbbbb of acme/app could not be fetched" in result.reason
