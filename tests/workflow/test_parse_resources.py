"""Resources in the old and the new syntax (spec/workflow-language.md section 2.1)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Json, Resource, Severity
from app.workflow.parse import Parsed
from tests.workflow.parse_kinds import SOURCE, resource


def only(result: Parsed) -> Resource:
    assert result.problems == (), [str(each) for each in result.problems]
    assert result.fragment
    (found,) = result.fragment.resources
    return found


@pytest.mark.parametrize(
    "written",
    [
        "pointer: {sourceName: acme/app}\nseed: {versionName: 1.10}",
        "versionTemplate: {sourceName: acme/app, versionName: 1.10}",
        "pointer: {sourceName: acme/app}\nversion: {versionName: 1.10}",
    ],
)
def test_both_syntaxes_have_one_flat_content(written: str) -> None:
    found = only(resource(written, "image"))
    assert found.content == {"sourceName": "acme/app", "versionName": "1.10"}
    assert found.seed == {"versionName": "1.10"}
    assert found.version_name == "1.10"
    assert found.source == SOURCE


def test_whatever_stands_under_seed_is_a_start_value() -> None:
    assert only(resource("pointer: {sourceName: a/b}\nseed: {branch: main}")).seed == {"branch": "main"}


def test_the_definition_is_kept_as_written_but_for_secrets() -> None:
    found = only(resource("versionTemplate: {webhookKey: hush, note: n}\nflags: [a]", "webhook"))
    assert found.content == {"webhookKey": "hush", "note": "n"}
    assert found.raw == {"name": "it", "type": "webhook", "versionTemplate": {"note": "n"}, "flags": ["a"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".25", ".25"),
        ("0.10", "0.10"),
        ("0777", "0777"),
        ("1e3", "1e3"),
        ("5", 5),
        ("-5", -5),
        ("0.5", 0.5),
        ("true", True),
        ("yes", "yes"),
        ("off", "off"),
        ("'5'", "5"),
        ("~", None),
        ("2001-01-01", "2001-01-01"),
        ("12:30:45", "12:30:45"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_a_value_is_a_number_only_when_printing_it_gives_its_source_text(text: str, expected: Json) -> None:
    assert only(resource(f"version: {{params: {{K: {text}}}}}", "params")).content == {"params": {"K": expected}}


@pytest.mark.parametrize(
    ("written", "type_name", "attribute", "expected"),
    [
        ("integration: aws", "integration", "integration", "aws"),
        ("flags: one", "state", "flags", ("one",)),
        ("accepts: [acme/web, acme/sub/infra]", "state", "accepts", ("acme/web", "acme/sub/infra")),
        ("pointer: {sourceName: a/b, depth: 5}", "gitRepo", "content", {"sourceName": "a/b", "depth": 5}),
        ("pointer: {sourceName: a/b, buildOnCommit: no}", "gitRepo", "content", {"sourceName": "a/b", "buildOnCommit": False}),
        ("pointer: {sourceName: a/b, gitConfig: x y}", "gitRepo", "content", {"sourceName": "a/b", "gitConfig": "x y"}),
        ("pointer: {sourceName: a/b, gitConfig: [1, 0.10]}", "gitRepo", "content", {"sourceName": "a/b", "gitConfig": ["1", "0.10"]}),
        ("pointer: {sourceName: a/b, branch: }", "gitRepo", "content", {"sourceName": "a/b"}),
        ("version: {counter: .5}", "trigger", "content", {"counter": 0.5}),
        ("pointer: {method: irc}", "notification", "content", {"method": "irc"}),
        ("", "state", "version_name", None),
    ],
)
def test_a_field_has_its_type(written: str, type_name: str, attribute: str, expected: object) -> None:
    assert getattr(only(resource(written or "flags: []", type_name)), attribute) == expected


@pytest.mark.parametrize(
    ("written", "type_name", "sentence"),
    [
        ("flags: []", "gitRepo", "needs `sourceName` under `versionTemplate` (or `pointer`)"),
        ("pointer: {sourceName: a/b}", "image", "needs `versionName` under `versionTemplate` (or `seed`)"),
        ("pointer: {sourceName: [a]}", "gitRepo", "`sourceName` of `pointer` of a resource of type gitRepo must be text, not a list"),
        ("pointer: {sourceName: a/b, depth: deep}", "gitRepo", "must be a whole number, not `deep`"),
        ("pointer: {sourceName: a/b, depth: '5'}", "gitRepo", "must be a whole number"),
        ("pointer: {sourceName: a/b, buildOnCommit: 1}", "gitRepo", "must be true or false"),
        ("pointer: {sourceName: a/b, branches: main}", "gitRepo", "must be a map, not `main`"),
        ("pointer: [a]", "gitRepo", "`pointer` of a resource must be a map, not a list"),
        ("version: {counter: one}", "trigger", "must be a number"),
        ("pointer: {method: mail}", "notification", "must be one of email, irc"),
        ("flags: []", "integration", "needs `integration`"),
        ("accepts: everybody", "state", "as `owner/name`; `everybody` is none"),
        ("pointer: {sourceName: a/b, branch: wrong}", "gitRepo", "no such branch"),
    ],
)
def test_a_wrong_resource_is_an_error_and_left_out(written: str, type_name: str, sentence: str) -> None:
    result = resource(written, type_name)
    (problem,) = result.problems
    assert problem.severity is Severity.ERROR
    assert sentence in problem.sentence
    assert result.fragment
    assert result.fragment.resources == ()


@pytest.mark.parametrize(
    ("written", "sentence", "nearest", "place"),
    [
        ("buildOnCommit: true\n", "belongs under `versionTemplate` (or `pointer`)", "", "4:5"),
        ("integrationName: x\n", "is not a key of a resource", "integration", "4:5"),
        ("flag: x\n", "is not a key of a resource", "flags", "4:5"),
        ("versionTemplate: {brunch: x}\n", "is not a key of `versionTemplate`", "branch", "4:23"),
    ],
)
def test_an_unknown_key_is_a_warning_that_says_where_it_belongs(written: str, sentence: str, nearest: str, place: str) -> None:
    result = resource(f"{written}pointer: {{sourceName: a/b}}")
    (problem,) = result.problems
    assert (problem.severity, problem.nearest, str(problem.place)) == (Severity.WARNING, nearest, f"gateline.yml:{place}")
    assert sentence in problem.sentence
    assert result.fragment
    assert len(result.fragment.resources) == 1


def test_unknown_content_is_kept_and_an_integration_nobody_uses_is_warned_of() -> None:
    result = resource("integration: x\nversion: {params: {A: 1}, note: n}", "params")
    assert [each.severity for each in result.problems] == [Severity.WARNING, Severity.WARNING]
    assert result.fragment
    (found,) = result.fragment.resources
    assert (found.integration, found.content) == (None, {"params": {"A": 1}, "note": "n"})


def test_a_fault_of_the_kind_has_the_place_of_its_key_and_its_severity() -> None:
    result = resource("pointer:\n  sourceName: a/b\n  branch: doubtful")
    (problem,) = result.problems
    assert (problem.severity, str(problem.place), problem.subject) == (Severity.WARNING, "gateline.yml:6:7", "it")
