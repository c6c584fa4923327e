"""The surprises of real workflow files (data/workflow-facts.md section 4), each by its number: read, warned of, or refused in words."""

from __future__ import annotations

from base64 import b64encode

import pytest

from app.wire import kinds
from app.workflow.definition import Fragment, HookKind, Job, Problem, Severity
from app.workflow.elsewhere import tolerated
from app.workflow.files import is_workflow_file, near_miss
from app.workflow.link import link
from app.workflow.names import env_name
from app.workflow.parse import Parsed, parse
from tests.pointing import exists, functions_of, numbered

KINDS = kinds()
COVERED = {
    10: "tests/workflow/ci/test_read.py::test_surprise_10_the_text_of_a_version_is_kept",
    16: "tests/workflow/ci/test_automatic.py::"
    "test_surprise_16_the_ci_job_of_another_project_may_be_declared_and_goes_before_the_automatic_one",
    28: "tests/jobs/test_environment.py::test_params_of_an_in_are_exported_bare_and_prefixed",
    30: "tests/jobs/test_environment.py::test_version_data_is_filled_in_from_the_job_and_the_ins_before_it",
    31: "tests/contract/executors.py::test_scripts_run_as_the_language_says",
    32: "tests/contract/executors.py::test_scripts_run_as_the_language_says",
    33: "tests/contract/executors.py::test_scripts_run_as_the_language_says",
    34: "tests/contract/executors.py::test_keys_are_collected_in_order_split_at_the_first_equals_sign",
    35: "tests/workflow/ci/test_read.py::test_surprise_35_the_boot_image_keeps_its_variables_and_may_have_options_only",
    36: "tests/workflow/ci/test_matrix.py::test_surprise_36_one_excluded_entry_and_138_included_ones_are_138_cells",
    37: "tests/workflow/ci/test_read.py::test_surprise_37_scalars_stand_where_lists_are_usual",
}
"""Surprises that other tests cover, or cover as well: what runs do, and CI keys."""


def test_every_surprise_has_a_test_that_names_it() -> None:
    here = numbered("surprise", functions_of("tests/workflow/test_surprises.py"))
    assert here | COVERED.keys() == set(range(1, 38))
    assert [node for node in COVERED.values() if not exists(node)] == []


def read(**files: str) -> Parsed:
    """Files by name, `__` for a dot and `_in_` for a folder below (`shippable__jobs`, `infra_in_shippable`)."""
    named = {f"{name.replace('_in_', '/').replace('__', '.')}.yml": text.encode() for name, text in files.items()}
    return parse("github:acme/app@main", "c0ffee", named, KINDS)


def fragment(**files: str) -> Fragment:
    """Of files in which nothing is wrong."""
    result = read(**files)
    assert result.problems == ()
    assert result.fragment is not None
    return result.fragment


def only(problems: tuple[Problem, ...]) -> Problem:
    (problem,) = problems
    return problem


def job(steps: str, rest: str = "", type_name: str = "runSh") -> str:
    lines = "".join(f"      {line}\n" for line in steps.splitlines())
    return f"jobs:\n  - name: it\n    type: {type_name}\n    steps:\n{lines}{rest}"


def the(parsed: Fragment) -> Job:
    return next(each for each in parsed.jobs if each.name == "it")


TASK = "- TASK: [make]\n"
CIPHER = b64encode(bytes(256)).decode()


@pytest.mark.parametrize(("written", "on"), [("off", False), ("'off'", False), ("false", False), ("on", True), ("'on'", True)])
def test_surprise_1_switch_is_a_word_and_a_boolean(written: str, on: bool) -> None:
    assert the(fragment(gateline=job(f"- IN: a\n  switch: {written}\n{TASK}"))).inputs[0].switch is on


def test_surprise_2_tabs_after_a_value_are_nothing() -> None:
    assert the(fragment(gateline=job(TASK, "    dependencyMode: strict\t\t\n"))).mode == "strict"


@pytest.mark.parametrize(
    "text",
    [
        job(f"- IN: a\n  switch: off\n  switch: on\n{TASK}"),
        "resources: [{name: p, type: params, version: {params: {secure: a, secure: b}}}]",
        job("- IN: a\n- IN: o\n  applyTo: [a]\n  applyTo: [b]\n", type_name="manifest"),
        "jobs: []\njobs: []",
    ],
)
def test_surprise_3_a_key_that_stands_twice_is_an_error_and_none_is_dropped_silently(text: str) -> None:
    result = read(gateline=text)
    assert result.fragment is None
    assert "stands twice" in only(result.problems).sentence
    assert "first at gateline.yml:" in only(result.problems).sentence


@pytest.mark.parametrize("name", ["script-multiline\\", "template-multiline>", "script-multiline|"])
def test_surprise_4_an_anchor_with_punctuation_is_refused_with_what_its_name_may_hold(name: str) -> None:
    found = only(read(gateline=f"t: &{name} [make]\n").problems)
    assert "the name of an anchor or alias may have letters, digits, `-` and `_` only" in found.sentence


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        (
            "jobs:\n- name: a\n  steps:\n    - IN: x\n   - IN: y\n",
            "gateline.yml:5:4",
            "the indentation does not fit the lines above in job `a`",
        ),
        (
            "jobs:\n- name: a\n  steps:\n  - IN: x\n  - TASK:\n    - script: echo x: y\n",
            "gateline.yml:6:21",
            "put the whole value in quotes, or mend the indentation in job `a`, step 2 (TASK)",
        ),
        (
            "jobs:\n- name: a\n  steps:\n\t- IN: x\n",
            "gateline.yml:4:1",
            "a tab stands in the indentation; YAML allows blanks only in job `a`",
        ),
    ],
)
def test_surprise_5_broken_yaml_has_line_column_and_step(text: str, place: str, sentence: str) -> None:
    found = only(read(gateline=text).problems)
    assert str(found.place) == place
    assert sentence in found.sentence


def test_surprise_6_anchors_of_the_templates_file_serve_files_in_folders() -> None:
    found = fragment(shippable__templates="t: &tpl [one]\n", infra_in_shippable=job("- TASK: {script: [*tpl, two]}\n"))
    assert the(found).tasks[0].script == ("one", "two")


def test_surprise_7_templates_in_templates_are_flattened_and_empty_items_passed_over() -> None:
    templates = "a: &a [one]\nb: &b [*a, [two, [*a]]]\n"
    nested = the(fragment(shippable__templates=templates, gateline=job("- TASK: {script: [*b, ~, three]}\n")))
    whole = the(fragment(shippable__templates=templates, gateline=job("- TASK: {script: *b}\n")))
    assert nested.tasks[0].script == ("one", "two", "one", "three")
    assert whole.tasks[0].script == ("one", "two", "one")


def test_surprise_8_any_key_at_the_top_may_hold_anchors() -> None:
    text = "get_max_ver_temp: &get_max_ver [one]\ntemplates:\n  x: &y [two]\n" + job("- TASK: {script: [*get_max_ver, *y]}\n")
    assert the(fragment(gateline=text)).tasks[0].script == ("one", "two")


@pytest.mark.parametrize("text", ["", "# nothing\n", "resources:\n# - name: a\njobs:\ntriggers:\n"])
def test_surprise_9_empty_files_and_sections_are_fine(text: str) -> None:
    assert fragment(gateline=text) == Fragment("github:acme/app@main", "c0ffee")


def test_surprise_10_numbers_keep_their_text() -> None:
    (params,) = fragment(gateline="resources: [{name: p, type: params, version: {params: {CPUSHARES: .25, NODE: 0.10, N: 5}}}]").resources
    assert params.content["params"] == {"CPUSHARES": ".25", "NODE": "0.10", "N": 5}


def test_surprise_11_lines_that_are_indented_further_in_folded_text_stay_lines() -> None:
    text = job("- TASK:\n    - script: >\n        packer build\n          -var a=b\n        x\n")
    assert the(fragment(gateline=text)).tasks[0].script == ("packer build\n  -var a=b\nx\n",)


def test_surprise_12_files_in_folders_are_read_and_near_misses_are_told() -> None:
    read_ones = ("images/x86_64/Ubuntu_16.04/shippable.yml", "infra/shippable.jobs.yml", ".shippable.yaml", "shippable.yaml")
    assert all(is_workflow_file(path) for path in read_ones)
    assert not any(is_workflow_file(path) for path in ("Shippable.yml", "shippables.jobs.yml"))
    assert "is `shippable.yml` meant?" in str(near_miss("Shippable.yml"))
    assert "is `shippable.jobs.yml` meant?" in str(near_miss("shippables.jobs.yml"))
    capital = only(read(shippable__resources="Resources:\n- {name: a, type: state}\n").problems)
    assert (capital.severity, capital.nearest) == (Severity.WARNING, "resources")


def test_surprise_13_jobs_may_stand_in_the_resources_file_and_ci_keys_in_any() -> None:
    found = fragment(shippable__resources=job(TASK), shippable__jobs="language: node_js\nbuild: {ci: [make]}\n")
    assert [each.name for each in found.jobs] == ["it"]


def test_surprise_14_the_triggers_file_may_be_a_bare_list() -> None:
    (found,) = fragment(shippable__triggers="- name: t\n  version: {counter: 1}\n").resources
    assert (found.name, found.type) == ("t", "trigger")


def test_surprise_15_a_name_of_another_repository_is_a_note_and_no_error() -> None:
    found = fragment(gateline=job(f"- IN: prod_release\n- IN: shipit_gh_ssh\n{TASK}"))
    workflow, notes = tolerated(link({found.source: found}, kinds=KINDS))
    assert sorted(note.sentence.split("`")[1] for note in notes.values()) == ["prod_release", "shipit_gh_ssh"]
    assert workflow.inconsistent == {}


def test_surprise_17_a_job_may_take_one_that_stands_later_and_a_second_definition_names_the_first() -> None:
    forward = "jobs:\n- {name: a, type: runSh, steps: [{IN: b}, {TASK: [make]}]}\n- {name: b, type: runSh, steps: [{TASK: [make]}]}\n"
    found = fragment(gateline=forward)
    assert link({found.source: found}, kinds=KINDS).problems == ()
    twice = only(read(gateline=forward, shippable=job(TASK).replace("it", "a", 1)).problems)
    assert "`a` is defined twice; first at gateline.yml:2:4" in twice.sentence


@pytest.mark.parametrize(
    ("name", "prefix"), [("a-b", "AB"), ("a b", "AB"), ("1.2.x", "X"), ("123_numbers", "_NUMBERS"), ("u16_pack", "U16_PACK")]
)
def test_surprise_18_names_have_dashes_blanks_dots_and_leading_digits(name: str, prefix: str) -> None:
    (found,) = fragment(gateline=f"resources: [{{name: '{name}', type: state}}]").resources
    assert (found.name, env_name(name)) == (name, prefix)


def test_surprise_18_other_punctuation_is_refused_in_words() -> None:
    assert "cannot be a name" in only(read(gateline="resources: [{name: Slack (DevTac), type: state}]").problems).sentence


def test_surprise_19_steps_that_are_no_list_are_told_and_none_at_all_are_fine_for_ci() -> None:
    as_map = read(gateline="jobs: [{name: a, type: manifest, steps: {IN: x, switch: off, TASK: managed}}]").problems
    assert "`steps` must be a list" in as_map[0].sentence
    unspaced = read(gateline=job(f"- OUT:Name\n{TASK}")).problems
    assert "write a blank after the colon" in only(unspaced).sentence
    assert fragment(gateline="jobs: [{name: app_runCI, type: runCI, steps: }]").jobs


def test_surprise_20_steps_come_in_any_order() -> None:
    found = the(fragment(gateline=job("- OUT: o\n- TASK: [make]\n- IN: i\n- TASK: [test]\n- IN: j\n")))
    assert [type(step).__name__ for step in found.steps] == ["Output", "Task", "Input", "Task", "Input"]


def test_surprise_21_each_of_several_tasks_has_its_own_runtime() -> None:
    steps = "".join(f"- TASK: {{script: [{line}], runtime: {{container: {said}}}}}\n" for line, said in (("a", "false"), ("b", "true")))
    assert [task.container for task in the(fragment(gateline=job(steps))).tasks] == [False, True]


def test_surprise_22_hooks_as_steps_are_warned_of_and_other_keys_in_a_task_are_errors() -> None:
    hook = only(read(gateline=job(f"{TASK}- on_success: [{{script: x}}]\n")).problems)
    assert (hook.severity, "belongs to the job, beside `steps`" in hook.sentence) == (Severity.WARNING, True)
    for key in ("OUT", "boot"):
        found = only(read(gateline=job(f"- TASK: [{{script: x}}, {{{key}: y}}]\n")).problems)
        assert f"a list item here is text or has `script:`, not `{key}`" in found.sentence


def test_surprise_23_plain_lines_are_run_in_tasks_and_hooks() -> None:
    found = the(fragment(gateline=job("- TASK: [pwd, {script: ls}]\n", "    on_success: [\"echo 'x'\"]\n")))
    assert found.tasks[0].script == ("pwd", "ls")
    assert found.hooks[HookKind.ON_SUCCESS].script == ("echo 'x'",)


def test_surprise_24_a_hook_may_be_a_map() -> None:
    found = the(fragment(gateline=job(TASK, "    on_success: {script: [a, b]}\n    on_start: {NOTIFY: x}\n")))
    assert found.hooks[HookKind.ON_SUCCESS].script == ("a", "b")
    assert [notice.name for notice in found.hooks[HookKind.ON_START].notify] == ["x"]


DOCKER = "resources: [{name: o, type: dockerOptions, version: {memory: 5, %s: 6}}]"
DEPLOY = "- IN: m\n- IN: c\n- TASK: managed\n  "


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (job(f"{DEPLOY}deploymentMethod: upgrade", type_name="deploy"), "deployMethod"),
        (job(f"{DEPLOY}method: upgarde", type_name="deploy"), "upgrade"),
        (job("- IN: m\n- TASK: manged", type_name="manifest"), "managed"),
        (job(f"- IN: a\n  swtich: off\n{TASK}"), "switch"),
        (job("- TASK:\n    scipt: x\n    script: y\n"), "script"),
        (job(TASK, "    setps: []\n"), "steps"),
        (DOCKER % "cpu-shares", "cpuShares"),
        (DOCKER % "memoryReservations", "memoryReservation"),
        ("resources: [{name: n, type: notification, pointer: {method: email, recepients: a@b.example}}]", "recipients"),
        (job(f"- IN: a\n  scope: [ecr]\n{TASK}"), "scopes"),
        (job(f"- IN: a\n  versionId: 5\n{TASK}"), "version"),
    ],
)
def test_surprise_25_a_misspelt_key_is_told_with_the_one_that_was_meant(text: str, meant: str) -> None:
    assert any(meant in each.nearest for each in read(gateline=text).problems), [str(each) for each in read(gateline=text).problems]


def test_surprise_26_a_state_may_be_in_and_out_and_pass_back() -> None:
    text = (
        "resources: [{name: s, type: state}]\njobs:\n- {name: up, type: runSh, steps: [{IN: s}, {TASK: [make]}, {OUT: s}]}\n"
        "- {name: down, type: runSh, steps: [{IN: up}, {IN: s}, {TASK: [make]}, {OUT: s}]}\n"
    )
    found = fragment(gateline=text)
    assert link({found.source: found}, kinds=KINDS).problems == ()


def test_surprise_27_a_deploy_may_have_a_script_and_a_manifest_an_out() -> None:
    assert the(fragment(gateline=job(f"- IN: m\n- IN: c\n{TASK}", type_name="deploy"))).tasks[0].script == ("make",)
    assert the(fragment(gateline=job("- IN: i\n- OUT: o\n", type_name="manifest"))).outputs[0].name == "o"


def test_surprise_28_secure_stands_beside_plain_keys() -> None:
    (params,) = fragment(gateline=f"resources: [{{name: p, type: params, version: {{params: {{secure: {CIPHER}, lower: x}}}}}}]").resources
    assert set(params.content["params"]) == {"secure", "lower"}  # type: ignore[arg-type] - a map


def test_surprise_29_lines_of_powershell_load_because_no_key_names_the_shell() -> None:
    assert the(fragment(gateline=job("- TASK: [{script: '$env:X = \"y\"'}]\n"))).tasks[0].script == ('$env:X = "y"',)
