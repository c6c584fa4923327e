"""Every kind of error has a sentence of its own, as a user reads it: `file:line:col: error: sentence (did you mean …?)`."""

from __future__ import annotations

import pytest

from app.wire import kinds
from app.workflow.link import link
from app.workflow.parse import parse
from app.workflow.retyped import retyped

KINDS = kinds()
JOB = "jobs:\n- name: a\n  type: runSh\n  steps:\n"
RUN = "  - TASK: [make]\n"


def said(**sources: str) -> list[str]:
    """What is said of one file for each source, in order."""
    found, fragments = [], {}
    for name, text in sources.items():
        source = f"github:acme/{name}@main"
        parsed = parse(source, "c0ffee", {"gateline.yml": text.encode()}, KINDS)
        found += [str(problem) for problem in parsed.problems]
        if parsed.fragment is not None:
            fragments[source] = parsed.fragment
    return [*found, *map(str, link(fragments, kinds=KINDS).problems)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "jobs:\n- name: a\n  steps:\n  - IN: x\n\t- IN: y\n",
            "gateline.yml:5:1: error: a tab stands in the indentation; YAML allows blanks only in job `a`",
        ),
        (
            JOB + "  - IN: x\n    switch: off\n    switch: on\n" + RUN,
            "gateline.yml:7:5: error: the key `switch` stands twice in job `a`, step 1 (IN x); first at "
            "gateline.yml:6:5. Remove one of them",
        ),
        (
            "jobs:\n- name: a\n  steps:\n    - IN: x\n   - IN: y\n",
            "gateline.yml:5:4: error: the indentation does not fit the lines above in job `a`",
        ),
        (
            "t: &build [make]\n" + JOB + "  - IN: x\n  - TASK: {script: *biuld}\n",
            "gateline.yml:7:20: error: the alias `*biuld` in job `a`, step 2 (TASK) means nothing: no `&biuld` "
            "stands above it, neither in this "
            "file nor in shippable.templates.yml at the root (did you mean build?)",
        ),
        (
            JOB + "  - IN: x\n    versionName: v\n    versionNumber: 3\n" + RUN,
            "gateline.yml:7:5: error: in job `a`, step 1 (IN x): a step is pinned by `versionName` or by "
            "`versionNumber`, not by both: remove one",
        ),
        (
            JOB + RUN + "  - OUT: t\nresources: [{name: t, type: time, seed: {interval: 0 0 * * *}}]\n",
            "gateline.yml:6:5: error: OUT `t` is a time, which no job can write",
        ),
        (
            JOB + RUN + "  - IN: x\n    swtich: off\nresources: [{name: x, type: state}]\n",
            "gateline.yml:7:5: warning: in job `a`, step 2 (IN x): `swtich` is not a key of an IN step; it is "
            "ignored (did you mean switch?)",
        ),
        (
            JOB + "  - IN: b\n" + RUN + "- {name: b, type: runSh, steps: [{IN: a}, {TASK: [make]}]}\n",
            "gateline.yml:2:3: error: `a` waits for itself: a -> b -> a. Remove one of these steps, or pass values back through a `state`",
        ),
    ],
    ids=["tab", "duplicate key", "bad indent", "undefined alias", "two pins", "no OUT", "misspelt key", "cycle"],
)
def test_an_error_is_told_with_its_place_and_step(text: str, sentence: str) -> None:
    assert any(each.startswith(sentence) for each in said(app=text)), said(app=text)


def test_a_name_owned_elsewhere_is_told_with_its_owner() -> None:
    text = "resources:\n- name: x\n  type: state\n"
    assert said(app=text, other=text) == [
        "gateline.yml:2:3: error: `x` is already a resource of github:acme/app@main (gateline.yml:2:3); names are unique over an account: "
        "choose another"
    ]


@pytest.mark.parametrize(
    ("before", "after", "types"),
    [
        ("resources:\n- {name: x, type: state}\n", "resources:\n- {name: x, type: trigger, version: {counter: 1}}\n", ("state", "trigger")),
        (JOB.replace("name: a", "name: x") + RUN, "resources:\n- {name: x, type: state}\n", ("runSh", "state")),
    ],
    ids=["of a resource", "of a job"],
)
def test_a_change_of_type_is_refused_and_the_definition_stays(before: str, after: str, types: tuple[str, str]) -> None:
    old, new = (parse("s", "", {"gateline.yml": text.encode()}, KINDS).fragment for text in (before, after))
    assert old is not None
    assert new is not None
    kept, (problem,) = retyped(new, old)
    assert (kept.jobs, kept.resources) == (old.jobs, old.resources)
    assert str(problem).startswith(f"gateline.yml:2:4: error: `x` is of type {types[0]} and cannot become {types[1]}")
    assert retyped(new, None) == (new, ())
    assert retyped(old, old) == (old, ())


def test_all_errors_of_all_files_are_told_at_once() -> None:
    files = {
        "gateline.yml": b"jobs: [\n",
        ".gateline/b.yml": b"a: &x [*y]\nb: *z\n",
        "shippable.yml": b"resources:\n- name: r\n  type: satte\n",
    }
    problems = parse("s", "", files, KINDS).problems
    assert [str(problem.place) for problem in problems] == [
        ".gateline/b.yml:1:8",
        ".gateline/b.yml:2:4",
        "gateline.yml:2:1",
        "shippable.yml:3:3",
    ]
