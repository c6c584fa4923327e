"""`version`: a semantic version to start counting from (sections 2.2 and 3.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.resources._base import LABEL, Kind, text
from app.workflow.definition import Resource
from app.workflow.kinds import Fault, Field, Part
from app.workflow.semver import invalid


@dataclass(frozen=True, slots=True)
class SemanticVersion(Kind):
    """Its seed must be a version that can be bumped."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        seed = resource.version_name or text(resource.content, LABEL)
        sentence = invalid(seed) if seed else ""
        return (Fault(LABEL, sentence),) if sentence else ()


plugin = SemanticVersion(
    name="version",
    code=1012,
    help="A semantic version that jobs count on from.",
    fields={"versionName": Field("str", "The version to start from, such as `1.0.0` or `v2.1.0-rc.1`.", required=True, part=Part.SEED)},
)
