"""The plan of a CI cell: spec/ci-integrations-deploy.md sections 1.2 to 1.5; product.md section 8 for forks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.registry import load
from app.workflow.ci.matrix import cells
from app.workflow.ci.read import read_ci
from app.workflow.definition import Job
from app.workflow.kinds import JobKind
from app.workflow.plan import CiInputs, Plan, PlannedCache, Sealed, Unplannable, Value
from tests.jobs.planning import give, held, inputs, integration, take, version

RUN_CI: JobKind = load("app.jobs")["runCI"]  # type: ignore[assignment]
JOB = Job("app_runCI", "runCI", "github:acme/app@main", (take("app_ciRepo"),))
BAG = {
    "event": "push",
    "repository": "github:7",
    "fullName": "acme/app",
    "sha": "a" * 40,
    "before": "b" * 40,
    "branchName": "main",
    "message": "Mend it",
    "author": "Ann",
    "committer": "Carol",
    "url": f"https://github.com/acme/app/commit/{'a' * 40}",
    "pullRequest": None,
    "cloneUrl": "https://github.com/acme/app.git",
}


def plan(text: str, cell: int = 1, job: Job = JOB, bag: dict[str, Any] | None = None, **more: Any) -> Plan:
    found = read_ci("shippable.yml", text.encode())
    assert found.configuration, found.problems
    ci = CiInputs("app_ciRepo", found.configuration, cells(found.configuration)[cell - 1], more.pop("last_success", None))
    repository = held("app_ciRepo", "gitRepo", version("app_ciRepo", "a" * 40, **{**BAG, **(bag or {})}))
    given = (repository, *more.pop("given", ()))
    return RUN_CI.plan(job, replace(inputs(job, *given, **more), ci=ci))


def env(text: str, **more: Any) -> dict[str, Value]:
    return dict(plan(text, **more).env)


def scripts(made: Plan) -> dict[str, tuple[str, ...]]:
    return {task.name: task.script for task in (*made.tasks, *made.afterwards)}


def test_the_phases_are_a_shell_for_pre_ci_one_for_ci_to_always_and_one_for_push() -> None:
    made = plan(
        "language: none\nbuild: {pre_ci: [p], ci: [a, b], post_ci: [c], on_success: [s], on_failure: [f], always: [w], push: [u]}\n"
    )
    assert ([task.name for task in made.tasks], [task.name for task in made.afterwards]) == (["pre_ci", "ci"], ["push"])
    assert scripts(made)["ci"][-3:] == ("a", "b", "c")
    assert scripts(made)["pre_ci"][1] == "p"
    assert (made.on_success, made.on_failure, made.always) == (("s",), ("f",), ("w",))


def test_post_ci_is_a_section_of_the_log() -> None:
    (task,) = plan("language: none\nbuild: {ci: [a], post_ci: [c]}\n").tasks
    ((line, name),) = task.sections
    assert (task.script[line], name) == ("c", "post_ci")


def test_a_cell_knows_its_number_and_how_many_there_are() -> None:
    found = env("language: python\npython: ['3.11', '3.12', '3.13']\nbuild: {ci: [a]}\n", cell=2)
    assert (found["SHIPPABLE_JOB_NUMBER"], found["SHIPPABLE_JOB_COUNT"]) == ("2", "3")


def test_commands_run_in_the_clone() -> None:
    made = plan("language: none\nbuild: {ci: [make]}\n")
    assert made.tasks[0].script[0] == 'cd "$SHIPPABLE_BUILD_DIR"'
    assert dict(made.env)["SHIPPABLE_BUILD_DIR"] == f"@JOB_PATH@/{made.checkouts[0].path}"


@pytest.mark.parametrize(
    ("language", "command"),
    [
        ("node_js", "npm test"),
        ("go", "go test ./..."),
        ("php", "phpunit"),
        ("clojure", "lein test"),
        ("c", "./configure && make && make test"),
    ],
)
def test_without_ci_commands_the_language_has_its_own(language: str, command: str) -> None:
    assert plan(f"language: {language}\n").tasks[0].script[-1] == command


def test_a_trivial_command_suppresses_those_of_the_language() -> None:
    assert "npm test" not in plan("language: node_js\nbuild: {ci: [pwd]}\n").tasks[0].script


def test_env_is_exported_in_the_shell_that_evaluates_it_global_first() -> None:
    text = "language: none\nenv: {global: [G=$HOME/x], matrix: [M=1, 'M=2 N=$G']}\nbuild: {ci: [make]}\n"
    assert plan(text, 2).tasks[0].script[-3:] == ("export G=$HOME/x", "export M=2 N=$G", "make")


def test_encrypted_env_is_named_and_not_held() -> None:
    made = plan("language: none\nenv: {global: [{secure: abc}]}\n")
    assert [value for _, value in made.tasks[0].env if isinstance(value, Sealed)] == [Sealed("abc", repository="github:7")]
    assert list(made.hidden()) == [Sealed("abc", repository="github:7")]


def test_s10_a_forks_cell_has_no_encrypted_env_no_values_of_integrations_and_no_out() -> None:
    job = replace(JOB, steps=(*JOB.steps, give("img")), integrations=("kv",))
    made = plan(
        "language: none\nenv: {global: [{secure: abc}, A=1]}\n",
        job=job,
        bag={"fork": True, "pullRequest": 3},
        given=(held("img", "image"),),
        integrations=(integration("kv", "keyValuePair", "TOKEN"),),
    )
    assert list(made.hidden()) == []
    assert [collect.name for collect in made.collects] == [""]
    assert "export A=1" in made.tasks[0].script


HUBS = """
language: none
integrations:
  hub:
    - {integrationName: aws, type: ecr, branches: {only: [main]}}
    - {integrationName: hub, type: dockerRegistryLogin}
    - {integrationName: own, type: "private docker registry"}
    - {integrationName: gcp, type: gcr, branches: {only: [release]}}
"""


@pytest.mark.parametrize("fork", [True, False])
def test_registries_are_logged_in_to_where_the_branch_is_theirs_and_never_for_a_fork(fork: bool) -> None:
    known = (
        integration("aws", "amazonKeys", "accessKey", "secretKey"),
        integration("hub", "dockerRegistryLogin", "username", "password"),
        integration("own", "dockerRegistryLogin", "url", "username", "password"),
        integration("gcp", "gcloudKey", "JSON_key"),
    )
    made = plan(HUBS, job=replace(JOB, integrations=("aws", "hub", "own", "gcp")), bag={"fork": fork}, integrations=known)
    assert [login.name for login in made.logins] == ([] if fork else ["hub and own", "aws"])
    assert dict(made.logins[-1].env if made.logins else {}) == ({} if fork else {"LOGIN_REGION": "us-east-1"})


def test_the_constants_the_commit_and_the_run_are_in_the_environment() -> None:
    found = env("language: none\n", last_success=1234.5)
    assert {name: found[name] for name in ("CI", "SHIPPABLE", "RAILS_ENV", "SHIPPABLE_OS_NAME", "TRAVIS")} == {
        **dict.fromkeys(("CI", "SHIPPABLE", "TRAVIS"), "true"),
        "RAILS_ENV": "test",
        "SHIPPABLE_OS_NAME": "linux",
    }
    assert (found["BRANCH"], found["COMMIT"], found["COMMIT_MESSAGE"]) == ("main", "a" * 40, "Mend it")
    assert (found["COMMITTER"], found["LAST_AUTHOR"]) == ("Carol", "Ann")
    assert found["SHIPPABLE_COMMIT_RANGE"] == f"{'b' * 40}...{'a' * 40}"
    assert found["COMPARE_URL"] == f"https://github.com/acme/app/compare/{'b' * 40}...{'a' * 40}"
    assert (found["ORG_NAME"], found["REPO_NAME"], found["REPO_FULL_NAME"]) == ("acme", "app", "acme/app")
    assert (found["BUILD_NUMBER"], found["JOB_NUMBER"], found["JOB_ID"], found["JOB_TYPE"]) == ("4", "1", "901.1", "runCI")
    assert found["LAST_SUCCESSFUL_BUILD_TIMESTAMP"] == "1234"
    assert env("language: none\n")["LAST_SUCCESSFUL_BUILD_TIMESTAMP"] == "false"


def test_a_pull_request_is_told_in_the_environment() -> None:
    bag = {"pullRequest": 12, "baseBranch": "main", "headBranch": "topic", "headFullName": "ann/app", "baseSha": "c" * 40, "merges": True}
    found = env("language: none\n", bag=bag)
    assert (found["IS_PULL_REQUEST"], found["PULL_REQUEST"], found["HEAD_BRANCH"]) == ("true", "12", "topic")
    assert found["BASE_BRANCH"] == found["PULL_REQUEST_BASE_BRANCH"] == "main"
    assert found["PULL_REQUEST_REPO_FULL_NAME"] == "ann/app"
    assert env("language: none\n")["PULL_REQUEST"] == "false"


def test_a_cell_has_its_versions_and_the_aliases_of_travis() -> None:
    found = env("language: ruby\nrvm: [2.0.0, 2.1.0]\ngemfile: Gemfile.a\nbundler_args: --jobs 3\n", cell=2)
    assert (found["SHIPPABLE_RUBY"], found["TRAVIS_RUBY_VERSION"], found["SHIPPABLE_GEMFILE"]) == ("2.1.0", "2.1.0", "Gemfile.a")
    assert (found["SHIPPABLE_BUNDLER_ARGS"], found["JOB_NUMBER"], found["TRAVIS_JOB_NUMBER"]) == ("--jobs 3", "2", "2")
    assert found["TRAVIS_BUILD_DIR"] == found["SHIPPABLE_BUILD_DIR"]


def test_the_clone_has_the_depth_and_settings_of_the_file() -> None:
    (checkout,) = plan("language: none\ndepth: 5\ngitConfig: [core.longpaths true]\n").checkouts
    assert (checkout.depth, checkout.config) == (5, ("core.longpaths true",))


def test_submodules_are_fetched_unless_the_file_says_no() -> None:
    assert any("submodule" in line for line in plan("language: none\n").tasks[0].script)
    assert not any("submodule" in line for line in plan("language: none\ngit: {submodules: false}\n").tasks[0].script)


def test_a_boot_image_is_refused_unless_the_account_has_host_tasks() -> None:
    text = "language: none\nbuild: {pre_ci_boot: {image_name: acme/ci, image_tag: $TAG}}\n"
    with pytest.raises(Unplannable, match="app_runCI boots the container image acme/ci; this installation runs tasks on the host only"):
        plan(text)
    assert dict(plan(text, host_tasks=True).tasks[0].env)["TASK_CONTAINER_IMAGE"] == "acme/ci:$TAG"


def test_options_alone_need_no_container() -> None:
    assert plan('language: none\nbuild: {pre_ci_boot: {options: "--privileged=false"}}\n').tasks


def test_services_are_refused_by_name_unless_the_account_has_host_tasks() -> None:
    with pytest.raises(Unplannable, match="needs the services mysql and redis; this installation starts no services"):
        plan("language: none\nservices: [mysql, redis, sqlite]\n")
    assert plan("language: none\nservices: [mysql]\n", host_tasks=True).tasks


def test_sqlite_is_a_library_and_needs_no_service() -> None:
    assert plan("language: none\nservices: [sqlite]\n").tasks


def test_a_ci_job_is_not_planned_without_a_cell() -> None:
    with pytest.raises(Unplannable, match="cell by cell"):
        RUN_CI.plan(JOB, inputs(JOB))


CACHED = "language: none\nbuild: {cache: true, cache_dir_list: [$HOME/.npm, /tmp/$(id -u)]}\n"


def test_without_a_cache_nothing_is_unpacked_or_packed() -> None:
    made = plan("language: none\n")
    assert made.cache is None
    assert made.afterwards == ()


def test_a_cache_is_the_repositorys_and_its_folders_are_expanded_by_the_shell() -> None:
    made = plan(CACHED)
    assert made.cache == PlannedCache("github:7", restore=True, save=True)
    assert made.afterwards[-1].script[0] == 'folders=("$HOME/.npm" "/tmp/$(id -u)")'


def test_by_default_the_clone_is_cached() -> None:
    assert plan("language: none\nbuild: {cache: true}\n").afterwards[-1].script[0] == 'folders=("$SHIPPABLE_BUILD_DIR")'


@pytest.mark.parametrize("text", ["[reset cache]", "[reset_cache]", "[cache reset]", "[cache_reset]", "[reset minion]", "[reset_minion]"])
def test_a_commit_message_clears_the_cache_once(text: str) -> None:
    assert plan(CACHED, bag={"message": f"Anew {text}"}).cache == PlannedCache("github:7", restore=False, save=True)


def test_s10_a_forks_cell_writes_no_cache() -> None:
    made = plan(CACHED, bag={"fork": True})
    assert made.cache == PlannedCache("github:7", restore=True, save=False)
    assert made.afterwards == ()
