"""YAML with places: bounded, exact about what is wrong, and never raising."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from app.workflow import reading
from app.workflow._nodes import Entry, List, Map, Node, Scalar, json_of
from app.workflow.definition import Json, Place, Severity
from app.workflow.reading import MOST_BYTES, Document, read
from tests.workflow.parse_kinds import KINDS, parsed


def value(text: str) -> Json:
    document = read("f.yml", text.encode())
    assert document.problems == ()
    assert document.root is not None
    return json_of(document.root)


def flaw(content: str | bytes) -> tuple[str, str]:
    """The place and the sentence of the one problem."""
    document = read("f.yml", content.encode() if isinstance(content, str) else content)
    (problem,) = document.problems
    assert document.root is None
    return str(problem.place), problem.sentence


def test_every_key_and_value_has_its_place() -> None:
    document = read("f.yml", b"a:\n  - b\n  - c: 'd'\n")
    assert document.root == Map(
        (
            Entry(
                "a",
                Place("f.yml", 1, 1),
                List(
                    (
                        Scalar("b", True, Place("f.yml", 2, 5)),
                        Map((Entry("c", Place("f.yml", 3, 5), Scalar("d", False, Place("f.yml", 3, 8))),), Place("f.yml", 3, 5)),
                    ),
                    Place("f.yml", 2, 3),
                ),
            ),
        ),
        Place("f.yml", 1, 1),
    )


def test_columns_count_characters_not_bytes() -> None:
    document = read("f.yml", "é: {ü: x}\n".encode())
    assert isinstance(document.root, Map)
    inner = document.root.entries[0].value
    assert isinstance(inner, Map)
    assert inner.entries[0].value.place == Place("f.yml", 1, 8)


@pytest.mark.parametrize("content", [b"", b"# only a comment\n", b"---\n", b"~\n", b"\xef\xbb\xbf", b"\n\n"])
def test_an_empty_file_is_fine(content: bytes) -> None:
    assert read("f.yml", content) == Document()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffa: 1", {"a": 1}),
        ("a: x86_64\t\t\nb: 2\n", {"a": "x86_64", "b": 2}),
        ("---\na: 1\n---\n", {"a": 1}),
        ("a: 1\n...\n", {"a": 1}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}", {"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "d": 3}}),
        ("'<<': 1", {"<<": 1}),
        ("1: a\n~: b\n", {"1": "a", "~": "b"}),
        ("a: |\n  b\n   c\n", {"a": "b\n c\n"}),
        ("a: >\n  b\n    c\n  d\n", {"a": "b\n  c\nd\n"}),
        ("a\r\n", "a"),
    ],
)
def test_yaml_means_what_it_says(text: str, expected: Json) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("content", "place", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yml:3:1", "the key `a` stands twice; first at f.yml:1:1"),
        (
            "jobs:\n- name: n\n  steps:\n  - IN: a\n    switch: on\n    switch: off\n",
            "f.yml:6:5",
            "twice in job `n`, step 1 (IN a); first at f.yml:5:5",
        ),
        ("a: {b: 1, <<: {}, <<: {}, b: 2}", "f.yml:1:27", "the key `b` stands twice"),
        ("a: &a [*a]", "f.yml:1:8", "the alias `*a` means nothing: it stands inside its own anchor"),
        ("a: &a {b: *a}", "f.yml:1:11", "inside its own anchor"),
        ("a: *b", "f.yml:1:4", "no `&b` stands above it"),
        ("a: *b\nc: &b 1", "f.yml:1:4", "no `&b` stands above it"),
        ("a: 1\n---\nb: 2", "f.yml:3:1", "a second YAML document starts here"),
        ("? [a]\n: b", "f.yml:1:3", "a list or map cannot be a key"),
        ("? {a: b}\n: b", "f.yml:1:3", "a list or map cannot be a key"),
        ("- &s [1]\n- {*s : 1}", "f.yml:2:4", "a list or map cannot be a key"),
        ("a: {<<: 1}", "f.yml:1:9", "`<<` takes a map"),
        ("a: {<<: [1]}", "f.yml:1:9", "`<<` takes a map"),
        ("a: !python/object:os.system x", "f.yml:1:4", "the YAML tag `!python/object:os.system` has no meaning here"),
        ("a: !x [b]", "f.yml:1:4", "has no meaning here"),
        (b"\xff\xfea\x00", "f.yml:1:1", "UTF-16"),
        (b"a: b\nc: \xe9\n", "f.yml:2:4", "byte 0xe9 is not UTF-8"),
        ("a: b\nc: \x07", "f.yml:2:4", "the character U+0007 may not stand in YAML"),
        ("a:\n  b: 1\n\tc: 2\n", "f.yml:3:1", "a tab stands in the indentation"),
        (
            "jobs:\n- name: n\n  steps:\n  - TASK:\n    - script: echo a: b\n",
            "f.yml:5:21",
            "quotes, or mend the indentation in job `n`, step 1 (TASK)",
        ),
        ("jobs:\n- name: n\n  steps:\n    - IN: a\n   - IN: b\n", "f.yml:5:4", "the indentation does not fit the lines above in job `n`"),
        ("a: 'b\nc: 1\n", "f.yml:1:4", "a quotation mark or bracket is never closed"),
        ("a: [b\n", "f.yml:2:1", "a bracket is never closed, or a comma is missing"),
        ("a: @acme/ops\n", "f.yml:1:4", "needs quotes"),
        ("a: &x\\ b\n", "f.yml:1:6", "letters, digits, `-` and `_` only"),
        ("a\nb: c\n", "f.yml:2:2", ""),
        ('a: "\\q"', "f.yml:1:5", "a backslash in double quotes"),
        ("%YAML 3.0\n---\na: 1", "f.yml:1:1", "this is not YAML"),
    ],
)
def test_what_cannot_be_read_has_a_place_and_a_sentence(content: str | bytes, place: str, sentence: str) -> None:
    found = flaw(content)
    assert found[0] == place
    assert sentence in found[1]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(500)) + "}\nb:\n" + "- {<<: *a}\n" * 500


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[" * 200_000, "nested more than 60 levels"),
        ("- " * 200_000, "nested more than 60 levels"),
        (
            "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]\n"
            + "[" * 0
            + "b: &b [[[[[[[[[[*a]]]]]]]]]]\nc: [[[[[[[[[[[[[[[[[[[[[[[[[[[*b]]]]]]]]]]]]]]]]]]]]]]]]]]]",
            "aliases are expanded",
        ),
        (BOMB, "more than 100000 values once its aliases are expanded"),
        (MERGE_BOMB, "more than 100000 values once its aliases are expanded"),
        ("- a\n" * 110_000, "more than 100000 values"),
        ("#" * (MOST_BYTES + 1), "at most 524288 are read"),
    ],
    ids=["brackets", "dashes", "aliases deep", "aliases wide", "merges", "values", "bytes"],
)
def test_size_depth_and_aliases_are_bounded(content: str, sentence: str) -> None:
    assert sentence in flaw(content)[1]


def test_a_file_of_exactly_the_most_bytes_is_read() -> None:
    assert read("f.yml", b"#" * MOST_BYTES).problems == ()


def problems(text: str) -> list[str]:
    return [f"{each.place}: {each.sentence}" for each in read("f.yml", text.encode()).problems]


MANY = """\
jobs:
  - name: one
    steps:
      - IN: a
        switch: off: on
  - name: two
    steps:
      - IN: b
      - IN: c
        switch: off
        switch: on
      - TASK: {script: *nowhere}
  - name: three
    steps:
      - IN: c
     - IN: d
resources:
  - name: four
    type: @x
  - name: five
    flags: [a
"""


def test_each_syntax_error_of_a_file_is_named_with_its_job_and_step() -> None:
    found = problems(MANY)
    assert [each.partition(": ")[0] for each in found] == ["f.yml:5:20", "f.yml:11:9", "f.yml:16:6", "f.yml:19:11", "f.yml:22:1"]
    assert "in job `one`, step 1 (IN a)" in found[0]
    assert "the key `switch` stands twice in job `two`, step 2 (IN c); first at f.yml:10:9" in found[1]
    assert "the indentation does not fit the lines above in job `three`" in found[2]
    assert "needs quotes in resource `four`" in found[3]
    assert "a bracket is never closed, or a comma is missing in resource `five`" in found[4]


def test_a_sound_definition_after_a_broken_one_is_not_complained_of() -> None:
    text = "jobs:\n- name: a\n  steps: [\n- name: b\n  steps: [{TASK: {script: *t}}]\nresources:\n- name: c\n"
    assert len(problems(text)) == 1


def test_each_undefined_alias_is_named_with_its_job_step_and_the_nearest_anchor() -> None:
    text = "t: &build [make]\njobs:\n- name: a\n  steps:\n  - TASK: {script: *biuld}\n  - TASK: {script: *z}\n"
    first, second = read("f.yml", text.encode()).problems
    assert (str(first.place), first.nearest) == ("f.yml:5:20", "build")
    assert "the alias `*biuld` in job `a`, step 1 (TASK) means nothing: no `&biuld` stands above it" in first.sentence
    assert (str(second.place), second.nearest) == ("f.yml:6:20", "")


def test_hundreds_of_errors_cost_no_more_than_one() -> None:
    """Each reading begins after the last error, and so many are enough."""
    text = "jobs:\n" + "- name: [\n" * 5000
    assert len(problems(text)) == reading.MOST_PROBLEMS


def test_an_alias_that_another_file_may_define_is_warned_of() -> None:
    document = read("f.yml", b"a: [*x]\n", partial=True)
    (problem,) = document.problems
    assert problem.severity is Severity.WARNING
    assert "the alias `*x` is defined in nothing that was read" in problem.sentence
    assert document.root is not None
    assert json_of(document.root) == {"a": ["echo 'the alias *x is not known here' >&2; exit 1"]}


def test_every_duplicate_key_is_named() -> None:
    document = read("f.yml", b"a: 1\na: 2\nb: 1\nb: 2\n")
    assert [str(each.place) for each in document.problems] == ["f.yml:2:1", "f.yml:4:1"]
    assert document.root is None


def test_anchors_of_another_file_may_be_used_and_redefined() -> None:
    templates = read("t.yml", b"x: &x [1]\ny: &y [2]\n")
    document = read("f.yml", b"a: *x\nb: &y [3]\nc: *y\n", templates.anchors)
    assert document.root is not None
    assert json_of(document.root) == {"a": [1], "b": [3], "c": [3]}


def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x [.25, 'b']\nc: {<<: {d: 1}, e: *x}\nf: |\n  g\n"
    expected = read("f.yml", text.encode())
    monkeypatch.setattr(reading, "_Loader", yaml.SafeLoader)
    assert read("f.yml", text.encode()) == expected
    assert read("f.yml", b"a: [").problems
    assert read("f.yml", b"a:\n\tb: 1").problems


YAMLISH = st.text(st.sampled_from("ab: -[]{}&*!|>'\"#%@`,?\n\t\\~<=.0\ufeffé\x85\u2028\x00"), max_size=60)


@given(st.one_of(st.binary(max_size=80), YAMLISH.map(str.encode), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))))
@example(b"\xef\xbb\xbf\xef\xbb\xbfa: 1")
@example(b"--- !!binary a")
def test_no_content_makes_the_reader_raise(content: bytes) -> None:
    document = read("f.yml", content)
    assert document.root is None or not document.problems
    for problem in document.problems:
        assert problem.sentence
        assert problem.place.file == "f.yml"


WORDS = st.sampled_from(
    [
        *("name", "type", "steps", "IN", "OUT", "TASK", "script", "runSh", "gitRepo", "params", "gate", "approvers", "runtime", "options"),
        *("env", "switch", "off", "on_success", "NOTIFY", "pointer", "seed", "version", "versionTemplate", "sourceName", "lanes"),
        *("versionName", "priority", "flags", "accepts", "managed", "5", ".5", "true", "~", "a", "b", "timeout", "24h", "<<"),
    ]
)
VALUES = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=25)


@given(st.lists(st.dictionaries(WORDS, VALUES, max_size=6), max_size=3), st.sampled_from(["jobs", "resources", "triggers"]))
def test_no_well_formed_file_makes_the_parser_raise(definitions: list[dict[str, object]], section: str) -> None:
    typed = [{"name": "n", "type": "runSh" if section == "jobs" else "gitRepo", **each} for each in definitions]
    result = parsed(gateline=yaml.safe_dump({section: typed}))
    names = {each["name"] for each in typed if isinstance(each["name"], str)}
    assert KINDS.jobs
    if result.fragment is not None:
        kept = {job.name for job in result.fragment.jobs} | {resource.name for resource in result.fragment.resources}
        assert kept.isdisjoint(result.left_out)
        assert {name for name in names if name not in ("~", "")} <= kept | result.left_out | {"n"}


def nodes(node: Node) -> int:
    match node:
        case Scalar():
            return 1
        case List():
            return 1 + sum(nodes(item) for item in node.items)
        case Map():
            return 1 + sum(nodes(entry.value) for entry in node.entries)


@given(VALUES)
def test_what_is_written_is_read(written: object) -> None:
    document = read("f.yml", yaml.safe_dump(written, default_style='"').encode())
    assert document.problems == ()
    assert document.root is not None
    assert nodes(document.root) <= 200
    assert json_of(document.root) == written
