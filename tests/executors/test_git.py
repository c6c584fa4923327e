"""Working trees from mirrors (spec/workflow-language.md section 2.3, spec/forges.md trap 41)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app.executors import Materials
from app.executors._supervise import Pulse
from app.executors.local import LocalExecutor
from app.forges import CloneSource
from app.workflow.line import Status
from app.workflow.plan import Checkout, Plan, PlannedTask
from tests.contract.executors import RecordedLog, StateShelf

WHO = {f"GIT_{one}_{what}": "a@b" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
TREE = "IN/app/gitRepo"


class Origin:
    """A repository as a forge has it: bare, with what `commit` adds."""

    def __init__(self, root: Path) -> None:
        self.bare, self.tree = root / "origin.git", root / "author"
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare), folder=root)
        self.git("init", "-q", "-b", "main", str(self.tree), folder=root)

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **WHO}
        done = subprocess.run(["git", *arguments], cwd=folder or self.tree, env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, ref: str = "refs/heads/main", parent: str = "HEAD", **files: str) -> str:
        """Pushes a commit with `files` to `ref`; returns its SHA."""
        if parent != "HEAD":
            self.git("checkout", "-q", "--detach", parent)
        for name, content in files.items():
            (self.tree / name).write_text(content)
        self.git("add", ".")
        self.git("commit", "-qm", " ".join(files))
        self.git("push", "-q", "--force", str(self.bare), f"HEAD:{ref}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path):
    return Origin(tmp_path)


@pytest.fixture(params=["auto", "off"])
def executor(request, tmp_path):
    if request.param == "auto":
        request.getfixturevalue("works_here")
    return LocalExecutor(tmp_path / "gl", request.param, pulse=Pulse(beat=0.5, lease=10, grace=1), retries=(0.1, 0.2, 0.5))


@pytest.fixture
def run(executor, origin):
    def run(checkout: Checkout, *script: str, config=(), timeout: float = 60.0, stop=lambda: ""):
        source = CloneSource(str(origin.bare), config)
        shelf, log = StateShelf(), RecordedLog()
        plan = Plan("build", 1, (), checkouts=(checkout,), tasks=(PlannedTask("t", script),), timeout=timeout)
        result = executor.run(plan, Materials({}, {"local:1": source}, shelf.fetch, shelf.keep), log, stop)
        return result, dict(log.sections).get("t", "").replace("$ ", "", 1).splitlines()[len(script) and 1 :], log

    return run


def checkout(sha: str, **rest: object) -> Checkout:
    return Checkout("app", TREE, "local:1", "acme/app", sha, **rest)


def test_the_commit_is_checked_out_with_its_history_and_branches(run, origin):
    first = origin.commit(a="1")
    origin.commit(a="2")
    result, said, _ = run(checkout(first), f"cd {TREE} && cat a && echo && git rev-parse HEAD && git branch -r && git status --short")
    assert result.status is Status.SUCCEEDED, result.reason
    assert said == ["1", first, "  origin/HEAD -> origin/main", "  origin/main"]


def test_a_known_commit_needs_no_forge(run, origin):
    sha = origin.commit(a="1")
    assert run(checkout(sha), "true")[0].status is Status.SUCCEEDED
    origin.bare.rename(origin.bare.with_name("away"))
    assert run(checkout(sha), "true")[0].status is Status.SUCCEEDED


def test_a_commit_that_no_branch_holds_is_fetched_by_its_sha(run, origin):
    origin.commit(a="1")
    sha = origin.commit("refs/pull/1/head", b="2")
    assert run(checkout(sha), f"cat {TREE}/b")[1] == ["2"]


def test_the_origin_is_the_forges_url_without_credentials(run, origin):
    sha = origin.commit(a="1")
    _, said, log = run(
        checkout(sha),
        f"git -C {TREE} remote get-url origin; cat {TREE}/.git/config; env",
        config=(("http.extraHeader", "Authorization: canary"),),
    )
    assert said[0] == str(origin.bare)
    assert "canary" not in log.text


def test_the_working_tree_shares_no_file_with_the_mirror(run, origin, tmp_path):
    sha = origin.commit(a="1")
    run(checkout(sha), f"find {TREE}/.git -type f -links +1 | wc -l; test ! -e {TREE}/.git/objects/info/alternates; echo ok")
    _, said, _ = run(checkout(sha), f"find {TREE}/.git -type f -links +1 | wc -l; ls {TREE}/.git/objects/info")
    assert said[0] == "0"
    assert "alternates" not in said


def test_a_pull_request_is_merged_with_its_base(run, origin):
    base = origin.commit(a="1")
    origin.commit(b="2")
    head = origin.commit("refs/pull/7/head", parent=base, c="3")
    result, said, _ = run(
        checkout(head, number=7, base_ref="main"), f"cd {TREE}; cat a b c; echo; git rev-parse HEAD^1; git log -1 --format=%an"
    )
    assert result.status is Status.SUCCEEDED, result.reason
    assert said == ["123", head, "Gateline"]


def test_the_base_of_a_pull_request_is_the_newest(run, origin):
    base = origin.commit(a="1")
    head = origin.commit("refs/pull/7/head", c="3")
    pull = checkout(head, number=7, base_ref="main")
    run(pull, "true")
    origin.commit(parent=base, d="4")
    assert run(pull, f"cat {TREE}/d")[1] == ["4"]


def test_a_conflict_ends_it_with_a_sentence(run, origin):
    base = origin.commit(a="1")
    origin.commit(a="2")
    head = origin.commit("refs/pull/7/head", parent=base, a="3")
    result, _, _ = run(checkout(head, number=7, base_ref="main"), "echo ran")
    assert result.status is Status.ERRORED
    assert result.reason == ("Pull request #7 of acme/app does not merge with main: conflicts in a. Merge or rebase it, and push.")


def test_depth_bounds_the_history(run, origin):
    for number in range(3):
        sha = origin.commit(a=str(number))
    assert run(checkout(sha, depth=2), f"cd {TREE}; git rev-list --count HEAD")[1] == ["2"]


def test_git_config_is_set_while_the_tree_is_made_and_not_after(run, origin):
    sha = origin.commit(a="1\n2\n")
    _, said, _ = run(checkout(sha, config=("core.autocrlf true",)), f"cd {TREE}; grep -c $'\\r' a; git config core.autocrlf || echo unset")
    assert said == ["2", "unset"]


def test_a_config_that_runs_programs_runs_them_no_better_than_a_script(run, origin, tmp_path):
    """Not in the service's fetch, and in the sandbox only there."""
    sha = origin.commit(a="1")
    lines = ("core.sshCommand touch /build/fetched", "uploadpack.packObjectsHook touch /build/hooked", "core.fsmonitor touch /build/ran")
    result, said, _ = run(checkout(sha, config=lines), "ls")
    assert result.status is Status.SUCCEEDED, result.reason
    assert not {"fetched", "hooked"} & set(said)


def test_hooks_and_templates_do_not_run(run, origin, tmp_path):
    sha = origin.commit(a="1")
    assert run(checkout(sha), f"ls {TREE}/.git/hooks 2>/dev/null | wc -l")[1] == ["0"]


def test_a_commit_that_the_forge_does_not_serve_yet_is_tried_again(run, origin):
    first = origin.commit(a="1")
    missing = origin.git("commit-tree", "-m", "late", "-p", first, f"{first}^{{tree}}")
    asked = []

    def stop() -> str:
        asked.append(1)
        if len(asked) == 3:
            origin.git("push", "-q", str(origin.bare), f"{missing}:refs/heads/late")
        return ""

    assert run(checkout(missing), "true", stop=stop)[0].status is Status.SUCCEEDED


def test_a_commit_that_is_nowhere_ends_it_with_a_sentence(run, origin):
    origin.commit(a="1")
    result, _, _ = run(checkout("1" * 40), "echo ran", timeout=60)
    assert result.status is Status.ERRORED
    assert result.reason.startswith("Commit 111111111111 of acme/app could not be fetched: ")


def test_a_timeout_counts_during_setup_too(run, origin):
    origin.commit(a="1")
    assert run(checkout("1" * 40), "true", timeout=0.4)[0].status is Status.TIMED_OUT


def test_a_repository_whose_forge_gave_nothing_ends_it_with_a_sentence(run):
    missing = Checkout("app", TREE, "local:2", "acme/gone", "1" * 40)
    result, _, _ = run(missing, "true")
    assert (result.status, "acme/gone cannot be cloned" in result.reason) == (Status.ERRORED, True)


def test_a_lock_that_a_killed_git_left_does_not_stop_the_next(run, origin, tmp_path):
    run(checkout(origin.commit(a="1")), "true")
    (tmp_path / "gl/mirrors/local_1.git/refs/heads/main.lock").touch()
    (tmp_path / "gl/mirrors/local_1.git/packed-refs.lock").touch()
    assert run(checkout(origin.commit(a="2")), "true")[0].status is Status.SUCCEEDED
