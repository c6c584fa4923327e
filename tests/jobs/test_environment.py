"""The environment of a run: spec/workflow-language.md sections 2.4 and 3.2, product.md section 8."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given as arbitrary
from hypothesis import settings
from hypothesis import strategies as st

from app.workflow.definition import Image, Task
from app.workflow.plan import Sealed, Secret, Unplannable
from app.workflow.variables import is_name, is_reserved
from tests.jobs.planning import ANN, FORK, RUN, env, give, held, in_lane, integration, job, plan, take, upstream, version, with_values

PATH = "@JOB_PATH@"

JOB_VARIABLES = {
    "JOB_NAME": "my-job",
    "JOB_TYPE": "runSh",
    "JOB_PATH": PATH,
    "JOB_STATE": f"{PATH}/state",
    "JOB_PREVIOUS_STATE": f"{PATH}/previousState",
    "JOB_INTEGRATIONS": f"{PATH}/integrations",
    "JOB_MESSAGE": f"{PATH}/message.json",
    "JOB_TRIGGERED_BY_NAME": "app",
    "JOB_TRIGGERED_BY_ID": "id-app",
    "JOB_TRIGGERED_BY_USER": "",
    "MYJOB_NAME": "my-job",
    "MYJOB_TYPE": "runSh",
    "MYJOB_PATH": PATH,
    "MYJOB_STATE": f"{PATH}/state",
    "MYJOB_PREVIOUS_STATE": f"{PATH}/previousState",
    "MYJOB_INTEGRATIONS": f"{PATH}/integrations",
    "MYJOB_MESSAGE": f"{PATH}/message.json",
    "RESOURCE_ID": "55",
    "BUILD_ID": "901",
    "BUILD_NUMBER": "4",
    "BUILD_JOB_ID": "901",
    "BUILD_JOB_NUMBER": "1",
    "BUILD_URL": "https://gl/runs/k",
    "BUILD_DIR": PATH,
    "BUILD_SECRETS_DIR": f"{PATH}/secrets",
    "SHARED_DIR": f"{PATH}/shared",
    "SUBSCRIPTION_ID": "github:acme",
    "SUBSCRIPTION_PRIVATE_KEY": f"{PATH}/secrets/subscription.pem",
    "SHIPPABLE_INTEGRATION_ENVS_PATH": f"{PATH}/secrets/integrations.env",
    "SHIPPABLE_AMI_VERSION": "gateline",
    "SHIPPABLE_WWW_URL": "https://gl",
    "SHIPPABLE_NODE_ARCHITECTURE": "x86_64",
    "SHIPPABLE_NODE_OPERATING_SYSTEM": "Debian_12",
    "IS_RESTRICTED_NODE": "false",
    "CI": "true",
    "CONTINUOUS_INTEGRATION": "true",
    "SHIPPABLE": "true",
    "GATELINE": "true",
    "GATELINE_LANE": "main",
    "GATELINE_OUTPUT": f"{PATH}/gateline/output",
    "GATELINE_SUMMARY": f"{PATH}/gateline/summary.md",
    "HOME": f"{PATH}/home",
    "LANG": "C.UTF-8",
}


def test_a_job_without_steps_has_exactly_its_own_variables() -> None:
    bare = job(name="my-job")
    assert env(bare) == JOB_VARIABLES | {"JOB_TRIGGERED_BY_ID": ""}


def test_the_trigger_is_named_with_its_id() -> None:
    found = env(job(take("app"), name="my-job"), held("app", "image", version("app", "1")))
    assert {name: found[name] for name in JOB_VARIABLES} == JOB_VARIABLES


def test_a_person_who_triggered_is_named() -> None:
    found = env(job(), run=replace(RUN, trigger="", by=ANN))
    assert (found["JOB_TRIGGERED_BY_NAME"], found["JOB_TRIGGERED_BY_USER"]) == ("ann", "ann")


def test_the_lane_is_told_without_its_repository() -> None:
    assert env(job(), run=in_lane("pr/12@github:1"))["GATELINE_LANE"] == "pr/12"


def of(prefix: str, found: dict[str, object]) -> dict[str, object]:
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def test_an_in_exports_the_common_variables() -> None:
    found = env(job(take("my-img 1")), held("my-img 1", "image", version("my-img 1", "1.2", sourceName="a/b")))
    assert of("MYIMG1_", dict(found)) == {
        "NAME": "my-img 1",
        "ID": "id-my-img 1",
        "TYPE": "image",
        "OPERATION": "IN",
        "PATH": f"{PATH}/IN/my-img 1",
        "META": f"{PATH}/IN/my-img 1",
        "STATE": f"{PATH}/IN/my-img 1/image",
        "VERSIONID": "77",
        "VERSIONNUMBER": "3",
        "VERSIONNAME": "1.2",
        "SOURCENAME": "a/b",
    }


def test_an_out_without_a_version_has_no_version_variables() -> None:
    found = env(job(give("1-a_b")), held("1-a_b", "state"))
    assert of("A_B_", dict(found)) == {
        "NAME": "1-a_b",
        "ID": "id-1-a_b",
        "TYPE": "state",
        "OPERATION": "OUT",
        "PATH": f"{PATH}/OUT/1-a_b",
        "META": f"{PATH}/OUT/1-a_b",
        "STATE": f"{PATH}/OUT/1-a_b/state",
    }


def test_a_version_without_a_name_exports_an_empty_one() -> None:
    assert env(job(take("t")), held("t", "time", version("t")))["T_VERSIONNAME"] == ""


def test_an_in_job_exports_the_common_variables() -> None:
    found = env(job(take("up")), upstream("up", version("up", "9", files="f")))
    assert (found["UP_TYPE"], found["UP_STATE"], found["UP_VERSIONNAME"]) == ("runSh", f"{PATH}/IN/up/runSh", "9")


def test_a_state_that_is_in_and_out_is_told_as_the_later_step() -> None:
    found = env(job(take("st"), give("st")), held("st", "state"))
    assert (found["ST_OPERATION"], found["ST_STATE"]) == ("OUT", f"{PATH}/OUT/st/state")


def test_params_of_an_in_are_exported_bare_and_prefixed() -> None:
    found = env(job(take("p")), held("p", "params", version("p", params={"Region": "eu"}), params={"Region": "eu"}))
    assert (found["Region"], found["P_PARAMS_REGION"], found["P_STATE"]) == ("eu", "eu", f"{PATH}/IN/p/params")


def test_params_of_an_out_are_not() -> None:
    found = env(job(give("p")), held("p", "params", version("p", params={"Region": "eu"})))
    assert "Region" not in found
    assert "P_PARAMS_REGION" not in found
    assert found["P_OPERATION"] == "OUT"


@pytest.mark.parametrize(
    ("name", "stronger"),
    [("JOB_NAME", "build"), ("HOME", f"{PATH}/home"), ("IMG_TYPE", "image"), ("IMG_VERSIONNAME", "1"), ("K", "of the integration")],
)
def test_keys_of_params_are_the_weakest(name: str, stronger: str) -> None:
    line = job(take("img"), take("p"), integrations=("kv",))
    held_params = held("p", "params", version("p", params={name: "of params"}))
    found = env(line, held("img", "image", version("img", "1")), held_params, integrations=(integration("kv", "keyValuePair", "K"),))
    assert found[name] == (Secret("kv", "K") if name == "K" else stronger)


def test_of_two_params_the_later_step_counts() -> None:
    first, second = held("p", "params", version("p", params={"K": "1"})), held("q", "params", version("q", params={"K": "2"}))
    assert env(job(take("p"), take("q")), first, second)["K"] == "2"
    assert env(job(take("q"), take("p")), first, second)["K"] == "1"


def test_injected_values_are_stronger_than_params_and_weaker_than_the_jobs_own() -> None:
    line, given = job(take("p")), held("p", "params", version("p", params={"REGION": "eu"}))
    run = with_values(("REGION", "us"), ("P_PARAMS_REGION", "us"), ("JOB_NAME", "x"), ("NEW", "n"))
    found = env(line, given, run=run)
    assert [found[name] for name in ("REGION", "P_PARAMS_REGION", "JOB_NAME", "NEW")] == ["us", "us", "build", "n"]


@pytest.mark.parametrize(
    "name", ["PATH", "LD_PRELOAD", "BASH_ENV", "ENV", "IFS", "GIT_SSH_COMMAND", "GATELINE_LANE", "A-B", "1A", "", "A B"]
)
def test_some_names_cannot_be_injected(name: str) -> None:
    with pytest.raises(Unplannable, match=f"`{name}` cannot be injected"):
        plan(job(), run=with_values((name, "x")))


def test_nul_bytes_cannot_break_the_environment() -> None:
    assert env(job(), run=with_values(("A", "x\0y")))["A"] == "xy"


def task(**more: object) -> Task:
    return Task("t", ("make",), **more)  # type: ignore[arg-type]


def task_env(made: Task, host_tasks: bool = True) -> dict[str, object]:
    line = replace(job(), steps=(made,))
    return dict(plan(line, host_tasks=host_tasks).tasks[0].env)


TASK_VARIABLES = {
    "TASK_NAME": "t",
    "TASK_IN_CONTAINER": "false",
    "TASK_CONTAINER_OPTIONS": "",
    "TASK_CONTAINER_IMAGE": "",
    "TASK_CONTAINER_IMAGE_SHOULD_PULL": "false",
    "TASK_CONTAINER_COMMAND": "",
    "TASK_CONTAINER_NAME": "",
}


@pytest.mark.parametrize(
    ("made", "variables"),
    [
        (task(), {}),
        (task(image=Image()), {}),
        (task(image=Image("node")), {"TASK_CONTAINER_IMAGE": "node:latest", "TASK_CONTAINER_IMAGE_SHOULD_PULL": "true"}),
        (
            task(image=Image("node", "8", pull=False, options="--rm")),
            {"TASK_CONTAINER_IMAGE": "node:8", "TASK_CONTAINER_OPTIONS": "--rm"},
        ),
        (task(env=(("A", "1"), ("B-C", "2"))), {"A": "1", "BC": "2"}),
        (task(env=(("TASK_NAME", "mine"), ("JOB_NAME", "mine"))), {"TASK_NAME": "mine", "JOB_NAME": "mine"}),
    ],
)
def test_a_task_has_its_variables_and_its_env_over_them(made: Task, variables: dict[str, str]) -> None:
    assert task_env(made) == TASK_VARIABLES | variables


def test_a_task_may_set_variables_of_git() -> None:
    assert task_env(task(env=(("GIT_AUTHOR_NAME", "Ann"),)))["GIT_AUTHOR_NAME"] == "Ann"


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "BASH_ENV", "IFS", "GATELINE_X", "ENV", "-", "1A"])
def test_a_task_may_not_set_some_names(name: str) -> None:
    with pytest.raises(Unplannable, match="in `env`"):
        task_env(task(env=((name, "x"),)))


AWS = integration("aws", "amazonKeys", "accessKey", "secretKey")


def test_the_fields_of_an_integration_in_are_named_never_held() -> None:
    found = env(job(take("my_aws")), held("my_aws", "integration", integration="aws"), integrations=(AWS,))
    assert found["MY_AWS_INTEGRATION_NAME"] == "aws"
    assert found["MY_AWS_INTEGRATION_ACCESSKEY"] == Secret("aws", "accessKey")
    assert found["MY_AWS_INTEGRATION_SECRETKEY"] == Secret("aws", "secretKey")


def test_job_level_integrations_go_by_their_own_name() -> None:
    assert env(job(integrations=("aws",)), integrations=(AWS,))["AWS_INTEGRATION_ACCESSKEY"] == Secret("aws", "accessKey")


def test_key_values_are_exported_as_they_are_and_by_name_unless_that_is_not_safe() -> None:
    keys = integration("kv", "keyValuePair", "Token", "PATH", "a-b", "GATELINE_X")
    found = env(job(take("s")), held("s", "integration", integration="kv"), integrations=(keys,))
    assert found["Token"] == Secret("kv", "Token")
    assert found["S_INTEGRATION_TOKEN"] == Secret("kv", "Token")
    assert found["S_INTEGRATION_PATH"] == Secret("kv", "PATH")
    assert found["S_INTEGRATION_AB"] == Secret("kv", "a-b")
    assert not {"PATH", "a-b", "ab", "GATELINE_X"} & set(found)


def test_key_values_override_neither_steps_nor_the_job() -> None:
    keys = integration("kv", "keyValuePair", "S_TYPE", "JOB_NAME")
    found = env(job(take("s")), held("s", "integration", integration="kv"), integrations=(keys,))
    assert (found["S_TYPE"], found["JOB_NAME"]) == ("integration", "build")


@pytest.mark.parametrize(
    ("type", "fields", "paths"),
    [
        ("sshKey", ("publicKey", "privateKey"), {"KEYPATH": "_key", "PRIVATE_KEY_PATH": "_key", "PUBLIC_KEY_PATH": "_key.pub"}),
        ("pemKey", ("key",), {"KEYPATH": "_key.pem"}),
        ("amazonKeys", ("accessKey",), {}),
    ],
)
def test_paths_of_keys(type: str, fields: tuple[str, ...], paths: dict[str, str]) -> None:
    found = env(job(take("k")), held("k", "integration", integration="i"), integrations=(integration("i", type, *fields),))
    assert {name: value for name, value in of("K_", dict(found)).items() if "PATH" in name and name != "PATH"} == {
        name: f"{PATH}/IN/k/k{suffix}" for name, suffix in paths.items()
    }


def test_an_ssh_key_is_exported_in_both_spellings() -> None:
    found = env(
        job(take("k")), held("k", "integration", integration="i"), integrations=(integration("i", "sshKey", "privateKey", "publicKey"),)
    )
    for name in ("K_PRIVATEKEY", "K_INTEGRATION_PRIVATEKEY"):
        assert found[name] == Secret("i", "privateKey")
    assert found["K_PUBLICKEY"] == Secret("i", "publicKey")


@pytest.mark.parametrize("line", [job(take("k")), job(integrations=("i",))], ids=["an IN", "the job"])
def test_an_integration_that_is_not_there_ends_the_run(line: object) -> None:
    with pytest.raises(Unplannable, match="gateline secret set i"):
        plan(line, held("k", "integration", integration="i"))  # type: ignore[arg-type]


def test_the_integration_of_a_repository_is_the_forges_own_affair() -> None:
    repo = held("app", "gitRepo", version("app", "a", sha="a" * 40, repository="github:1"), integration="gh")
    found = env(job(take("app")), repo)
    assert of("APP_INTEGRATION_", dict(found)) == {"NAME": "gh"}


def test_a_forks_run_gets_names_and_no_secret() -> None:
    line = job(take("k"), integrations=("aws",))
    made = plan(
        line,
        held("k", "integration", integration="i"),
        integrations=(integration("i", "sshKey", "privateKey", "publicKey"), AWS),
        run=in_lane("pr/1@github:1", FORK),
    )
    values = (
        [value for _, value in made.env] + [file.content for file in made.files] + [value for each in made.tasks for _, value in each.env]
    )
    assert not [value for value in values if isinstance(value, Secret)]
    assert dict(made.env)["K_INTEGRATION_NAME"] == "i"
    assert dict(made.env)["AWS_INTEGRATION_NAME"] == "aws"
    assert not [file for file in made.files if "integration.json" in file.path or "_key" in file.path]


TEMPLATES = [
    ("$P_PARAMS_TAG", "1.5"),
    ("${TAG}-x", "1.5-x"),
    ("$BUILD_NUMBER", "4"),
    ("$LATER_VERSIONNAME", ""),
    ("$OUTP_VERSIONNAME", ""),
    ("$S_INTEGRATION_TOKEN", ""),
    ("$UNKNOWN", ""),
    ("plain", "plain"),
]


@pytest.mark.parametrize(("template", "text"), TEMPLATES)
def test_version_data_is_filled_in_from_the_job_and_the_ins_before_it(template: str, text: str) -> None:
    line = job(take("p"), give("outp"), take("s"), take("img"), take("later"))
    given = (
        held("p", "params", version("p", params={"TAG": "1.5"})),
        held("outp", "image", version("outp", "7")),
        held("s", "integration", integration="kv"),
        held("img", "image", version("img", template, sourceName=f"a/{template}"), sourceName="a/b"),
        held("later", "image", version("later", "8")),
    )
    found = env(line, *given, integrations=(integration("kv", "keyValuePair", "TOKEN"),))
    assert (found["IMG_VERSIONNAME"], found["IMG_SOURCENAME"]) == (text, f"a/{text}")


def test_params_are_no_templates() -> None:
    found = env(job(take("p")), held("p", "params", version("p", params={"TAG": "$BUILD_NUMBER"}), params={}))
    assert found["TAG"] == "$BUILD_NUMBER"


def test_what_a_commit_says_is_no_template() -> None:
    repo = held("app", "gitRepo", version("app", "a", sha="a" * 40, repository="github:1", message="costs $HOME"), sourceName="a/b")
    assert env(job(take("app")), repo)["APP_COMMIT_MESSAGE"] == "costs $HOME"


@settings(max_examples=100, deadline=None)
@arbitrary(st.dictionaries(st.text(max_size=12) | st.sampled_from(["PATH", "GIT_DIR", "JOB_NAME", "P-ATH", "P_TYPE"]), st.text(max_size=5)))
def test_whatever_params_hold_every_name_is_fit_for_a_shell_and_none_is_the_platforms(keys: dict[str, str]) -> None:
    found = env(job(take("p")), held("p", "params", version("p", params=dict(keys))))
    assert all(is_name(name) for name in found)
    assert [name for name in found if is_reserved(name)] == ["GATELINE_LANE", "GATELINE_OUTPUT", "GATELINE_SUMMARY"]
    assert (found["JOB_NAME"], found["P_TYPE"]) == ("build", "params")


def test_encrypted_params_are_as_weak_as_the_others_and_stand_in_their_place() -> None:
    of = job(take("a"), take("b"), take("c"))
    first, last = (held(name, "params", version(name, params={"K": name})) for name in "ac")
    made = env(of, first, held("b", "params", version("b", params={"secure": "cipher"})), last)
    names = list(made)
    assert made["B_PARAMS_SECURE"] == Sealed("cipher", "B_PARAMS_")
    assert names.index("K") < names.index("B_PARAMS_SECURE") < names.index("B_TYPE") < names.index("JOB_NAME")
