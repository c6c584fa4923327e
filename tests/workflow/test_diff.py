"""What one workflow changes about another: jobs, resources, triggers, gates, secrets, and what starts when it is adopted."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from app.workflow.definition import (
    Fragment,
    Gate,
    Hook,
    HookKind,
    Input,
    Job,
    Lock,
    Mode,
    Output,
    Parameter,
    Paths,
    Place,
    Resource,
    Retry,
    Runtime,
    Supersede,
    Task,
    Workflow,
)
from app.workflow.diff import Diff, GateChange, Reach, Sort, Start, Trigger, Weight, diff, told
from app.workflow.diff_text import sections, summary
from app.workflow.link import link
from tests.workflow.worlds import SOURCE, draw, kinds


def linked(fragment: Fragment) -> Workflow:
    return link({fragment.source: fragment}, kinds=kinds()).workflow


def workflow(line: str, **options: Any) -> Workflow:
    return linked(draw(line, options))


def change(old: Workflow, new: Workflow) -> Diff:
    return diff(old, new, kinds())


def lines(found: Diff) -> dict[str, tuple[str, ...]]:
    return {section.heading: section.lines for section in sections(found)}


def test_nothing_differs_between_a_workflow_and_itself() -> None:
    same = workflow("app -> A -> J", J="gate")
    found = change(same, same)
    assert found.empty
    assert (lines(found), summary(found)) == ({}, "no job, resource, trigger or gate changes")


def test_where_in_its_file_a_definition_stands_does_not_matter() -> None:
    fragment = draw("app -> A", {})
    moved = replace(
        fragment,
        jobs=tuple(
            replace(job, place=Place("x", 9, 9), steps=tuple(replace(each, place=Place("x", 1)) for each in job.steps))
            for job in fragment.jobs
        ),
    )
    assert change(linked(fragment), linked(moved)).empty


def test_jobs_and_resources_come_and_go() -> None:
    found = change(workflow("app -> A; conf"), workflow("app -> B; pic"))
    assert [(each.sort, each.noun, each.name, each.type) for each in found.changes] == [
        (Sort.ADDED, "resource", "pic", "image"),
        (Sort.REMOVED, "resource", "conf", "params"),
        (Sort.ADDED, "job", "B", "runSh"),
        (Sort.REMOVED, "job", "A", "runSh"),
    ]
    assert summary(found) == "1 job added, 1 job removed, 1 resource added, 1 resource removed"


OTHER: dict[str, Any] = {
    "type": "other",
    "steps": (Task("Task 0", ("true",)),),
    "mode": Mode.STRICT,
    "priority": 1,
    "parallel": True,
    "runtime": Runtime("big", True, 5),
    "integrations": ("aws",),
    "flags": ("team",),
    "hooks": {HookKind.ALWAYS: Hook(("echo",))},
    "gate": Gate(),
    "supersede": Supersede.RUNNING,
    "allow_failure": True,
    "public": True,
    "lock": Lock("db"),
    "retry": Retry(2),
    "own_definition": True,
    "parameters": (Parameter("REGION"),),
    "attributes": {"key": "value"},
}


@pytest.mark.parametrize("field", [each.name for each in fields(Job) if each.compare and each.name not in ("name", "source")])
def test_every_key_of_a_job_is_compared(field: str) -> None:
    job = Job("A", "runSh", SOURCE, (Input("conf"), Task("Task 0", ("true",))))
    if field not in OTHER:
        pytest.fail(f"say here what another value of {field} is")
    old, new = (Workflow({"A": each}, {}) for each in (job, replace(job, **{field: OTHER[field]})))
    (found,) = change(old, new).changes
    assert found.sort is Sort.CHANGED


def test_a_changed_job_says_key_by_key_what_is_another() -> None:
    old = Job("A", "runSh", SOURCE, (Input("app"), Input("conf", switch=False), Task("build", ("make",)), Output("pic")))
    new = replace(
        old,
        mode=Mode.STRICT,
        runtime=Runtime("big"),
        steps=(Input("app"), Input("conf"), Task("build", ("make", "make install")), Input("lib")),
    )
    (heading, told_lines), *_ = [
        each for each in lines(change(Workflow({"A": old}, {}), Workflow({"A": new}, {}))).items() if each[0] == "Jobs and resources"
    ]
    assert (heading, told_lines) == (
        "Jobs and resources",
        (
            "! job A (runSh)",
            "!     IN conf.switch: false -> true",
            '!     TASK build.script: ["make"] -> ["make", "make install"]',
            "-     OUT pic",
            "+     IN lib",
            "!     dependencyMode: chrono -> strict",
            '!     runtime.nodePool: "" -> big',
        ),
    )


def test_paths_of_an_in_are_told_key_by_key() -> None:
    old, new = (
        Workflow({"A": Job("A", "runSh", SOURCE, (Input("app", paths=paths),))}, {})
        for paths in (Paths(("api/",)), Paths(("api/",), ("**/*.md",)))
    )
    assert lines(change(old, new))["Jobs and resources"] == ("! job A (runSh)", '!     IN app.paths.except: [] -> ["**/*.md"]')


def test_steps_that_change_places_are_told() -> None:
    one, other = Task("one", ("a",)), Task("other", ("b",))
    old, new = (Workflow({"A": Job("A", "runSh", SOURCE, steps)}, {}) for steps in ((one, other), (other, one)))
    assert lines(change(old, new)) == {
        "Jobs and resources": ("! job A (runSh)", '!     the order of steps: ["TASK one", "TASK other"] -> ["TASK other", "TASK one"]')
    }


def test_a_changed_resource_says_so_key_by_key_and_keeps_its_secrets() -> None:
    old = {
        "conf": Resource("conf", "params", SOURCE, content={"params": {"A": "1", "B": "2"}}),
        "hook": Resource("hook", "webhook", SOURCE, content={"webhookKey": "old-secret"}),
    }
    new = {
        "conf": replace(old["conf"], content={"params": {"A": "1", "B": "3"}}, accepts=("acme/app",)),
        "hook": replace(old["hook"], content={"webhookKey": "new-secret"}),
    }
    found = change(Workflow({}, old), Workflow({}, new))
    assert [(key.key, key.before, key.after) for each in found.changes for key in each.keys] == [
        ("params.B", "2", "3"),
        ("accepts", [], ["acme/app"]),
        ("webhookKey", "(secret)", "(secret)"),
    ]


def test_a_long_value_is_cut() -> None:
    old, new = (Workflow({}, {"conf": Resource("conf", "params", SOURCE, content={"x": letter * 500})}) for letter in "ab")
    assert max(len(line) for line in lines(change(old, new))["Jobs and resources"]) < 200


def test_triggers_are_gained_and_lost_by_switches_too() -> None:
    found = change(workflow("app -> A -> J; conf -/> J; shelf -> J"), workflow("app -> A -/> J; conf -> J; lib -> J"))
    assert found.triggers == (Trigger(Sort.ADDED, "conf", "J"), Trigger(Sort.ADDED, "lib", "J"), Trigger(Sort.REMOVED, "A", "J"))


TWO = Gate(("alice", "bob"), True, required=2)


@pytest.mark.parametrize(
    ("old", "new", "weight", "sentence"),
    [
        (None, TWO, Weight.STRONGER, "it has a gate now, which asks 2 of alice, bob"),
        (TWO, None, Weight.WEAKER, "it has no gate any more, which asked 2 of alice, bob"),
        (TWO, replace(TWO, required=1, allow_author=False), Weight.WEAKER, "2 approvals before, 1 now"),
        (TWO, replace(TWO, required=3), Weight.STRONGER, "2 approvals before, 3 now"),
        (TWO, replace(TWO, approvers=("alice", "bob", "@acme/ops")), Weight.WEAKER, "@acme/ops may approve too"),
        (TWO, replace(TWO, approvers=("alice",)), Weight.STRONGER, "bob may not approve any more"),
        (TWO, replace(TWO, restricted=False, approvers=()), Weight.WEAKER, "write access may approve, before: alice, bob"),
        (Gate(required=2), TWO, Weight.STRONGER, "alice, bob may approve, before: write access"),
        (TWO, replace(TWO, allow_author=True), Weight.WEAKER, "its author may approve"),
        (replace(TWO, allow_author=True), TWO, Weight.STRONGER, "its author may not approve"),
        (TWO, replace(TWO, reviews=True), Weight.WEAKER, "approvals by review count"),
        (replace(TWO, reviews=True), TWO, Weight.STRONGER, "approvals by review do not count any more"),
        (TWO, replace(TWO, timeout=60.0), Weight.OTHER, "its time limit, or what comes of that, is another"),
    ],
)
def test_a_gate_is_weaker_when_fewer_or_more_people_can_open_it(old: Gate | None, new: Gate | None, weight: Weight, sentence: str) -> None:
    before, after = (workflow("A", A=gate) for gate in (old, new))
    assert change(before, after).gates == (GateChange(weight, "A", sentence),)


def test_one_approval_in_place_of_two_lets_the_author_approve_as_well() -> None:
    found = change(workflow("A", A=TWO), workflow("A", A=replace(TWO, required=1)))
    assert [each.sentence for each in found.gates] == ["2 approvals before, 1 now", "its author may approve"]
    assert summary(found) == "1 gate weaker, 1 job changed"


def with_secrets(*jobs: Job) -> Workflow:
    resources = (
        Resource("pic", "image", SOURCE, integration="docker", content={"sourceName": "acme/pic"}),
        Resource("app", "gitRepo", SOURCE, integration="github", content={"sourceName": "acme/app"}),
    )
    return linked(Fragment(SOURCE, "", jobs, resources))


def test_secrets_come_within_a_jobs_reach_by_itself_or_through_a_resource() -> None:
    job = Job("A", "runSh", SOURCE, (Input("app"), Task("t", ("true",))))
    new = replace(job, integrations=("aws",), steps=(*job.steps, Output("pic")))
    found = change(with_secrets(job), with_secrets(new))
    assert found.reaches == (Reach(Sort.ADDED, "A", "aws", (), False), Reach(Sort.ADDED, "A", "docker", ("pic",), False))
    assert lines(found)["Secrets"] == (
        "+ A gets the integration aws, without an approval",
        "+ A gets the integration docker through pic, without an approval",
    )
    lost = change(with_secrets(new), with_secrets(job))
    assert lines(lost)["Secrets"][1] == "- A does not get the integration docker through pic any more"


def test_a_secret_that_is_behind_a_gate_no_more_counts_as_gained() -> None:
    job = Job("A", "runSh", SOURCE, (Task("t", ("true",)),), integrations=("aws",), gate=Gate())
    open_ = replace(job, gate=None)
    assert change(with_secrets(job), with_secrets(open_)).reaches == (Reach(Sort.ADDED, "A", "aws", (), False),)
    assert change(with_secrets(open_), with_secrets(job)).reaches == ()
    assert lines(change(with_secrets(), with_secrets(job)))["Secrets"] == ("+ A gets the integration aws, behind its gate",)


def test_a_changed_trigger_starts_its_jobs_when_it_is_adopted() -> None:
    line = "fuse -> A; fuse -/> B"
    found = change(workflow(line, fuse={"counter": 1}), workflow(line, fuse={"counter": 2}))
    assert found.starts == (Start("fuse", ("A",)),)
    assert lines(found)["Starts when it is adopted"] == ("! fuse has a new version, which starts A",)
    assert change(workflow("conf -> A"), workflow("conf -> A; fuse -> B")).starts == ()


def test_a_job_that_may_not_start_any_more_is_told_first() -> None:
    old = workflow("app -> A -> J")
    fragment = draw("A -> J", {})
    broken = linked(replace(fragment, jobs=tuple(job for job in fragment.jobs if job.name == "J")))
    found = change(old, broken)
    assert next(iter(lines(found))) == "May not start"
    assert found.broken[0][0] == "J"
    assert summary(found).startswith("1 job that may not start, 1 job removed")
    assert change(broken, broken).broken == ()


def test_what_may_not_be_shown_is_left_out_everywhere() -> None:
    found = change(workflow("app -> A -> J; conf -> J"), workflow("lib -> A -> B; fuse -> B", A="gate", B="gate"))
    shown = found.only(lambda name: name not in ("A", "conf"))
    assert "A" not in json.dumps(told(shown)).replace("ADDED", "")
    assert "conf" not in json.dumps(told(shown))
    assert [each.name for each in shown.changes if each.noun == "job"] == ["B", "J"]


def test_as_json_it_says_the_same() -> None:
    found = change(workflow("app -> A"), workflow("app -> A; conf -> A", A="gate"))
    assert json.loads(json.dumps(told(found)))["triggers"] == [{"sort": "added", "source": "conf", "job": "A"}]
