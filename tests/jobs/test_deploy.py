"""What a deploy changes, as data: spec/workflow-language.md section 3.7."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.workflow.definition import Input, Job, Task
from app.workflow.deployment import Balancing, Deployment, Target
from app.workflow.line import Actor, Cause, Lane, Version
from app.workflow.plan import Held, Plan, Sealed, Secret, Unplannable
from tests.jobs.managed import account, bag, image, job, label, made, options, params, replicas, sentences, settled
from tests.jobs.planning import FORK, RUN, held, integration, take, version

KUBE = integration("kube", "kubernetesConfig", "kubeConfigContent")
NODES = integration("kube", "nodeCluster", "nodes", "privateKey")
CLUSTER = held("prod", "cluster", version("prod", sourceName="c1"), integration="kube")


def manifest(name: str, tag: str = "1", number: int = 1, **env: str) -> Held:
    """The manifest job `name`, whose one image is `<name>-img`, as an IN."""
    of = job("manifest", take(f"{name}-img"), take("env"), name=name)
    return made(settled(of, image(f"{name}-img", tag), params("env", **(env or {"A": "1"}))), number=number)


def deploy(*steps: Input, **attributes: Any) -> Job:
    return job("deploy", take("prod"), *steps, name="ship", **attributes)


def planned(of: Job, *given: Held, number: int = 4, previous: Version | None = None, **more: Any) -> Plan:
    run = replace(more.pop("run", RUN), ref=replace(RUN.ref, job=of.name, number=number))
    more.setdefault("integrations", (KUBE,))
    return settled(of, CLUSTER, *given, run=run, previous=previous, **more)


def work(plan: Plan) -> Deployment:
    assert isinstance(plan.work, Deployment)
    return plan.work


def after(plan: Plan, lane: Lane | None = None) -> Version:
    made = replace(version(plan.job, label(plan)), bag=bag(plan))
    return replace(made, lane=lane) if lane else made


def names(plan: Plan) -> list[str]:
    return [unit.name for unit in work(plan).units]


def test_a_first_run_deploys_all_manifests_in_the_order_of_the_inputs() -> None:
    plan = planned(deploy(take("web"), take("api")), manifest("web"), manifest("api"))
    assert names(plan) == ["ship-web-4", "ship-api-4"]
    assert work(plan).cluster == Target("prod", "kube", {"sourceName": "c1"})
    assert (work(plan).method, work(plan).parallel, work(plan).wait, work(plan).stability) == ("blueGreen", False, 600, 0)
    assert plan.executor == "deployments"
    assert work(plan).units[0].labels == {"name": "web", "jobName": "ship"}


def test_only_manifests_that_changed_are_deployed() -> None:
    of = deploy(take("web"), take("api"))
    first = planned(of, manifest("web"), manifest("api"))
    second = planned(of, manifest("web", "2", 2), manifest("api"), number=5, previous=after(first))
    assert names(second) == ["ship-web-5"]
    assert (work(second).units[0].former, work(second).kept) == ("ship-web-4", ("ship-api-4",))
    assert bag(second)["services"] == {"web": "ship-web-5", "api": "ship-api-4"}


def test_a_change_of_the_deploys_own_params_is_a_change() -> None:
    of = deploy(take("web"), take("env"))
    first = planned(of, manifest("web"), params("env", MODE="a"))
    again = planned(of, manifest("web"), params("env", MODE="a"), number=5, previous=after(first))
    changed = planned(of, manifest("web"), params("env", MODE="b"), number=6, previous=after(first))
    assert (names(again), names(changed)) == ([], ["ship-web-6"])


def test_a_run_with_nothing_to_do_needs_no_cluster() -> None:
    of = deploy(take("web"))
    again = planned(of, manifest("web"), number=5, previous=after(planned(of, manifest("web"))))
    assert again.executor == "inline"
    assert account(again)[-1] == "nothing to do"
    assert bag(again)["services"] == {"web": "ship-web-4"}


def test_force_deploys_what_did_not_change() -> None:
    of = deploy(take("web", force=True), take("api"))
    first = planned(of, manifest("web"), manifest("api"))
    assert names(planned(of, manifest("web"), manifest("api"), number=5, previous=after(first))) == ["ship-web-5"]


def test_a_run_by_hand_deploys_all_and_a_retry_does_not() -> None:
    of = deploy(take("web"))
    first = after(planned(of, manifest("web")))
    asked = replace(RUN, by=Actor("github:1", "ann"))
    assert names(planned(of, manifest("web"), number=5, previous=first, run=asked)) == ["ship-web-5"]
    assert names(planned(of, manifest("web"), number=5, previous=first, run=replace(asked, retry_of=4))) == []


def test_what_is_no_input_any_more_is_removed() -> None:
    first = planned(deploy(take("web"), take("api")), manifest("web"), manifest("api"))
    second = planned(deploy(take("web")), manifest("web"), number=5, previous=after(first))
    assert (names(second), work(second).removed, second.executor) == ([], ("ship-api-4",), "deployments")
    assert list(bag(second)["services"]) == ["web"]


def test_with_upgrade_and_replace_the_first_name_sticks() -> None:
    for method in ("upgrade", "replace"):
        first = planned(deploy(take("web"), method=method), manifest("web"))
        renamed = deploy(take("web", deployName="site"), method=method)
        assert names(first) == ["ship-web"]
        assert names(planned(renamed, manifest("web", "2", 2), number=5, previous=after(first))) == ["ship-web"]


def test_deploy_name_names_the_service_and_blue_green_keeps_the_number() -> None:
    assert names(planned(deploy(take("web", deployName="site")), manifest("web"))) == ["site-4"]
    assert names(planned(deploy(take("web", deployName="site"), method="upgrade"), manifest("web"))) == ["site"]


def test_an_older_name_of_method_counts() -> None:
    assert work(planned(deploy(take("web"), deployMethod="replace"), manifest("web"))).method == "replace"


def test_options_of_the_deploy_go_over_those_of_the_manifest_where_they_apply() -> None:
    of = deploy(take("web"), take("api"), take("big", applyTo=["web"]), take("mode", applyTo=["api-img"]), take("two"))
    given = (manifest("web"), manifest("api"), options("big", memory=2048), params("mode", A="2", B="3"), replicas("two", 2))
    web, api = (unit.manifest for unit in work(planned(of, *given)).units)
    assert (web.parts[0].options["memory"], api.parts[0].options["memory"]) == (2048, 400)
    assert (web.parts[0].env, api.parts[0].env) == ({"A": "1"}, {"A": "2", "B": "3"})
    assert (web.replicas, api.replicas) == ({"count": 2}, {"count": 2})


def test_another_deploy_passes_on_its_manifests_as_it_deployed_them() -> None:
    test = made(planned(deploy(take("web"), take("mode")), manifest("web"), params("mode", MODE="test", KEEP="1")), "deploy", name="test")
    plan = planned(deploy(take("test"), take("mode")), test, params("mode", MODE="prod"))
    [unit] = work(plan).units
    assert unit.manifest.parts[0].env == {"A": "1", "MODE": "prod", "KEEP": "1"}
    assert unit.manifest.version == 1


def test_a_version_that_a_release_gave_is_passed_on() -> None:
    released = settled(
        job("release", take("web"), take("seed"), name="rel"), manifest("web"), held("seed", "version", version("seed", "1.0.0"))
    )
    plan = planned(deploy(take("rel")), made(released, "release"))
    assert label(plan) == "v1.1.0"
    assert [each["manifest"] for each in bag(plan)["manifests"]] == ["web"]


def test_load_balancers_say_where_they_send_to() -> None:
    applied = [{"manifest": "web", "image": "web-img", "port": 80}]
    balancer = held("lb", "loadBalancer", version("lb", sourceName="lb-1", method="classic"), integration="kube")
    plan = planned(deploy(take("web"), take("lb", applyTo=applied)), manifest("web"), balancer)
    target = Target("lb", "kube", {"sourceName": "lb-1", "method": "classic"})
    assert work(plan).balancers == (Balancing(target, "web", "web-img", 80),)


def test_waits_and_order_are_the_jobs() -> None:
    of = deploy(take("web"), workflow="parallel", maxWaitTime=90, stabilityDuration=30)
    made = work(planned(of, manifest("web")))
    assert (made.parallel, made.wait, made.stability) == (True, 90, 30)


def test_another_cluster_begins_anew_and_says_what_stays_behind() -> None:
    first = planned(deploy(take("web")), manifest("web"))
    elsewhere = replace(after(first), bag={**bag(first), "cluster": "old"})
    plan = planned(deploy(take("web")), manifest("web"), number=5, previous=elsewhere)
    assert names(plan) == ["ship-web-5"]
    assert "what was deployed to old before stays there" in account(plan)


def test_reset_forgets_what_was_deployed() -> None:
    first = planned(deploy(take("web"), method="upgrade"), manifest("web"))
    run = replace(RUN, by=Actor("github:1", "ann"), values=(("reset", "true"),))
    [unit] = work(planned(deploy(take("web"), method="upgrade"), manifest("web"), run=run, previous=after(first))).units
    assert unit.former == ""


def test_a_lane_of_its_own_never_touches_what_main_deployed() -> None:
    first = planned(deploy(take("web")), manifest("web"))
    run = replace(RUN, lane=Lane("pr/7@github:1"))
    plan = planned(deploy(take("web")), manifest("web", "2", 2), run=run, previous=after(first))
    [unit] = work(plan).units
    assert (unit.name, unit.former) == ("ship-web-pr-7-4", "")


def test_a_forks_commit_is_never_deployed() -> None:
    with pytest.raises(Unplannable, match="never deployed"):
        planned(deploy(take("web")), manifest("web"), run=replace(RUN, causes=(FORK,)))


def test_the_plan_names_what_it_needs_and_holds_no_secret() -> None:
    plan = planned(deploy(take("web"), take("more")), manifest("web"), params("more", secure="cipher"))
    assert set(plan.hidden()) == {Secret("kube", form="json"), Sealed("cipher")}


def test_the_log_says_what_goes_in_and_what_is_done() -> None:
    of = deploy(take("web"), take("api"))
    first = planned(of, manifest("web"), manifest("api"))
    assert account(planned(of, manifest("web", "2", 2), manifest("api"), number=5, previous=after(first))) == [
        "[Inputs]",
        "prod (cluster) version 3",
        "web (manifest) version 2",
        "api (manifest) version 1",
        "[Deployment]",
        "prod: blueGreen, one after the other, each within 600 s",
        "deploy web version 2: acme/web-img:2 as ship-web-5 instead of ship-web-4",
        "keep ship-api-4, which did not change",
    ]


# -- clusters of nodes -------------------------------------------------------------------------------------------------------


def repo(sha: str = "a" * 40) -> Held:
    return held("app", "gitRepo", version("app", sha, sha=sha, repository="github:1", fullName="acme/app", sourceName="acme/app"))


def on_nodes(*steps: Input) -> Job:
    of = deploy(*steps)
    return replace(of, steps=(*of.steps, Task("go", ("./install.sh",))))


def test_a_repository_and_a_script_go_to_a_cluster_of_nodes() -> None:
    plan = planned(on_nodes(take("app")), repo(), integrations=(NODES,))
    assert [checkout.sha for checkout in plan.checkouts] == ["a" * 40]
    assert [task.script for task in plan.tasks] == [("./install.sh",)]
    again = planned(on_nodes(take("app")), repo(), integrations=(NODES,), number=5, previous=after(plan))
    assert (again.checkouts, again.executor) == ((), "inline")


def test_a_repository_beside_manifests_only_triggers() -> None:
    assert planned(deploy(take("web"), take("app")), manifest("web"), repo()).checkouts == ()


@pytest.mark.parametrize("of", [on_nodes(take("web")), deploy(take("app"))], ids=["a TASK", "a gitRepo to deploy"])
def test_what_only_nodes_take_is_refused_elsewhere(of: Job) -> None:
    with pytest.raises(Unplannable, match="which only a cluster of nodes takes; prod is a kubernetesConfig"):
        planned(of, manifest("web"), repo())


def test_files_are_refused_elsewhere_than_on_nodes() -> None:
    zipped = held("zip", "file", version("zip", "7", sourceName="https://f/z"))
    files = made(settled(job("manifest", take("zip"), name="files"), zipped))
    with pytest.raises(Unplannable, match=r"files \(files\)"):
        planned(deploy(take("files")), files)
    assert names(planned(deploy(take("files")), files, integrations=(NODES,))) == ["ship-files-4"]


# -- what is wrong -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"maxWaitTime": 3601}, "from 0 to 3600, not 3601"),
        ({"stabilityDuration": 301}, "from 0 to 300, not 301"),
        ({"method": "upgrade", "deployMethod": "replace"}, "two names of one key"),
        ({"method": "upgrade", "stabilityDuration": 5}, "`method: blueGreen` only"),
    ],
)
def test_wrong_keys_are_explained(attributes: dict[str, Any], sentence: str) -> None:
    [told] = sentences(deploy(take("web"), **attributes), prod="cluster", web="manifest")
    assert sentence in told


@pytest.mark.parametrize(
    ("step", "types", "sentence"),
    [
        (take("x"), {"x": "manifest"}, "needs an IN of type cluster"),
        (take("x"), {"x": "params", "prod": "cluster"}, "needs an IN of type manifest, release or deploy"),
        (take("x"), {"x": "cluster", "prod": "cluster"}, "exactly one cluster; this one has `prod` and `x`"),
        (take("x", force=True), {"x": "params", "prod": "cluster"}, "`force` has no effect on `x`"),
        (take("x", deployName="y"), {"x": "release", "prod": "cluster"}, "`deployName` has no effect on `x`"),
        (take("x"), {"x": "loadBalancer", "prod": "cluster"}, "no effect without `applyTo`"),
        (take("x", applyTo=[{"manifest": "m", "image": "i"}]), {"x": "loadBalancer", "prod": "cluster"}, "lacks `port`"),
        (take("x", applyTo="m"), {"x": "loadBalancer", "prod": "cluster"}, "lacks `manifest` and `image` and `port`"),
    ],
)
def test_wrong_inputs_are_explained(step: Input, types: dict[str, str], sentence: str) -> None:
    told = sentences(replace(deploy(step), steps=(Input("prod"), step)), **{"prod": "params", **types})
    assert any(sentence in each for each in told)


def test_nothing_is_missing_while_an_input_is_defined_elsewhere() -> None:
    assert sentences(deploy(take("elsewhere"))) == []


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (take("mode", applyTo=["wbe"]), "names wbe; what is deployed is web, web-img"),
        (take("lb", applyTo=[{"manifest": "web", "image": "x", "port": 1}]), "image x of web"),
    ],
)
def test_an_apply_to_that_names_nothing_deployed_is_explained(step: Input, sentence: str) -> None:
    balancer = held("lb", "loadBalancer", version("lb", sourceName="lb-1"), integration="kube")
    with pytest.raises(Unplannable, match=sentence):
        planned(deploy(take("web"), step), manifest("web"), params("mode", A="1"), balancer)


def test_an_integration_that_this_source_may_not_see_is_explained() -> None:
    with pytest.raises(Unplannable, match="the integration kube of prod is not there for this run"):
        planned(deploy(take("web")), manifest("web"), integrations=())


def test_a_run_without_a_cluster_is_explained() -> None:
    with pytest.raises(Unplannable, match="exactly one IN of type cluster, and has none"):
        settled(job("deploy", take("web")), manifest("web"))


def test_the_causes_of_a_run_do_not_matter_otherwise() -> None:
    assert names(planned(deploy(take("web")), manifest("web"), run=replace(RUN, causes=(Cause("tick", "t"),)))) == ["ship-web-4"]
