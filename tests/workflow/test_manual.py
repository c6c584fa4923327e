"""`inputs` of a job: what may be declared, and what a manual run is given, refused or told."""

from __future__ import annotations

import pytest

from app.workflow.definition import Gate, Job, Parameter, Sort
from app.workflow.manual import resolved, unfit
from tests.workflow.parse_kinds import job
from tests.workflow.worlds import World, world

MAKE = "steps:\n  - TASK:\n    - script: make\n"
REGION = Parameter("REGION", Sort.CHOICE, options=("eu", "us"), default="eu")
COUNT = Parameter("COUNT", Sort.NUMBER, required=True, description="how many")
DRY = Parameter("DRY", Sort.BOOLEAN)
TAG = Parameter("TAG", pattern="v[0-9]+")


def asked(*parameters: Parameter) -> World:
    return world("J", J={"parameters": parameters})


def values(w: World) -> dict[str, str]:
    return dict(w.get("J#1").values)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("REGION:", Parameter("REGION")),
        ("REGION: {type: choice, options: [eu, us], default: eu}", REGION),
        ("COUNT: {type: number, required: true, description: how many}", COUNT),
        ("DRY: {type: boolean}", DRY),
        ("TAG: {pattern: 'v[0-9]+'}", TAG),
        ("DRY: {type: boolean, default: yes}", Parameter("DRY", Sort.BOOLEAN, default="yes")),
    ],
)
def test_an_input_is_declared(written: str, expected: Parameter) -> None:
    result = job(f"inputs:\n  {written}\n{MAKE}")
    assert result.problems == ()
    assert result.fragment
    assert result.fragment.jobs[0].parameters == (expected,)


def test_no_inputs_is_another_thing_than_an_empty_list() -> None:
    undeclared, none = job(MAKE).fragment, job(f"inputs: {{}}\n{MAKE}").fragment
    assert undeclared
    assert none
    assert (undeclared.jobs[0].parameters, none.jobs[0].parameters) == (None, ())


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("PATH:", "`PATH` cannot be an input"),
        ("GATELINE_X:", "`GATELINE_X` cannot be an input"),
        ("a-b:", "`a-b` cannot be an input"),
        ("A: text", "input `A` must be a map"),
        ("A: {type: txt}", "must be one of string, number, choice, boolean"),
        ("A: {type: choice}", "input `A` needs `options`"),
        ("A: {options: [a]}", "its `type` must be choice"),
        ("A: {pattern: '('}", "`pattern` of input `A` is no regular expression: missing ): ("),
        ("A: {pattern: 'a(?=b)'}", "`pattern` of input `A` is no regular expression: invalid perl operator: (?="),
        ("A: {type: number, default: many}", "`default` of input `A` does not fit: it has to be a number"),
        ("A: {required: maybe}", "must be true or false"),
    ],
)
def test_an_input_that_cannot_be_is_an_error(written: str, sentence: str) -> None:
    result = job(f"inputs:\n  {written}\n{MAKE}")
    assert sentence in result.problems[0].sentence
    assert result.fragment
    assert result.fragment.jobs == ()


@pytest.mark.parametrize(
    ("parameter", "value", "sentence"),
    [
        (COUNT, "3", ""),
        (COUNT, "-3.5", ""),
        (COUNT, "3x", "it has to be a number, not `3x`"),
        (COUNT, "", "it has to be a number, not ``"),
        (DRY, "Yes", ""),
        (DRY, "perhaps", "it has to be true or false, not `perhaps`"),
        (REGION, "us", ""),
        (REGION, "uss", "it has to be one of eu, us, not `uss` (did you mean us?)"),
        (REGION, "moon", "it has to be one of eu, us, not `moon`"),
        (TAG, "v12", ""),
        (TAG, "v12-rc", "`v12-rc` does not match `v[0-9]+`"),
        (TAG, "x" * 50, f"`{'x' * 39}…` does not match `v[0-9]+`"),
    ],
)
def test_a_value_fits_or_a_sentence_says_why_not(parameter: Parameter, value: str, sentence: str) -> None:
    assert unfit(parameter, value) == sentence


def test_a_job_that_declares_nothing_takes_any_value() -> None:
    w = world("J")
    w.trigger("J", values=(("X", "1"),))
    assert values(w) == {"X": "1"}


def test_defaults_are_injected_and_given_values_go_over_them() -> None:
    w = asked(REGION, COUNT, TAG)
    w.trigger("J", values=(("COUNT", "3"),))
    assert values(w) == {"REGION": "eu", "COUNT": "3"}
    w.trigger("J", values=(("COUNT", "3"), ("REGION", "us")))
    assert dict(w.get("J#2").values) == {"REGION": "us", "COUNT": "3"}


def test_truth_values_reach_the_run_in_one_spelling() -> None:
    w = asked(DRY)
    w.trigger("J", values=(("DRY", "ON"),))
    assert values(w) == {"DRY": "true"}
    w.trigger("J", values=(("DRY", "no"),))
    assert dict(w.get("J#2").values) == {"DRY": "false"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((), "J was not started: COUNT is missing (how many): add COUNT=VALUE"),
        ((("COUNT", "x"),), "J was not started: COUNT: it has to be a number, not `x`"),
        (
            (("COUNT", "1"), ("REGIO", "eu")),
            "J was not started: REGIO is not an input of this job; it takes REGION, COUNT (did you mean REGION?)",
        ),
        ((("COUNT", "1"), ("ZZ", "eu")), "J was not started: ZZ is not an input of this job; it takes REGION, COUNT"),
        (
            (("COUNT", "x"), ("REGION", "moon")),
            "J was not started: COUNT: it has to be a number, not `x`; REGION: it has to be one of eu, us, not `moon`",
        ),
    ],
)
def test_what_does_not_fit_starts_nothing_and_is_answered(given: tuple[tuple[str, str], ...], sentence: str) -> None:
    w = asked(REGION, COUNT)
    w.trigger("J", values=given)
    assert w.denied() == sentence
    assert w.runs() == {}


def test_a_job_with_no_inputs_at_all_refuses_every_value() -> None:
    w = asked()
    w.trigger("J", values=(("X", "1"),))
    assert w.denied() == "J was not started: X is not an input of this job; it takes none"


def test_a_candidate_shows_the_values_with_the_defaults() -> None:
    w = world("J", J=[Gate(), {"parameters": (REGION, COUNT)}])
    w.trigger("J", values=(("COUNT", "3"),))
    assert dict(w.shown("J").values) == {"REGION": "eu", "COUNT": "3"}
    w.trigger("J", values=(("COUNT", "x"),))
    assert w.denied().endswith("COUNT: it has to be a number, not `x`")


def test_who_only_takes_the_defaults_is_no_author_of_them() -> None:
    w = world("J", J=[Gate(), {"parameters": (REGION, DRY)}])
    w.trigger("J", by="bob")
    assert w.shown("J").authors == ()
    w.trigger("J", by="bob", values=(("REGION", "us"),))
    assert [each.login for each in w.shown("J").authors] == ["bob"]


def test_values_keep_the_order_of_the_declaration() -> None:
    found = Job("J", "runSh", "s", parameters=(TAG, REGION, DRY))
    assert resolved(found, (("DRY", "no"), ("TAG", "v1"))) == ((("TAG", "v1"), ("REGION", "eu"), ("DRY", "false")), "")


def test_no_pattern_takes_longer_the_more_ways_it_could_match() -> None:
    slow = Parameter("A", pattern="(a|aa|a+)+b")
    assert unfit(slow, "a" * 4000) != ""
