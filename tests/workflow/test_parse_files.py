"""Which files are read, and how the files of one source become one fragment."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.workflow.definition import Place, Severity
from app.workflow.parse import Parsed, is_workflow_file, near_miss, parse
from tests.workflow.parse_kinds import KINDS, SOURCE, parsed

JOB = "jobs:\n  - name: {name}\n    type: runSh\n    steps:\n      - TASK: [{{script: make}}]\n"


@pytest.mark.parametrize(
    "path",
    [
        "gateline.yml",
        ".gateline.yml",
        ".gateline/anything.yml",
        ".gateline/anything.yaml",
        "shippable.yml",
        ".shippable.yml",
        "shippable.yaml",
        "deep/down/api.shippable.yml",
        "infra/shippable.jobs.yml",
        "shippable.resources.yml",
        "shippable.triggers.yaml",
        "shippable.templates.yml",
    ],
)
def test_these_files_are_read(path: str) -> None:
    assert is_workflow_file(path)
    assert near_miss(path) is None


@pytest.mark.parametrize(
    "path",
    ["shippable.yml.example", "README.md", "docs/gateline.md", "ci.yml", ".github/workflows/ci.yml", "shippable/x.yml", "yml", "a/.yml"],
)
def test_these_files_are_nobodys_business(path: str) -> None:
    assert not is_workflow_file(path)
    assert near_miss(path) is None


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("Shippable.yml", "shippable.yml"),
        ("shippables.jobs.yml", "shippable.jobs.yml"),
        ("shippable.job.yml", "shippable.jobs.yml"),
        ("gatelines.yml", "gateline.yml"),
        ("Gateline.YAML", "gateline.yaml"),
        ("sub/gateline.yml", "root"),
        ("sub/shippable.templates.yml", "root"),
        (".gateline/sub/x.yml", "directly in"),
    ],
)
def test_a_near_miss_is_a_sentence_that_says_what_is_meant(path: str, meant: str) -> None:
    assert not is_workflow_file(path)
    sentence = near_miss(path)
    assert sentence
    assert path in sentence
    assert meant in sentence


def test_all_files_are_merged_in_order_of_their_paths() -> None:
    result = parsed(shippable__jobs=JOB.format(name="b"), gateline=JOB.format(name="a"))
    assert result.fragment
    assert (result.fragment.source, result.fragment.commit) == (SOURCE, "c0ffee")
    assert [job.name for job in result.fragment.jobs] == ["a", "b"]
    assert result.problems == ()


def test_triggers_are_resources_whose_type_need_not_be_written() -> None:
    result = parsed(shippable__triggers="triggers:\n  - name: go\n    version: {counter: 2}\n")
    assert result.fragment
    assert [(each.type, each.content) for each in result.fragment.resources] == [("trigger", {"counter": 2})]


def test_a_triggers_file_may_be_a_bare_list() -> None:
    result = parsed(shippable__triggers="- name: go\n  type: trigger\n  version: {counter: 2}\n")
    assert result.fragment
    assert [each.name for each in result.fragment.resources] == ["go"]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "jobs:\n", "resources:\n#  - x\njobs:\n", "language: node_js\nbuild: {ci: [make]}\n", "---\n"]
)
def test_files_that_define_nothing_are_fine(text: str) -> None:
    result = parsed(shippable=text)
    assert result.fragment
    assert (result.fragment.jobs, result.fragment.resources, result.problems) == ((), (), ())


@pytest.mark.parametrize("broken", ["jobs: [\n", "just text\n", "- a\n- b\n", "jobs: {a: 1}\n", "jobs:\njobs:\n", "jobs: *nothing\n"])
def test_one_file_that_cannot_be_read_leaves_no_fragment(broken: str) -> None:
    result = parsed(gateline=JOB.format(name="a"), shippable=broken)
    assert result.fragment is None
    assert [(each.severity, each.place.file) for each in result.problems] == [(Severity.ERROR, "shippable.yml")]
    assert result.problems[0].place.line > 0


def test_a_name_that_stands_twice_is_an_error_at_the_second_that_names_the_first() -> None:
    result = parsed(gateline=JOB.format(name="a"), shippable="resources:\n  - name: a\n    type: state\n" + JOB.format(name="b"))
    assert result.fragment
    assert [job.name for job in result.fragment.jobs] == ["a", "b"]
    assert result.fragment.resources == ()
    (problem,) = result.problems
    assert problem.place == Place("shippable.yml", 2, 5)
    assert "gateline.yml:2:5" in problem.sentence


def test_a_broken_first_definition_still_keeps_its_name() -> None:
    broken = "jobs:\n  - name: a\n    type: runSh\n"
    result = parsed(gateline=broken, shippable=JOB.format(name="a"))
    assert result.fragment
    assert result.fragment.jobs == ()
    assert result.left_out == {"a"}


def test_a_wrong_definition_is_left_out_and_the_others_stand() -> None:
    wrong = "  - name: bad\n    type: runSh\n    priority: high\n    steps:\n      - TASK: [make]\n"
    result = parsed(gateline=JOB.format(name="good") + wrong)
    assert result.fragment
    assert [job.name for job in result.fragment.jobs] == ["good"]
    assert result.left_out == {"bad"}
    assert [(str(each.place), each.subject) for each in result.problems] == [("gateline.yml:8:15", "bad")]


def test_a_section_with_a_capital_is_warned_of() -> None:
    result = parsed(gateline="Resources:\n  - name: a\n")
    (problem,) = result.problems
    assert (problem.severity, problem.nearest) == (Severity.WARNING, "resources")


def test_anchors_of_the_templates_file_serve_every_file_and_keep_their_place() -> None:
    result = parsed(
        shippable__templates="t1: &one\n  - echo 1\nt2: &two\n  - *one\n  - echo 2\n",
        gateline=JOB.format(name="a").replace("[{script: make}]", "{script: [*two, echo 3]}"),
    )
    assert result.fragment
    assert result.fragment.jobs[0].tasks[0].script == ("echo 1", "echo 2", "echo 3")


URL = "https://example.com/a.yml"
REFERRING = f"externalReferences:\n  - {URL}\nown: &own [echo own]\n"
USING = JOB.format(name="a").replace("[{script: make}]", "{script: [*theirs, *own]}")


def with_references(imported: Mapping[str, bytes], templates: str = REFERRING) -> Parsed:
    files = {"shippable.templates.yml": templates.encode(), "a/b/shippable.yml": USING.encode()}
    return parse(SOURCE, "c0ffee", files, KINDS, imported)


def test_anchors_of_an_external_reference_serve_every_file() -> None:
    result = with_references({URL: b"x: &theirs [echo theirs, [echo too]]\n"})
    assert result.problems == ()
    assert result.fragment
    assert result.fragment.jobs[0].tasks[0].script == ("echo theirs", "echo too", "echo own")


def test_an_external_reference_serves_the_templates_file_itself() -> None:
    result = with_references({URL: b"x: &theirs [one]\n"}, REFERRING.replace("[echo own]", "[*theirs, two]"))
    assert result.fragment
    assert result.fragment.jobs[0].tasks[0].script == ("one", "one", "two")


def test_an_external_reference_defines_nothing_but_anchors() -> None:
    result = with_references({URL: b"x: &theirs [one]\njobs: [{name: evil, type: runSh, steps: [{TASK: [evil]}]}]\n"})
    assert result.fragment
    assert [job.name for job in result.fragment.jobs] == ["a"]


def test_a_reference_that_was_not_fetched_is_warned_of_and_so_is_each_alias_that_it_may_define() -> None:
    result = with_references({})
    assert [(str(each.place), each.severity) for each in result.problems] == [
        ("a/b/shippable.yml:5:25", Severity.WARNING),
        ("shippable.templates.yml:2:5", Severity.WARNING),
    ]
    assert f"{URL} was not fetched" in result.problems[1].sentence


def test_a_broken_external_text_has_its_own_place() -> None:
    result = with_references({URL: b"x: &theirs [one\n"})
    assert result.fragment is None
    (problem,) = (each for each in result.problems if each.severity is Severity.ERROR)
    assert str(problem.place) == f"{URL}:2:1"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.yml",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "https://u:p@example.com/",
        "https://x:y/",
        "[a]",
        "~",
    ],
)
def test_an_external_reference_is_an_https_url(url: str) -> None:
    result = parsed(shippable__templates=f"externalReferences:\n  - {url}\n")
    assert result.fragment is None
    assert "lists URLs that begin with https://" in result.problems[0].sentence


def test_external_references_are_a_short_list() -> None:
    many = "".join(f"  - https://example.com/{number}\n" for number in range(21))
    (error,) = (each for each in parsed(shippable__templates=f"externalReferences:\n{many}").problems if each.severity is Severity.ERROR)
    assert "at most 20" in error.sentence
    assert "must be a list of URLs" in parsed(shippable__templates="externalReferences: {a: b}\n").problems[0].sentence
    assert parsed(shippable__templates="externalReferences:\n  # - https://example.com/a\n").problems == ()


def test_external_references_stand_in_the_templates_file_only() -> None:
    (problem,) = parsed(gateline=REFERRING).problems
    assert "belongs into shippable.templates.yml" in problem.sentence


@pytest.mark.parametrize(
    ("section", "text", "sentence", "nearest"),
    [
        ("jobs", "type: runSh", "needs `name`", ""),
        ("jobs", "{name: a}", "needs `type`: one of deploy, release, runCLI, runSh", ""),
        ("jobs", "{name: a, type: runsh}", "not a type of job; the types are deploy, release, runCLI, runSh", "runSh"),
        ("jobs", "{name: a, type: manifest}", "does not have it yet", ""),
        ("jobs", "{name: a, type: jenkinsJob}", "use `externalCI`", "externalCI"),
        ("jobs", "{name: a, type: state}", "move this definition to `resources:`", ""),
        ("resources", "{name: a, type: runSh}", "move this definition to `jobs:`", ""),
        ("resources", "{name: a, type: cluster}", "does not have it yet", ""),
        ("resources", "{name: a, type: gitrepo}", "not a type of resource", "gitRepo"),
        ("resources", "{name: [a], type: state}", "`name` of a resource must be text, not a list", ""),
        ("resources", "text", "each item here is a resource, a map", ""),
        ("resources", "{name: .., type: state}", "cannot be a name", ""),
        ("resources", "{name: a/b, type: state}", "cannot be a name", ""),
        ("resources", "{name: 'a ', type: state}", "cannot be a name", ""),
        ("resources", "{name: 'a\n\n  b', type: state}", "cannot be a name", ""),
        ("resources", "{name: Slack (x), type: state}", "cannot be a name", ""),
    ],
)
def test_definitions_without_a_name_or_a_known_type_are_errors(section: str, text: str, sentence: str, nearest: str) -> None:
    result = parsed(gateline=f"{section}:\n  - {text}\n")
    errors = [each for each in result.problems if each.severity is Severity.ERROR]
    assert [sentence in each.sentence for each in errors] == [True], result.problems
    assert errors[0].nearest == nearest
    assert result.fragment
    assert (result.fragment.jobs, result.fragment.resources) == ((), ())


@pytest.mark.parametrize("name", ["a", "A.b_c-d 1", "123_numbers", "7", "..a"])
def test_names_may_have_letters_digits_dots_underscores_dashes_and_blanks(name: str) -> None:
    result = parsed(gateline=f"resources:\n  - {{name: {name}, type: state}}\n")
    assert result.problems == ()
    assert result.fragment
    assert result.fragment.resources[0].name == name
