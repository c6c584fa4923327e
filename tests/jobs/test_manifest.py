"""What a manifest is made of: spec/workflow-language.md section 3.5."""

from __future__ import annotations

from typing import Any

import pytest

from app.workflow.plan import Plan, Unplannable
from tests.jobs.managed import UNTOUCHED, account, bag, image, job, options, params, replicas, sentences, settled
from tests.jobs.planning import held, take, version


def parts(plan: Plan) -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in bag(plan)["parts"]}


def test_an_image_alone_has_the_defaults() -> None:
    plan = settled(job("manifest", take("img")), image("img", "1.2", 7))
    assert bag(plan) == {
        "manifest": "it",
        "versionNumber": 0,
        "kind": "image",
        "parts": [
            {
                "name": "img",
                "sourceName": "acme/img",
                "versionName": "1.2",
                "versionNumber": 7,
                "integration": "",
                "dockerOptions": UNTOUCHED,
                "params": {},
            }
        ],
        "replicas": {"count": 1},
    }
    assert (plan.executor, plan.tasks) == ("inline", ())


def test_options_are_united_in_step_order_and_a_later_one_wins_per_key() -> None:
    of = job("manifest", take("img"), take("small"), take("large"))
    plan = settled(of, image("img", "1"), options("small", memory=100, user="app"), options("large", memory=900))
    assert parts(plan)["img"]["dockerOptions"] == {"memory": 900, "user": "app", "cpuShares": 0}


def test_params_are_united_in_step_order_and_a_later_one_wins_per_key() -> None:
    of = job("manifest", take("img"), take("all"), take("more"))
    plan = settled(of, image("img", "1"), params("all", A="1", B="1"), params("more", B="2"))
    assert parts(plan)["img"]["params"] == {"A": "1", "B": "2"}


def test_encrypted_texts_of_several_params_are_all_kept() -> None:
    of = job("manifest", take("img"), take("one"), take("two"))
    plan = settled(of, image("img", "1"), params("one", secure="c1"), params("two", secure="c2"))
    assert parts(plan)["img"]["params"] == {"secure": ["c1", "c2"]}


def test_apply_to_limits_options_and_params_to_the_images_that_it_names() -> None:
    of = job("manifest", take("a"), take("b"), take("opts", applyTo=["a"]), take("env", applyTo=["b"]))
    made = parts(settled(of, image("a", "1"), image("b", "2"), options("opts", memory=99), params("env", X="1")))
    assert (made["a"]["dockerOptions"]["memory"], made["b"]["dockerOptions"]["memory"]) == (99, 400)
    assert (made["a"]["params"], made["b"]["params"]) == ({}, {"X": "1"})


def test_the_last_replicas_win() -> None:
    of = job("manifest", take("img"), take("two"), take("five"))
    assert bag(settled(of, image("img", "1"), replicas("two", 2), replicas("five", 5)))["replicas"] == {"count": 5}


def test_files_have_params_and_no_defaults_of_containers() -> None:
    of = job("manifest", take("zip"), take("env"), take("opts"), take("two"))
    archive = held("zip", "file", version("zip", "7", sourceName="https://f/z"))
    plan = settled(of, archive, params("env", X="1"), options("opts", memory=9), replicas("two", 2))
    assert bag(plan)["kind"] == "file"
    assert (parts(plan)["zip"]["dockerOptions"], parts(plan)["zip"]["params"], bag(plan)["replicas"]) == ({}, {"X": "1"}, {})


def test_a_tag_may_name_the_variables_of_earlier_inputs() -> None:
    of = job("manifest", take("env"), take("img"))
    plan = settled(of, params("env", TAG="v9"), image("img", "$TAG"))
    assert parts(plan)["img"]["versionName"] == "v9"


def test_the_log_says_what_went_in_and_what_came_out_and_shows_no_value_of_params() -> None:
    of = job("manifest", take("img"), take("env"))
    told = account(settled(of, image("img", "1.2", 7), params("env", PASSWORD="hunter2")))
    assert told == [
        "[Inputs]",
        "img (image) version 7 1.2",
        "env (params) version 3",
        "[Manifest]",
        "img: acme/img:1.2",
        "  options: cpuShares=0, memory=400",
        "  params: PASSWORD",
        "replicas: count=1",
    ]


@pytest.mark.parametrize(
    ("types", "sentence"),
    [
        ({"a": "image", "b": "file"}, "images or files, never both: `b` is a file"),
        ({"a": "params", "b": "trigger"}, "needs at least one IN of type image or file"),
        ({"a": "file", "b": "dockerOptions"}, "`b` is a dockerOptions and has no effect"),
        ({"a": "file", "b": "replicas"}, "`b` is a replicas and has no effect"),
    ],
)
def test_what_makes_no_manifest_is_explained(types: dict[str, str], sentence: str) -> None:
    [told] = sentences(job("manifest", take("a"), take("b")), **types)
    assert sentence in told


def test_nothing_is_missing_while_an_input_is_unknown() -> None:
    assert sentences(job("manifest", take("elsewhere"), take("b")), b="params") == []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [(["other"], "names `other`"), ([{"manifest": "a"}], "must be a list of names"), (4, "must be a list of names")],
)
def test_apply_to_names_images_of_the_job(value: Any, sentence: str) -> None:
    [told, *_] = sentences(job("manifest", take("a"), take("o", applyTo=value)), a="image", o="dockerOptions")
    assert sentence in told


def test_inputs_that_changed_their_type_end_it_with_a_sentence() -> None:
    with pytest.raises(Unplannable, match="neither"):
        settled(job("manifest", take("env")), params("env", A="1"))
