"""`cluster`: where deploy jobs deploy to (spec/workflow-language.md section 2.2).

Which fields a cluster needs depends on the type of its integration: `app.workflow.integrations` has that table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.resources._base import Kind
from app.resources._provider import BASTION, bastion_faults
from app.workflow.definition import Resource
from app.workflow.kinds import Fault, Field, Use


@dataclass(frozen=True, slots=True)
class Cluster(Kind):
    def check(self, resource: Resource) -> Iterable[Fault]:
        yield from bastion_faults(resource.content)


plugin = Cluster(
    name="cluster",
    code=1015,
    help="A cluster that jobs deploy to.",
    fields={
        "sourceName": Field("str", "The cluster's name at its provider."),
        "region": Field("str", "The region (AWS, Google Cloud, Triton)."),
        "groupName": Field("str", "The resource group (Azure)."),
        "namespace": Field("str", "The Kubernetes namespace."),
        "bastionHost": BASTION,
    },
    integration=Use.REQUIRED,
)
