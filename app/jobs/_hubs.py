"""`integrations.hub` of a CI run: registries that docker and others are logged in to (spec/ci-integrations-deploy.md section 1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from app.jobs._dependency import Dependency
from app.jobs._logins import Wanted
from app.workflow.ci.configuration import Hub
from app.workflow.plan import PlanInputs
from app.workflow.variables import text_of

REGION = "us-east-1"
"""ECR's, where the item names none."""
_SCOPES = {"amazonKeys": ("ecr",), "gcloudKey": ("gcr",)}


def hubs(items: tuple[Hub, ...], inputs: PlanInputs, source: Dependency) -> Iterator[Wanted]:
    """Those whose `branches` admit the branch or tag that is built. What a hub logs in to follows from its integration's type."""
    built = [name for key in ("branchName", "tagName") if (name := text_of(source.bag.get(key)))]
    for item in items:
        integration = inputs.integrations.get(item.integration)
        if integration is not None and any(item.branches.admit(name) for name in built or [""]):
            region = {"region": item.region or REGION}
            yield Wanted(item.integration, integration, region, _SCOPES.get(integration.type, ()))
