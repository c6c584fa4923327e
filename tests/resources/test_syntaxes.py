"""Each kind reads the old syntax and the new one to the same content (spec/workflow-language.md section 2.1)."""

from __future__ import annotations

from textwrap import indent

import pytest

from app.wire import kinds
from app.workflow.definition import Severity
from app.workflow.parse import Parsed, parse

KINDS = kinds()

SPELLINGS = [
    # type, further keys, old syntax, new syntax
    ("image", "", "pointer: {sourceName: acme/app}\nseed: {versionName: '1'}", "sourceName: acme/app\nversionName: '1'"),
    ("file", "", "pointer: {sourceName: https://x/y}\nseed: {versionName: a}", "sourceName: https://x/y\nversionName: a"),
    ("cluster", "integration: aws", "pointer: {region: eu, sourceName: prod}", "region: eu\nsourceName: prod"),
    ("cliConfig", "integration: gcp", "pointer: {region: eu, clusterName: c}", "region: eu\nclusterName: c"),
    (
        "dockerOptions",
        "",
        "version: {memory: 64, cpuShares: .25, portMappings: [80:80]}",
        "memory: 64\ncpuShares: .25\nportMappings: [80:80]",
    ),
    ("replicas", "", "version: {count: 2}", "count: 2"),
    (
        "loadBalancer",
        "integration: k8s",
        "pointer: {sourceName: web, method: NodePort}\nversion: {ports: [{port: 80}], sessionAffinity: None}",
        "sourceName: web\nmethod: NodePort\nports: [{port: 80}]\nsessionAffinity: None",
    ),
]


def read(type: str, more: str, name: str = "x", source: str = "github:acme/app@main") -> Parsed:
    text = f"resources:\n  - name: {name}\n    type: {type}\n{indent(more, '    ')}\n"
    return parse(source, "c", {"gateline.yml": text.encode()}, KINDS)


@pytest.mark.parametrize(("type", "more", "old", "new"), SPELLINGS)
def test_pointer_seed_and_version_say_what_a_version_template_says(type: str, more: str, old: str, new: str) -> None:
    before, after = read(type, f"{more}\n{old}"), read(type, f"{more}\nversionTemplate:\n{indent(new, '  ')}")
    assert (before.problems, after.problems) == ((), ())
    assert before.fragment is not None
    assert after.fragment is not None
    (one,), (other,) = before.fragment.resources, after.fragment.resources
    assert (one.content, one.seed, one.version_name, one.integration) == (other.content, other.seed, other.version_name, other.integration)


@pytest.mark.parametrize("type", ["cluster", "cliConfig", "integration"])
def test_what_needs_an_integration_says_so(type: str) -> None:
    (problem,) = read(type, "").problems
    assert problem.sentence == f"a resource of type {type} needs `integration`, the name of an integration"


def test_an_unknown_option_of_docker_is_a_warning_with_the_one_that_was_meant_and_is_kept() -> None:
    parsed = read("dockerOptions", "version: {memoryReservations: 5}")
    (problem,) = parsed.problems
    assert (problem.severity, problem.nearest) == (Severity.WARNING, "memoryReservation")
    assert parsed.fragment is not None
    assert parsed.fragment.resources[0].content == {"memoryReservations": 5}


def test_replicas_of_no_number_are_an_error_with_its_place() -> None:
    (problem,) = read("replicas", "version:\n  count: two").problems
    assert str(problem) == "gateline.yml:5:14: error: `count` of `version` of a resource of type replicas must be a whole number, not `two`"


def test_a_sync_repo_is_declared_under_its_own_name_only_and_for_flags() -> None:
    assert read("syncRepo", "flags: [team-a]", "app_main").problems == ()
    (wrong,) = read("syncRepo", "flags: [team-a]").problems
    assert "The syncRepo of this source is called `app_main` and is there by itself" in wrong.sentence
    more = read("syncRepo", "pointer: {branch: dev}", "app_main").problems
    errors = [problem.sentence for problem in more if problem.severity is Severity.ERROR]
    assert errors == ["A syncRepo is what its source was added with: only `flags` may be declared."]
    assert read("syncRepo", "flags: [team-a]", "whatever", "file:.").problems == ()
