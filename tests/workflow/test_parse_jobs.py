"""Jobs as the language writes them: common keys, steps, tasks, hooks (spec/workflow-language.md section 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import (
    NOWHERE,
    Hook,
    HookKind,
    Image,
    Input,
    Job,
    Mode,
    Notice,
    Output,
    Paths,
    Pin,
    Place,
    Runtime,
    Severity,
    Step,
    Supersede,
    Task,
)
from app.workflow.parse import Parsed
from tests.workflow.parse_kinds import job, parsed, steps

MAKE = "steps:\n  - TASK:\n    - script: make\n"


def only(result: Parsed) -> Job:
    assert result.problems == (), [str(each) for each in result.problems]
    assert result.fragment
    (found,) = result.fragment.jobs
    return found


def bare(step: Step) -> Step:
    return replace(step, place=NOWHERE)


def errors(result: Parsed) -> list[str]:
    return [each.sentence for each in result.problems if each.severity is Severity.ERROR]


def warnings(result: Parsed) -> list[str]:
    return [each.sentence for each in result.problems if each.severity is Severity.WARNING]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", {"mode": Mode.CHRONO, "priority": 9999, "parallel": False, "runtime": Runtime(), "public": False, "gate": None}),
        ("dependencyMode: strict", {"mode": Mode.STRICT}),
        ("dependencyMode: immediate", {"mode": Mode.IMMEDIATE}),
        ("priority: 0", {"priority": 0}),
        ("priority: 10000", {"priority": 10000}),
        ("triggerMode: parallel", {"parallel": True}),
        ("triggerMode: serial", {"parallel": False}),
        ("allowPublicAccess: true", {"public": True}),
        ("flags: [a, b]", {"flags": ("a", "b")}),
        ("flags: a", {"flags": ("a",)}),
        ("integrations: [aws, hub]", {"integrations": ("aws", "hub")}),
        ("integrations: aws", {"integrations": ("aws",)}),
        ("runtime: {nodePool: big, container: false, timeoutMinutes: 90}", {"runtime": Runtime("big", False, 90)}),
        ("runtime: {nodePool: 5}", {"runtime": Runtime("5")}),
        ("supersede: running", {"supersede": Supersede.RUNNING}),
        ("supersede: never", {"supersede": Supersede.NEVER}),
        ("allowFailure: true", {"allow_failure": True}),
        ("allowFailure: false", {"allow_failure": False}),
        ("definition: lane", {"own_definition": True}),
        ("definition: source", {"own_definition": False}),
    ],
)
def test_a_common_key_has_its_value_or_its_default(written: str, expected: dict[str, object]) -> None:
    found = only(job(f"{written}\n{MAKE}" if written else MAKE))
    assert {key: getattr(found, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("dependencyMode: strickt", "must be one of chrono, immediate, strict, not `strickt`"),
        ("priority: -1", "whole number from 0 to 10000"),
        ("priority: 10001", "whole number from 0 to 10000"),
        ("priority: '5'", "without quotes"),
        ("triggerMode: both", "must be one of serial, parallel"),
        ("flags: {a: b}", "text or a list of texts, not a map"),
        ("flags: [a, [b]]", "text or a list of texts"),
        ("integrations: [~]", "text or a list of texts"),
        ("runtime: [{nodePool: a}]", "`runtime` of a job must be a map, not a list"),
        ("runtime: {nodePool: [a]}", "`nodePool` of `runtime` of a job must be text, not a list"),
        ("runtime: {container: maybe}", "must be true or false, not `maybe`"),
        ("runtime: {timeoutMinutes: 0}", "whole number from 1 on"),
        ("runtime: {timeoutMinutes: ten}", "whole number from 1 on"),
        ("runtime: {timeoutMinutes: 1.5}", "whole number from 1 on"),
        ("supersede: always", "must be one of never, waiting, running"),
        ("allowFailure: sometimes", "`allowFailure` of a job must be true or false"),
        ("definition: branch", "`definition` of a job must be one of source, lane, not `branch`"),
        ("definition: lane\ngate: true", "`definition: lane` and `gate` do not go together"),
        ("allowPublicAccess: perhaps", "must be true or false"),
        ("on_success: echo hi", "`on_success` must be a list"),
    ],
)
def test_a_wrong_value_is_an_error_and_leaves_the_job_out(written: str, sentence: str) -> None:
    result = job(f"{written}\n{MAKE}")
    assert [sentence in each for each in errors(result)] == [True], errors(result)
    assert result.problems[0].place.line == 4
    assert result.fragment
    assert result.fragment.jobs == ()


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("dependancyMode: strict", "dependencyMode"), ("setps: []", "steps"), ("on_succes: []", "on_success"), ("zzz: 1", "")],
)
def test_an_unknown_key_is_a_warning_with_the_nearest_known_one(written: str, nearest: str) -> None:
    result = job(f"{written}\n{MAKE}")
    (problem,) = result.problems
    assert (problem.severity, problem.nearest, problem.place) == (Severity.WARNING, nearest, Place("gateline.yml", 4, 5))
    assert result.fragment
    assert len(result.fragment.jobs) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("- IN: a", Input("a")),
        ("- IN: 12", Input("12")),
        ("- IN: a\n  switch: off", Input("a", switch=False)),
        ("- IN: a\n  switch: 'off'", Input("a", switch=False)),
        ("- IN: a\n  switch: false", Input("a", switch=False)),
        ("- IN: a\n  switch: no", Input("a", switch=False)),
        ("- IN: a\n  switch: on", Input("a", switch=True)),
        ("- IN: a\n  switch: true", Input("a", switch=True)),
        ("- IN: a\n  switch:", Input("a", switch=True)),
        ("- IN: a\n  versionNumber: 3", Input("a", pin=Pin(number=3))),
        ("- IN: a\n  versionName: 1.10", Input("a", pin=Pin(name="1.10"))),
        ("- IN: a\n  dependencyMode: immediate", Input("a", mode=Mode.IMMEDIATE)),
        ("- IN: a\n  triggerOnFailure: true\n  triggerOnSuccess: false", Input("a", on_success=False, on_failure=True)),
        ("- IN: a\n  lanes: all", Input("a", lanes=("all",))),
        ("- IN: a\n  lanes: [main, pr/*, 'branch/x']", Input("a", lanes=("pr/*", "branch/x"))),
        ("- IN: a\n  paths: {only: [api/, lib/**], except: '**/*.md'}", Input("a", paths=Paths(("api/", "lib/**"), ("**/*.md",)))),
        ("- IN: a\n  paths:", Input("a")),
        ("- IN: a\n  showBuildStatus: yes", Input("a", attributes={"showBuildStatus": True})),
        ("- IN: a\n  scopes: [ecr]", Input("a", attributes={"scopes": ["ecr"]})),
        ("- IN: a\n  applyTo: [{image: x, port: 80}]", Input("a", attributes={"applyTo": [{"image": "x", "port": 80}]})),
        ("- IN: a\n  force: true", Input("a", attributes={"force": True})),
        ("- OUT: a", Output("a")),
        ("- OUT: a\n  replicate: b", Output("a", replicate="b")),
        ("- OUT: a\n  replicateOnPullRequest: true", Output("a", lanes=("pr/*",))),
        ("- OUT: a\n  replicateOnPullRequest: true\n  lanes: all", Output("a", lanes=("all",))),
        ("- OUT: a\n  replicateOnPullRequest: false", Output("a", replicate_on_pull_request=False)),
        ("- OUT: a\n  overwrite: true\n  on_failure: true", Output("a", overwrite=True, on_failure=True)),
        ("- OUT: a\n  lanes: pr/*", Output("a", lanes=("pr/*",))),
    ],
)
def test_a_step_has_its_attributes(written: str, expected: Step) -> None:
    assert bare(only(steps(written)).steps[0]) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("- TASK:\n  - script: a\n  - script: b", [Task("Task 0", ("a", "b"))]),
        ("- TASK:\n  - a\n  - script: [b, c]", [Task("Task 0", ("a", "b", "c"))]),
        ("- TASK:\n    name: n\n    script: a", [Task("n", ("a",))]),
        ("- TASK:\n    script: [a, [b, [c]], ~, 5]", [Task("Task 0", ("a", "b", "c", "5"))]),
        ("- TASK:\n    script: |\n      a\n      b", [Task("Task 0", ("a\nb\n",))]),
        ("- TASK: {script: a}\n- TASK: {script: b}", [Task("Task 0", ("a",)), Task("Task 1", ("b",))]),
        ("- TASK: {script: a, runtime: {container: false}}", [Task("Task 0", ("a",), container=False)]),
        (
            "- TASK: {script: a, runtime: {options: {imageName: i, imageTag: 1.10, pull: false, options: --rm}}}",
            [Task("Task 0", ("a",), image=Image("i", "1.10", False, "--rm"))],
        ),
        ("- TASK: {script: a, runtime: {options: {imageName: i}}}", [Task("Task 0", ("a",), image=Image("i", "latest", True))]),
        ("- TASK: {script: a, runtime: {options: {imageTag: t}}}", [Task("Task 0", ("a",), image=Image("", "", True))]),
        (
            "- TASK: {script: a, runtime: {options: {env: [{A: .25}, {b-c: x}, {E: }]}}}",
            [Task("Task 0", ("a",), env=(("A", ".25"), ("bc", "x"), ("E", "")))],
        ),
        ("- TASK: {script: a, runtime: {options: {env: {A: 0.10}}}}", [Task("Task 0", ("a",), env=(("A", "0.10"),))]),
    ],
)
def test_a_task_has_one_of_its_forms(written: str, expected: list[Task]) -> None:
    assert [bare(task) for task in only(steps(written)).tasks] == expected


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("- IN: a\n  switch: of", "must be true or false, not `of`"),
        ("- IN:", "`IN` must name a job or resource, not nothing"),
        ("- IN: [a]", "`IN` must name a job or resource, not a list"),
        ("- IN: a\n  OUT: b", "this one has IN and OUT: make it 2 steps"),
        ("- IN: a\n  versionName: b\n  versionNumber: 1", "not by both"),
        ("- IN: a\n  versionNumber: 0", "whole number from 1 on"),
        ("- IN: a\n- IN: b\n- IN: a", "IN `a` stands twice; first at gateline.yml:5:9"),
        ("- OUT: a\n- OUT: a", "OUT `a` stands twice"),
        ("- OUT:Name", "write a blank after the colon"),
        ("- IN: a\n  paths: [api/]", "`paths` of an IN step must be a map, not a list"),
        ("- IN: a\n  paths: {only: {api: x}}", "`only` of `paths` must be text or a list of texts"),
        ("- IN: a\n  paths: {only: ['**.py']}", "`**` in `**.py` must stand alone between slashes"),
        ("- IN: a\n  paths: {except: [/docs/]}", "`/docs/` matches no file: write paths from the repository's root"),
        ("- IN: a\n  paths: {only: [./docs]}", "`./docs` matches no file"),
        ("- IN: a\n  paths: {only: ['']}", "`` matches no file"),
        ("- GET: a", "a step needs IN, OUT or TASK; this one has `GET`"),
        ("- INN: a", "a step needs IN, OUT or TASK"),
        ("- {}", "this one has nothing"),
        ("- OUT: a\n  replicate: [b]", "`replicate` of an OUT step must be text"),
        ("- TASK: managed", "`TASK` must be a list of script lines, or a map with `script`, not `managed`"),
        ("- TASK: []", "has no script line"),
        ("- TASK: {name: a}", "has no script line"),
        ("- TASK: {script: {a: b}}", "`script` of a TASK must be text or a list of texts"),
        ("- TASK: {script: [echo a: b]}", "put the whole line in quotes"),
        ("- TASK: [echo: b]", "put the whole line in quotes"),
        ("- TASK: [OUT: b]", "a list item here is text or has `script:`"),
        ("- TASK: {script: a, runtime: x}", "`runtime` of a TASK must be a map"),
        ("- TASK: {script: a, runtime: {options: {env: [A=b]}}}", "`env` of `runtime.options` of a TASK must be a map"),
        ("- TASK: {script: a, runtime: {options: {env: {A: [b]}}}}", "`env` sets names to texts or numbers; `A` is a list"),
        ("- TASK: {script: a, runtime: {options: {imageName: [b]}}}", "must be text, not a list"),
    ],
)
def test_a_wrong_step_is_an_error(written: str, sentence: str) -> None:
    result = steps(written)
    assert [sentence in each for each in errors(result)] == [True], errors(result)
    assert result.fragment
    assert result.fragment.jobs == ()


@pytest.mark.parametrize("written", ["steps: {IN: a, TASK: [make]}", "steps: text"])
def test_steps_must_be_a_list(written: str) -> None:
    assert ["`steps` must be a list" in each for each in errors(job(written))] == [True]


def test_run_sh_needs_a_task() -> None:
    assert ["needs a `TASK` step" in each for each in errors(job("steps:\n  - IN: a\n"))] == [True]
    assert ["needs a `TASK` step" in each for each in errors(job("steps:\n"))] == [True]


def test_a_hook_written_as_a_step_has_no_effect_and_a_warning_says_so() -> None:
    result = steps("- TASK: [make]\n- on_success:\n  - script: x")
    assert errors(result) == []
    assert ["belongs to the job" in each for each in warnings(result)] == [True]


def test_an_unknown_attribute_of_a_step_is_a_warning() -> None:
    result = steps("- IN: a\n  swtich: off")
    (problem,) = result.problems
    assert (problem.severity, problem.nearest, str(problem.place)) == (Severity.WARNING, "switch", "gateline.yml:6:9")


@pytest.mark.parametrize("written", ["- TASK: managed", "- TASK: managed\n  bump: major"])
def test_a_managed_job_may_say_managed_with_settings_beside_it(written: str) -> None:
    found = only(steps(f"- IN: a\n{written}", type_name="release"))
    assert found.tasks == ()
    assert found.attributes == ({"bump": "major"} if "bump" in written else {})


def test_a_job_that_may_have_a_task_may_say_managed_too() -> None:
    assert only(steps("- TASK: managed", type_name="deploy")).tasks == ()
    assert len(only(steps("- TASK: [make]", type_name="deploy")).tasks) == 1


def test_a_managed_job_takes_no_script() -> None:
    assert ["takes no TASK" in each for each in errors(steps("- TASK: [make]", type_name="release"))] == [True]


def test_a_job_key_of_a_kind_is_an_attribute() -> None:
    assert only(job("bump: minor\n", type_name="release")).attributes == {"bump": "minor"}
    assert ["must be one of major, minor" in each for each in errors(job("bump: minro\n", type_name="release"))] == [True]


def test_run_cli_is_another_name_of_run_sh() -> None:
    assert only(job(MAKE, type_name="runCLI")).type == "runSh"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("on_success: [{script: a}, {NOTIFY: n}, b]", {HookKind.ON_SUCCESS: Hook(("a", "b"), (Notice("n"),))}),
        ("on_success: {script: [a, [b]], NOTIFY: n}", {HookKind.ON_SUCCESS: Hook(("a", "b"), (Notice("n"),))}),
        ("on_failure: {script: a}", {HookKind.ON_FAILURE: Hook(("a",))}),
        ("always: [{script: a}]", {HookKind.ALWAYS: Hook(("a",))}),
        ("on_start: [{NOTIFY: n}, {NOTIFY: m}]", {HookKind.ON_START: Hook((), (Notice("n"), Notice("m")))}),
        ("on_cancel: {NOTIFY: [n, m]}", {HookKind.ON_CANCEL: Hook((), (Notice("n"), Notice("m")))}),
        (
            "on_failure: {NOTIFY: [{name: n, sendFailingSnippet: true}]}",
            {HookKind.ON_FAILURE: Hook((), (Notice("n", {"sendFailingSnippet": True}),))},
        ),
        ("on_failure:\n  NOTIFY:\n    name: n", {HookKind.ON_FAILURE: Hook((), (Notice("n"),))}),
        ("on_success:", {}),
    ],
)
def test_a_hook_is_a_list_or_a_map(written: str, expected: dict[HookKind, Hook]) -> None:
    assert only(job(f"{written}\n{MAKE}")).hooks == expected


@pytest.mark.parametrize("hook", ["on_start", "on_cancel"])
@pytest.mark.parametrize("form", ["[{script: a}, {NOTIFY: n}]", "{script: a, NOTIFY: n}"])
def test_scripts_of_on_start_and_on_cancel_are_ignored_with_a_warning(hook: str, form: str) -> None:
    result = job(f"{hook}: {form}\n{MAKE}")
    assert ["never run" in each for each in warnings(result)] == [True]
    assert result.fragment
    assert result.fragment.jobs[0].hooks == {HookKind(hook): Hook((), (Notice("n"),))}


def test_scripts_in_hooks_of_managed_jobs_are_ignored_with_a_warning() -> None:
    result = job("on_success: [{script: a}]\n", type_name="release")
    assert ["never run" in each for each in warnings(result)] == [True]


@pytest.mark.parametrize(
    "written", ["on_success: [{scipt: a}]", "on_success: {NOTIFY: [{to: n}]}", "on_success: {NOTIFY: [~]}", "on_success: [{NOTIFY: {}}]"]
)
def test_a_hook_item_that_says_nothing_is_an_error(written: str) -> None:
    assert len(errors(job(f"{written}\n{MAKE}"))) == 1


def test_what_a_kind_finds_wrong_has_the_place_of_its_key() -> None:
    (problem,) = job(f"priority: 13\n{MAKE}").problems
    assert (str(problem.place), problem.sentence) == ("gateline.yml:4:5", "an unlucky priority")


@pytest.mark.parametrize(
    ("name", "inputs", "suggested"),
    [
        ("deploy-prod", "- IN: a\n  switch: off", True),
        ("push_to_production", "- IN: a\n  switch: off\n- IN: b\n  switch: off", True),
        ("release", "- IN: a\n  switch: off", True),
        ("deploy-prod", "- IN: a\n  switch: off\n- IN: b", False),
        ("deploy-prod", "- OUT: a", False),
        ("tests", "- IN: a\n  switch: off", False),
        ("reproduce", "- IN: a\n  switch: off", False),
    ],
)
def test_a_gate_is_suggested_where_everything_is_switched_off(name: str, inputs: str, suggested: bool) -> None:
    body = "steps:\n" + "\n".join(f"  {line}" for line in inputs.split("\n")) + "\n  - TASK: [make]"
    assert [each.nearest for each in job(body, name=name).problems] == (["gate"] if suggested else [])
    assert job(f"gate: true\n{body}", name=name).problems == ()


def test_merge_keys_bring_steps_attributes_and_an_explicit_key_wins() -> None:
    text = """
shut: &shut
  switch: off
  versionNumber: 3
jobs:
  - name: a
    type: runSh
    steps:
      - IN: x
        <<: *shut
      - IN: y
        <<: *shut
        switch: on
      - TASK: [make]
"""
    first, second = only(parsed(gateline=text)).inputs
    assert (first.switch, second.switch, second.pin) == (False, True, Pin(3))
