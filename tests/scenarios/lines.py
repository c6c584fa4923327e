"""What scenarios of deployments share: a town with clusters, and builds that tag an image."""

from __future__ import annotations

from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Result
from tests.fakes.deployments import Clusters
from tests.fakes.executor import Act
from tests.scenarios.town import Town

GIT = "{name: %s, type: gitRepo, versionTemplate: {sourceName: acme/%s, branch: main}}"


def with_clusters(town: Town) -> Clusters:
    """Deployments are carried out, and remembered."""
    clusters = Clusters()
    town.use(clusters)
    return clusters


def may_deploy(town: Town, *integrations: str) -> None:
    """The clusters' integrations, which the account's sources may see."""
    for name in integrations:
        town.secret(name, {"kubeConfigContent": "apiVersion: v1"}, type="kubernetesConfig")


def tagging(image: str) -> Act:
    """A build that posts `main.<run>` as the tag of `image`."""
    return lambda plan, should_stop: Result(Status.SUCCEEDED, code=0, outputs={image: Left(keys=(("versionName", f"main.{plan.number}"),))})


def tags(clusters: Clusters, cluster: str) -> dict[str, str]:
    """Manifest -> tag of its first image, as it runs on a cluster now."""
    return {manifest.name: manifest.parts[0].label for manifest in clusters.running.get(cluster, {}).values()}
