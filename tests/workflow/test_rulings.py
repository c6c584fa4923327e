"""The rulings of spec/workflow-language.md section 10, each by its number: where the original's sources were silent or disagreed."""

from __future__ import annotations

import pytest

from app.wire import kinds
from app.workflow.definition import Fragment, HookKind, Job, Output, Resource, Severity
from app.workflow.line import STATUS_CODES, Status
from app.workflow.link import link
from app.workflow.parse import Parsed, parse
from tests.pointing import exists, functions_of, numbered

KINDS = kinds()
COVERED = {
    1: "tests/workflow/test_modes.py::test_an_upstream_job_that_failed",
    2: "tests/workflow/test_modes.py::test_an_upstream_job_that_is_inconsistent",
    3: "tests/workflow/test_modes.py::test_strict_ignores_what_is_switched_off_both_to_create_and_to_release",
    4: "tests/workflow/test_modes.py::test_a_switched_off_failed_job_blocks_chrono",
    5: "tests/workflow/test_trigger.py::test_one_run_that_is_both_in_and_producer_of_an_in_fires_once",
    9: "tests/contract/executors.py::test_a_failed_run_keeps_its_keys_and_takes_its_previous_files_again",
    10: "tests/contract/executors.py::test_keys_are_collected_in_order_split_at_the_first_equals_sign",
    12: "tests/executors/test_shipctl.py::test_the_name_of_a_resource_is_that_of_its_variables",
    13: "tests/jobs/test_deploy.py::test_load_balancers_say_where_they_send_to",
    16: "tests/jobs/test_environment.py::test_an_ssh_key_is_exported_in_both_spellings",
    17: "tests/executors/test_shipctl.py::test_getters_of_fields_and_params",
    18: "tests/resources/test_environment.py::test_pointer_and_seed_are_exported_for_the_new_syntax",
    19: "tests/resources/test_git_drafts.py::test_lane_of_the_version",
    20: "tests/resources/test_git_drafts.py::test_a_skip_mark_makes_a_skipped_draft_with_a_reason",
    21: "tests/workflow/test_executions.py::test_priority_comes_first_then_age",
    22: "tests/workflow/test_semver.py::test_bumps_follow_the_table",
    23: "tests/jobs/test_release.py::test_each_run_counts_on_from_the_last",
    24: "tests/jobs/test_release.py::test_a_pure_counter_needs_no_manifest",
    25: "tests/workflow/test_executions.py::test_of_a_job_the_newest_successful_version_is_taken",
    26: "tests/contract/executors.py::test_a_timeout_counts_and_runs_no_sections",
    27: "tests/scenarios/test_slack.py::test_a_notification_resource_is_told_as_the_hook_says",
    32: "tests/contract/executors.py::test_exactly_one_mebibyte_is_taken",
    33: "tests/jobs/test_untrusted.py::test_a_forks_commit_among_the_ins_takes_secrets_and_outs_away_whatever_the_cause",
    34: "tests/workflow/test_trigger.py::test_a_paused_job_is_not_started_and_what_came_meanwhile_is_not_replayed",
    35: "tests/scenarios/test_sources.py::test_a_file_that_does_not_parse_changes_nothing_and_says_where_until_it_is_mended",
    36: "tests/jobs/test_deploy.py::test_a_repository_and_a_script_go_to_a_cluster_of_nodes",
}
"""Rulings that other tests cover: what the engine decides and what runs do."""


def test_every_ruling_has_a_test_that_names_it() -> None:
    here = numbered("ruling", functions_of("tests/workflow/test_rulings.py"))
    assert here | COVERED.keys() == set(range(1, 37))
    assert [node for node in COVERED.values() if not exists(node)] == []


def read(text: str) -> Parsed:
    return parse("github:acme/app@main", "c0ffee", {"gateline.yml": text.encode()}, KINDS)


def job(steps: str, rest: str = "") -> Job:
    """Of a file in which nothing is wrong."""
    result = read(f"jobs: [{{name: it, type: runSh, steps: [{steps}]{rest}}}]")
    assert [problem for problem in result.problems if problem.severity is Severity.ERROR] == []
    assert result.fragment is not None
    return result.fragment.jobs[0]


def test_ruling_6_a_pull_request_is_replicated_unless_it_is_said_otherwise() -> None:
    assert job("{OUT: o, replicate: i}, {TASK: [make]}").outputs[0].replicate_on_pull_request
    assert not job("{OUT: o, replicate: i, replicateOnPullRequest: false}, {TASK: [make]}").outputs[0].replicate_on_pull_request


def test_ruling_7_an_image_is_pulled_unless_it_is_said_otherwise() -> None:
    def pulled(more: str) -> bool:
        (task,) = job(f"{{TASK: {{script: make, runtime: {{options: {{imageName: a/b{more}}}}}}}}}").tasks
        return bool(task.image and task.image.pull)

    assert pulled("")
    assert not pulled(", pull: false")


def test_ruling_8_a_replicated_repository_keeps_its_configuration() -> None:
    own = {"sourceName": "acme/out", "branch": "main", "buildOnCommit": True, "sha": "a" * 40}
    taken = KINDS.resources["gitRepo"].replicate(own, {"sourceName": "acme/in", "branch": "other", "sha": "b" * 40})
    assert {key: taken[key] for key in own} == {**own, "sha": "b" * 40}


@pytest.mark.parametrize("name", ["my-app", "my app", "my.app", "my_app", "1app"])
def test_ruling_11_names_have_letters_digits_dots_underscores_dashes_and_blanks(name: str) -> None:
    assert read(f"resources: [{{name: '{name}', type: state}}]").problems == ()


def test_ruling_11_two_names_with_one_variable_in_a_job_are_refused() -> None:
    found = link({"s": Fragment("s", "", (job("{IN: my-app}, {IN: my.app}, {TASK: [make]}"),))}, kinds=KINDS)
    assert any("would share their variables (`MYAPP_…`)" in problem.sentence for problem in found.problems)


@pytest.mark.parametrize("hook", ["on_start", "on_cancel"])
def test_ruling_14_scripts_of_on_start_and_on_cancel_are_ignored_with_a_warning(hook: str) -> None:
    result = read(f"jobs: [{{name: it, type: runSh, steps: [{{TASK: [make]}}], {hook}: [{{script: x}}]}}]")
    assert [(each.severity, "never run" in each.sentence) for each in result.problems] == [(Severity.WARNING, True)]
    assert result.fragment is not None
    assert result.fragment.jobs[0].hooks[HookKind(hook)].script == ()


def test_ruling_15_statuses_are_shown_for_every_kind_of_event_so_that_asking_for_them_changes_nothing() -> None:
    assert read("jobs: [{name: it, type: runSh, steps: [{IN: app, showBuildStatus: true}, {TASK: [make]}]}]").problems == ()


def test_ruling_18_depth_and_git_config_may_stand_in_the_old_syntax() -> None:
    text = "resources: [{name: app, type: gitRepo, %s: {sourceName: a/b, branch: main, depth: 5, gitConfig: [core.autocrlf input]}}]"
    old, new = (read(text % part) for part in ("pointer", "versionTemplate"))
    assert old.problems == new.problems == ()
    assert old.fragment is not None
    assert new.fragment is not None
    assert old.fragment.resources[0].content == new.fragment.resources[0].content


def test_ruling_28_plain_strings_of_a_task_are_script_lines() -> None:
    assert job("{TASK: [shipctl retry make, {script: b}]}").tasks[0].script == ("shipctl retry make", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("resources: [{name: a, type: gitRepo, buildOnCommit: false, pointer: {sourceName: a/b}}]", "`buildOnCommit` belongs under"),
        ("resources: [{name: a, type: gitRepo, integrationName: x, pointer: {sourceName: a/b}}]", "`integrationName` is not a key"),
        ("resources: [{name: a, type: Google Cloud}]", "`Google Cloud` is not a type of resource"),
        ("jobs: [{name: a, type: runSh, steps: [{TASK: [make]}, {TASKS: [make]}]}]", "a step needs IN, OUT or TASK; this one has `TASKS`"),
    ],
)
def test_ruling_29_slips_of_the_samples_are_told_and_not_accepted(text: str, said: str) -> None:
    result = read(text)
    assert any(said in each.sentence for each in result.problems)
    for resource in result.fragment.resources if result.fragment else ():
        assert not {"buildOnCommit", "integrationName"} & resource.content.keys()


def test_ruling_30_the_4000_series_is_kept() -> None:
    assert STATUS_CODES[Status.QUEUED] == 4000
    assert STATUS_CODES[Status.SUCCEEDED] == 4002


def test_ruling_31_any_resource_but_five_may_be_an_out() -> None:
    def may(name: str, step: Output) -> bool:
        return KINDS.may_be_output(Resource("it", name, "s"), step)

    refused = {name for name in KINDS.resources if not may(name, Output("it"))}
    assert {"ciRepo", "trigger", "time", "webhook", "externalCIServer"} <= refused
    assert may("ciRepo", Output("it", replicate="app"))
    assert {"gitRepo", "image", "file", "params", "cluster", "state", "version", "replicas", "dockerOptions"}.isdisjoint(refused)
