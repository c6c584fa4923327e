"""Secrets: seen by the sources they are for, by gated runs only where so set, never by a fork nor in a plan (product.md section 8)."""

from __future__ import annotations

from collections.abc import Callable

from app.adopt import read_again
from app.executors import Log, Materials
from app.store.keys import encrypt
from app.workflow.line import Status
from app.workflow.plan import Plan, Result
from tests.scenarios.town import ACCOUNT, Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
        jobs:
          - name: build
            type: runSh
            integrations: [keys]
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: deploy
            type: runSh
            gate: {approvers: [alice]}
            integrations: [keys]
            steps:
              - IN: app
              - TASK: [{script: make deploy}]
        """
}
VALUES = {"TOKEN": "correct-horse-battery"}


def sealed(cipher: str) -> dict[str, str]:
    """A job that has params with that encrypted text as IN."""
    text = f"""
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {{sourceName: acme/app, branch: main, buildOnPullRequest: true}}
          - name: conf
            type: params
            versionTemplate: {{params: {{secure: {cipher}}}}}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - IN: conf
              - TASK: [{{script: make}}]
        """
    return {"gateline.yml": text}


class Watching:
    """An executor that keeps what it was given, and succeeds."""

    name = "local"

    def __init__(self) -> None:
        self.given: list[tuple[Plan, Materials]] = []

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:
        self.given.append((plan, materials))
        log.section("make")
        log.write(f"the token is {VALUES['TOKEN']}\n".encode())
        return Result(Status.SUCCEEDED, code=0)

    def sweep(self) -> None:
        """Nothing is ever left."""

    def isolated(self) -> str:
        return ""


def watching(town: Town) -> Watching:
    made = Watching()
    town.use(made)
    return made


def test_a_plan_names_a_secret_and_the_worker_alone_holds_it_and_the_log_masks_it(town: Town) -> None:
    town.source(LINE)
    executor = watching(town)
    town.secret("keys", VALUES)
    town.push()
    town.settle()
    [(plan, materials)] = executor.given
    assert VALUES["TOKEN"] not in repr(plan)
    assert materials.secrets == {"keys": VALUES}
    [view] = town.store.runs(ACCOUNT, "build")
    log = "".join(chunk.text for chunk in town.store.read_log(view.id))
    assert "the token is" in log
    assert VALUES["TOKEN"] not in log


def test_a_source_that_a_secret_is_not_for_does_not_get_it_and_the_run_says_what_to_do(town: Town) -> None:
    town.source(LINE)
    executor = watching(town)
    town.secret("keys", VALUES, sources=("github:acme/other@main",))
    sha = town.push()
    town.settle()
    assert executor.given == []
    state, description = town.statuses(sha)["gateline/build"]
    assert state == "error"
    assert "the integration keys is not there for this run" in description


def test_a_secret_for_gated_runs_is_there_for_those_only(town: Town) -> None:
    town.source(LINE)
    executor = watching(town)
    town.secret("keys", VALUES, gated=True)
    sha = town.push()
    town.settle()
    assert town.ran() == ["build#1 errored"]
    town.comment("alice", "/gateline approve deploy", sha=sha)
    town.settle()
    assert [(plan.job, materials.secrets) for plan, materials in executor.given] == [("deploy", {"keys": VALUES})]


def test_a_fork_that_was_allowed_gets_no_secret(town: Town) -> None:
    town.source(LINE)
    executor = watching(town)
    town.secret("keys", VALUES)
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "main", {"evil.txt": b"1"})
    number = town.open("main", by="mallory", fork=copy.id)
    town.settle()
    town.comment("carol", f"/gateline allow {sha}", number=number)
    town.settle()
    assert [(plan.job, materials.secrets) for plan, materials in executor.given if plan.job == "build"] == [("build", {})]


def test_a_lane_other_than_main_is_refused_with_a_sentence_where_runs_are_not_isolated(town: Town) -> None:
    town.source(LINE)
    town.secret("keys", VALUES)
    town.executor.leak = "it could read the data folder"
    sha = town.push(branch="feature")
    town.open("feature")
    town.settle()
    assert town.executor.plans == []
    state, description = town.statuses(sha)["gateline/build"]
    assert (state, description.partition(" (")[0]) == (
        "error",
        "error: runs outside main are refused on this machine: it could read the data folder",
    )


def test_a_secure_text_is_decrypted_for_the_run_alone_and_every_value_in_it_is_masked(town: Town) -> None:
    secure = encrypt(town.store.key(ACCOUNT, town.app.id), f"TOKEN={VALUES['TOKEN']} B=other-canary")
    town.source(sealed(secure))
    executor = watching(town)
    town.push()
    town.settle()
    [(plan, materials)] = executor.given
    assert VALUES["TOKEN"] not in repr(plan)
    assert materials.sealed == {secure: {**VALUES, "B": "other-canary"}}
    assert {VALUES["TOKEN"], "other-canary"} <= set(materials.mask)


def test_a_secure_text_that_no_key_fits_ends_the_run_as_an_error_with_what_to_do(town: Town) -> None:
    town.source(sealed(encrypt(town.store.key(ACCOUNT, "github:99"), "TOKEN=hush")))
    executor = watching(town)
    sha = town.push()
    town.settle()
    assert executor.given == []
    state, description = town.statuses(sha)["gateline/build"]
    assert state == "error"
    assert "a `secure` text fits neither the key of this repository nor the account's" in description


def test_a_secure_text_that_is_no_key_value_ends_the_run_as_an_error_that_does_not_tell_it(town: Town) -> None:
    town.source(sealed(encrypt(town.store.key(ACCOUNT, town.app.id), "just-hush")))
    executor = watching(town)
    sha = town.push()
    town.settle()
    state, description = town.statuses(sha)["gateline/build"]
    assert (executor.given, state, "hush" in description) == ([], "error", False)
    assert "decrypts to what is no KEY=VALUE: item 1 is no KEY=VALUE" in description


def test_a_fork_that_was_allowed_gets_nothing_of_a_secure_text(town: Town) -> None:
    town.source(sealed(encrypt(town.store.key(ACCOUNT, town.app.id), "TOKEN=hush")))
    executor = watching(town)
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "main", {"evil.txt": b"1"})
    number = town.open("main", by="mallory", fork=copy.id)
    town.settle()
    town.comment("carol", f"/gateline allow {sha}", number=number)
    town.settle()
    [(plan, materials)] = executor.given
    assert (list(plan.hidden()), materials.sealed) == ([], {})


def test_a_secret_that_is_missing_is_said_when_the_files_are_adopted_until_it_is_set(town: Town) -> None:
    town.source(LINE)
    (source,) = town.store.sources()
    said = {problem.sentence for problem in source.problems}
    assert said == {f"the job uses integration `keys`, which is not set for {source.key}: `gateline secret set keys --type TYPE …`"}
    town.secret("keys", VALUES)
    read_again(town.context, source)
    town.settle()
    assert town.store.sources()[0].problems == ()
