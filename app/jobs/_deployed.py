"""What a deploy job's last version says is on its cluster: the record that its next run compares with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.jobs._dependency import Dependency
from app.workflow.definition import Json, JsonMap
from app.workflow.deployment import Manifest, manifests_in
from app.workflow.plan import PlanInputs

RESET = ("reset", "true")
"""The value of a manual run that forgets the record (section 3.7, `reset`): `trigger deploy reset=true`."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """By manifest: what was deployed (`manifests`) and as which service (`services`). By gitRepo the commit (`commits`).

    `elsewhere` is another cluster's name on which the last run deployed: what is there stays.
    """

    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    commits: Mapping[str, str] = field(default_factory=dict)
    elsewhere: str = ""


def deployed_before(inputs: PlanInputs, cluster: str) -> Deployed:
    """What this lane's last run left on `cluster`: another lane's services are never this one's to change (product.md section 5)."""
    previous = inputs.previous
    if previous is None or previous.lane != inputs.lane or RESET in inputs.run.values:
        return Deployed()
    where = previous.bag.get("cluster")
    if where != cluster:
        return Deployed(elsewhere=where if isinstance(where, str) else "")
    manifests = {manifest.name: manifest for manifest in manifests_in(previous.bag)}
    return Deployed(manifests, _texts(previous.bag, "services"), _texts(previous.bag, "commits"))


def commits_of(steps: tuple[Dependency, ...]) -> dict[str, str]:
    """The commit of each gitRepo among the INs."""
    return {step.name: step.label for step in steps if step.held.type == "gitRepo"}


def record(cluster: str, manifests: Mapping[str, Manifest], services: Mapping[str, str], commits: Mapping[str, str]) -> dict[str, Json]:
    """The bag of the version that a run leaves: `manifests` are what other jobs take."""
    return {
        "manifests": [manifest.json for manifest in manifests.values()],
        "services": dict(services),
        "commits": dict(commits),
        "cluster": cluster,
    }


def _texts(bag: JsonMap, key: str) -> dict[str, str]:
    value = bag.get(key)
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
