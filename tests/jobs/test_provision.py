"""What a provision job makes: spec/workflow-language.md section 3.8."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.deployment import Provision, Target
from app.workflow.plan import Held, Plan, Secret, Unplannable
from tests.jobs.managed import account, bag, job, sentences, settled
from tests.jobs.planning import held, take, version


def balancer(name: str, **settings: str) -> Held:
    return held(name, "loadBalancer", version(name, sourceName=name, **settings), integration="kube")


def plan(*names: str, before: Plan | None = None, **settings: str) -> Plan:
    of = job("provision", *(take(name) for name in names))
    previous = replace(version("it"), bag=bag(before)) if before else None
    return settled(of, *(balancer(name, **settings) for name in names), previous=previous)


def test_each_load_balancer_is_a_service_to_make_or_update() -> None:
    made = plan("web", method="NodePort")
    assert made.work == Provision((Target("web", "kube", {"sourceName": "web", "method": "NodePort"}),))
    assert made.executor == "deployments"
    assert set(made.hidden()) == {Secret("kube", form="json")}
    assert account(made)[-1] == "make or update web (NodePort)"


def test_what_is_no_input_any_more_is_removed() -> None:
    made = plan("web", before=plan("web", "api"))
    assert isinstance(made.work, Provision)
    assert made.work.removed == ("api",)
    assert account(made)[-1] == "remove api, which is no input any more"


def test_it_needs_a_load_balancer() -> None:
    [told] = sentences(job("provision", take("p")), p="params")
    assert "at least one IN of type loadBalancer" in told
    with pytest.raises(Unplannable, match="at least one IN of type loadBalancer"):
        plan()


def test_load_balancers_of_aws_are_refused() -> None:
    with pytest.raises(Unplannable, match="web is a load balancer of AWS"):
        plan("web", method="classic")
