"""What a run does, as data: spec/workflow-language.md sections 2.3, 2.5, 3.2 and 5."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.workflow.definition import Hook, HookKind, Image, Runtime, Task
from app.workflow.line import Cause
from app.workflow.plan import Checkout, Collect, Plan, PlannedTask, Restore, Secret, Unplannable
from tests.jobs.planning import (
    FORK,
    RUN,
    RUN_SH,
    contents,
    give,
    held,
    in_lane,
    inputs,
    integration,
    job,
    plan,
    take,
    upstream,
    version,
)

FOLDERS = {"home", "IN", "OUT", "state", "previousState", "shared", "integrations", "scripts", "secrets", "status"}


def commit(**more: Any) -> Any:
    bag = {
        "sha": "a" * 40,
        "repository": "github:1",
        "fullName": "acme/app",
        "sourceName": "acme/app",
        "pullRequest": None,
        "merges": False,
    }
    return held("app", "gitRepo", version("app", "a" * 40, **{**bag, **more}), sourceName="acme/app")


def described(made: Plan, path: str) -> dict[str, Any]:
    content = contents(made)[path]
    assert isinstance(content, str)
    return json.loads(content)  # type: ignore[no-any-return]


def test_an_empty_job_finds_the_standing_folders_and_files() -> None:
    made = plan(job())
    assert set(made.folders) == FOLDERS
    assert set(contents(made)) == {
        "state/build.env",
        "message.json",
        "secrets/integrations.env",
        "gateline/output",
        "gateline/summary.md",
    }
    assert (made.job, made.number) == ("build", 4)


def test_each_step_has_a_folder_with_one_of_its_type_and_an_empty_env_file() -> None:
    made = plan(job(take("img"), give("st"), take("up")), held("img", "image"), held("st", "state"), upstream("up", version("up")))
    assert set(made.folders) - FOLDERS == {"IN/img/image", "OUT/st/state", "IN/up/runSh"}
    assert contents(made)["state/img.env"] == contents(made)["state/st.env"] == contents(made)["state/up.env"] == ""
    assert {"IN/img/version.json", "OUT/st/version.json", "IN/up/version.json"} <= set(contents(made))


def test_the_state_of_params_is_a_file_of_lines() -> None:
    made = plan(job(take("p")), held("p", "params", version("p", params={"A": 1, "b": {"c": "d"}})))
    assert contents(made)["IN/p/params"] == 'A=1\nb={"c":"d"}\n'
    assert "IN/p" in made.folders
    assert "IN/p/params" not in made.folders


def test_version_json_tells_all_of_a_version() -> None:
    made = plan(job(take("img", pull=False)), held("img", "image", version("img", "1.2", sourceName="a/b", k=[1]), sourceName="a/b"))
    assert described(made, "IN/img/version.json") == {
        "name": "img",
        "type": "image",
        "operation": "IN",
        "resourceId": "id-img",
        "propertyBag": {"yml": {"name": "img", "type": "image", "versionTemplate": {"sourceName": "a/b"}}},
        "version": {"versionId": "77", "versionNumber": 3, "versionName": "1.2", "propertyBag": {"sourceName": "a/b", "k": [1]}},
        "versionDependencyPropertyBag": {"pull": False},
    }


def test_version_json_of_an_out_without_a_version_can_be_edited() -> None:
    made = plan(job(give("st")), held("st", "state"))
    assert described(made, "OUT/st/version.json")["version"] == {
        "versionId": "",
        "versionNumber": None,
        "versionName": "",
        "propertyBag": {},
    }


def test_version_json_of_a_webhook_does_not_tell_its_key() -> None:
    made = plan(job(take("w")), held("w", "webhook", version("w", payload={"a": 1}), webhookKey="hush"))
    assert "hush" not in "".join(str(content) for content in contents(made).values())
    assert described(made, "IN/w/version.json")["version"]["propertyBag"] == {"payload": {"a": 1}}


def test_message_json_says_what_set_the_run_off() -> None:
    cause = Cause("push", "d", "github:1", "acme/app", "a" * 40, "refs/heads/main", title="Fix")
    message = described(plan(job(), run=replace(RUN, causes=(cause,))), "message.json")
    assert (message["job"], message["number"], message["lane"], message["trigger"], message["by"]) == ("build", 4, "main", "app", None)
    assert message["causes"] == [
        {"kind": "push", "repository": "acme/app", "sha": "a" * 40, "ref": "refs/heads/main", "number": None, "title": "Fix"}
    ]


def test_files_of_an_integration_are_named_secrets_readable_by_the_run_alone() -> None:
    made = plan(
        job(take("k"), integrations=("i",)),
        held("k", "integration", integration="i"),
        integrations=(integration("i", "sshKey", "publicKey", "privateKey"),),
    )
    found = {file.path: (file.content, file.mode) for file in made.files if isinstance(file.content, Secret)}
    assert found == {
        "IN/k/integration.json": (Secret("i", form="json"), 0o600),
        "IN/k/integration.env": (Secret("i", form="env"), 0o600),
        "IN/k/k_key": (Secret("i", "privateKey"), 0o600),
        "IN/k/k_key.pub": (Secret("i", "publicKey"), 0o600),
        "integrations/i/integration.json": (Secret("i", form="json"), 0o600),
        "integrations/i/integration.env": (Secret("i", form="env"), 0o600),
        "integrations/i/i_key": (Secret("i", "privateKey"), 0o600),
        "integrations/i/i_key.pub": (Secret("i", "publicKey"), 0o600),
    }


def test_a_commit_is_checked_out_by_sha() -> None:
    assert plan(job(take("app")), commit()).checkouts == (Checkout("app", "IN/app/gitRepo", "github:1", "acme/app", "a" * 40),)


def test_depth_and_git_config_are_the_repositorys() -> None:
    made = plan(job(take("app")), commit(depth=3, gitConfig=["core.longpaths true", "user.name x"])).checkouts[0]
    assert (made.depth, made.config) == (3, ("core.longpaths true", "user.name x"))


@pytest.mark.parametrize(
    ("bag", "merged"),
    [
        ({"pullRequest": 12, "merges": True, "baseBranch": "main"}, (12, "main")),
        ({"pullRequest": 12, "merges": False, "baseBranch": "main"}, (None, "")),
        ({"pullRequest": None, "merges": False}, (None, "")),
    ],
    ids=["built as a request", "closed", "a commit"],
)
def test_a_pull_request_is_merged_with_its_base(bag: dict[str, Any], merged: tuple[int | None, str]) -> None:
    made = plan(job(take("app")), commit(**bag)).checkouts[0]
    assert (made.number, made.base_ref) == merged


def test_an_out_is_not_checked_out() -> None:
    assert plan(job(give("app")), commit()).checkouts == ()


@pytest.mark.parametrize("given", [None, version("app", "x", sourceName="acme/app")], ids=["no version", "no commit"])
def test_a_repository_without_a_commit_ends_the_run(given: Any) -> None:
    with pytest.raises(Unplannable, match="app has no commit yet"):
        plan(job(take("app")), held("app", "gitRepo", given, sourceName="acme/app"))


def test_state_files_are_laid_down() -> None:
    made = plan(
        job(take("st"), give("st"), take("up"), take("img")),
        held("st", "state", version("st", files="f1")),
        upstream("up", version("up", files="f2")),
        held("img", "image", version("img", "1")),
        previous=version("build", files="f0"),
    )
    assert made.restores == (Restore("f0", "previousState"), Restore("f1", "IN/st/state"), Restore("f2", "IN/up/runSh"))
    assert made.previous_files == "f0"


def test_a_first_run_has_no_previous_state() -> None:
    made = plan(job())
    assert (made.restores, made.previous_files) == ((), None)


def test_a_state_that_is_in_and_out_has_one_env_file() -> None:
    made = plan(job(take("st"), give("st")), held("st", "state"))
    paths = [file.path for file in made.files]
    assert len(paths) == len(set(paths))


def test_outs_and_the_job_are_collected_in_order() -> None:
    made = plan(job(give("p"), give("st"), take("img")), held("p", "params"), held("st", "state"), held("img", "image"))
    assert made.collects == (
        Collect("", "state/build.env", "", "state", "state/outputVersion.json", "gateline/output", "gateline/summary.md"),
        Collect("p", "state/p.env", "OUT/p/version.json"),
        Collect("st", "state/st.env", "OUT/st/version.json", "OUT/st/state"),
    )


def test_of_a_forks_run_no_out_is_collected() -> None:
    made = plan(job(give("p")), held("p", "params"), run=in_lane("pr/1@github:1", FORK))
    assert [each.name for each in made.collects] == [""]


def test_tasks_and_hooks_keep_their_order() -> None:
    hooks = {
        HookKind.ON_SUCCESS: Hook(("echo ok",)),
        HookKind.ON_FAILURE: Hook(("echo bad", "more")),
        HookKind.ALWAYS: Hook(("echo end",)),
        HookKind.ON_CANCEL: Hook(("never",)),
    }
    line = replace(job(hooks=hooks), steps=(Task("one", ("a", "b")), Task("two", ("c",))))
    made = plan(line)
    assert [(task.name, task.script) for task in made.tasks] == [("one", ("a", "b")), ("two", ("c",))]
    assert (made.on_success, made.on_failure, made.always) == (("echo ok",), ("echo bad", "more"), ("echo end",))
    assert all(isinstance(task, PlannedTask) for task in made.tasks)


@pytest.mark.parametrize(("runtime", "seconds"), [(Runtime(), 1200.0), (Runtime(timeout_minutes=5), 300.0)])
def test_the_timeout_is_the_jobs_else_the_default(runtime: Runtime, seconds: float) -> None:
    assert plan(job(runtime=runtime), default_timeout=1200.0).timeout == seconds


def containered() -> Any:
    return replace(job(), steps=(Task("t", ("make",), image=Image("node", "8")),))


def test_a_task_that_names_an_image_ends_the_run_before_it_starts() -> None:
    with pytest.raises(Unplannable, match=r"t names the container image node; this installation runs tasks on the host only"):
        plan(containered())


def test_unless_the_account_runs_such_tasks_on_the_host() -> None:
    assert plan(containered(), host_tasks=True).tasks[0].name == "t"


def test_an_image_to_be_pulled_ends_the_run_likewise() -> None:
    line, image = job(take("img", pull=True)), held("img", "image", version("img", "1"))
    with pytest.raises(Unplannable, match="img asks with `pull: true`"):
        plan(line, image)
    assert plan(line, image, host_tasks=True).tasks
    assert plan(job(take("img", pull=False)), image).tasks


def test_a_step_that_nobody_defines_any_more_ends_the_run() -> None:
    with pytest.raises(Unplannable, match="gone is an input or output"):
        plan(job(take("gone")))


@pytest.mark.parametrize("name", ["a/b", "..", "."])
def test_a_name_never_leads_out_of_the_workspace(name: str) -> None:
    with pytest.raises(Unplannable, match="folder"):
        plan(job(take(name)), held(name, "image"))


def test_a_type_that_is_not_known_ends_the_run() -> None:
    with pytest.raises(Unplannable, match="of type mystery, which this installation does not know"):
        plan(job(take("c")), held("c", "mystery"))


def test_planning_twice_gives_the_same_plan() -> None:
    line, given = job(take("app"), give("p")), (commit(), held("p", "params", version("p", params={"A": "1"})))
    assert RUN_SH.plan(line, inputs(line, *given)) == RUN_SH.plan(line, inputs(line, *given))


@pytest.mark.parametrize(
    ("tasks", "paths"),
    [
        ((Task("t", ("make",)),), []),
        ((Task("t", ()), Task("u", ("", "  "))), ["steps"]),
        ((Task("t", ("make",), env=(("A", "1"), ("PATH", "x"))),), ["steps"]),
        ((Task("t", ("make",), env=(("LD_PRELOAD", "x"),)), Task("u", ("make",), env=(("-", "x"),))), ["steps", "steps"]),
    ],
    ids=["fine", "no line", "PATH", "two names"],
)
def test_what_is_wrong_with_a_definition(tasks: tuple[Task, ...], paths: list[str]) -> None:
    assert [fault.path for fault in RUN_SH.check(replace(job(), steps=tasks))] == paths
