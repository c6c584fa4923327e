"""How releases are counted: spec/workflow-language.md section 3.6, and scenario S7's numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.line import Version
from app.workflow.plan import Held, Plan, Unplannable
from tests.jobs.managed import account, bag, image, job, label, made, of_job, sentences, settled
from tests.jobs.planning import held, take, version


def seed(name: str = "1.0.0", number: int = 1) -> Held:
    return held("seed", "version", version("seed", name, number))


def counted(bump: str, times: int, start: str = "1.0.0") -> list[str]:
    """The labels of so many runs of a release with this bump."""
    of = job("release", take("seed"), bump=bump)
    found: list[str] = []
    previous: Version | None = None
    for _ in range(times):
        previous = after(settled(of, seed(start), previous=previous))
        found.append(previous.label)
    return found


def after(plan: Plan) -> Version:
    """The version that a run leaves."""
    return replace(version(plan.job, label(plan)), bag=bag(plan))


@pytest.mark.parametrize(
    ("bump", "start", "labels"),
    [
        ("major", "1.0.0", ["v2.0.0", "v3.0.0"]),
        ("minor", "1.0.0", ["v1.1.0", "v1.2.0"]),
        ("patch", "1.0.0", ["v1.0.1", "v1.0.2"]),
        ("alpha", "1.0.0", ["v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.2"]),
        ("beta", "1.0.0-alpha.4", ["v1.0.0-beta", "v1.0.0-beta.1"]),
        ("rc", "1.0.0", ["v1.0.0-rc", "v1.0.0-rc.1", "v1.0.0-rc.2"]),
        ("final", "4.0.0-rc.5", ["v4.0.0", "v4.0.0"]),
        ("minor", "v1.0.0", ["v1.1.0", "v1.2.0"]),
    ],
)
def test_each_run_counts_on_from_the_last(bump: str, start: str, labels: list[str]) -> None:
    assert counted(bump, len(labels), start) == labels


def test_without_a_bump_the_minor_part_is_counted() -> None:
    assert label(settled(job("release", take("seed")), seed())) == "v1.1.0"


def test_changing_the_seed_begins_the_count_anew_even_lower() -> None:
    of = job("release", take("seed"))
    last = after(settled(of, seed("3.0.0")))
    assert label(settled(of, seed("1.0.0", 2), previous=last)) == "v1.1.0"
    assert label(settled(of, seed("9.0.0", 3), previous=last)) == "v9.1.0"


def test_a_release_among_the_inputs_supplies_the_version() -> None:
    rc = of_job("rc", "release", 4, {"manifests": []}, "v1.0.0-rc.3")
    of = job("release", take("rc"), take("seed"), bump="final")
    assert label(settled(of, rc, seed("7.0.0"), previous=version("it", "v6.0.0"))) == "v1.0.0"


def test_a_chain_goes_from_alpha_to_final() -> None:
    before, found = seed(), []
    for bump in ("alpha", "beta", "rc", "final"):
        plan = settled(job("release", take(before.name), name=bump, bump=bump), before)
        found.append(label(plan))
        before = made(plan, "release")
    assert found == ["v1.0.0-alpha", "v1.0.0-beta", "v1.0.0-rc", "v1.0.0"]


def test_a_deploy_that_carries_a_version_is_counted_from_without_a_seed() -> None:
    staged = of_job("stage", "deploy", 2, {"manifests": []}, "v1.2.0-beta.1")
    of = job("release", take("stage"), bump="final")
    assert label(settled(of, staged)) == "v1.2.0"


def test_the_greater_of_the_own_last_version_and_a_carried_one_counts() -> None:
    staged = of_job("stage", "deploy", 2, {"manifests": []}, "v1.2.0")
    of = job("release", take("stage"), bump="patch")
    assert label(settled(of, staged, previous=replace(version("it", "v1.5.0"), bag={"seed": ""}))) == "v1.5.1"
    assert label(settled(of, staged, previous=replace(version("it", "v1.1.0"), bag={"seed": ""}))) == "v1.2.1"


def test_it_lists_the_manifest_versions_of_its_inputs_each_once() -> None:
    web = made(settled(job("manifest", take("img"), name="web"), image("img", "1")), number=5)
    api = made(settled(job("manifest", take("img"), name="api"), image("img", "2")), number=9)
    both = made(settled(job("release", take("web"), take("api"), take("seed"), name="both"), web, api, seed()), "release")
    newer = made(settled(job("manifest", take("img"), name="web"), image("img", "3")), number=6)
    plan = settled(job("release", take("both"), take("web")), both, newer)
    assert [(each["manifest"], each["versionNumber"]) for each in bag(plan)["manifests"]] == [("web", 6), ("api", 9)]
    assert account(plan)[-3:] == ["v1.1.0 -> v1.2.0 (minor)", "web version 6: acme/img:3", "api version 9: acme/img:2"]


def test_a_pure_counter_needs_no_manifest() -> None:
    assert bag(settled(job("release", take("seed")), seed()))["manifests"] == []


def test_nothing_to_count_from_is_explained() -> None:
    [told] = sentences(job("release", take("img")), img="image")
    assert "needs something to count from" in told
    assert sentences(job("release", take("img"), take("elsewhere")), img="image") == []
    with pytest.raises(Unplannable, match="nothing to count from"):
        settled(job("release", take("web")), of_job("web", "manifest", 1, {"parts": []}))


def test_a_version_that_is_none_is_explained() -> None:
    with pytest.raises(Unplannable, match="`latest` is no semantic version"):
        settled(job("release", take("seed")), seed("latest"))


def test_a_manifest_of_another_make_is_explained() -> None:
    with pytest.raises(Unplannable, match="version 3 of web holds no manifest"):
        settled(job("release", take("web"), take("seed")), of_job("web", "manifest", 3, {"old": 1}), seed())
