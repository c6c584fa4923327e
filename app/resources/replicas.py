"""`replicas`: how many copies of a service run (spec/workflow-language.md section 2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.resources._base import Kind, definition_environment
from app.workflow.definition import JsonMap, Resource
from app.workflow.kinds import Fault, Field, Part
from app.workflow.plan import Value
from app.workflow.variables import text_of

_LIMITS = ("minReplicas", "maxReplicas")


@dataclass(frozen=True, slots=True)
class Replicas(Kind):
    def check(self, resource: Resource) -> Iterable[Fault]:
        content = resource.content
        for key in ("count", *_LIMITS):
            value = content.get(key)
            if isinstance(value, int) and value < 1:
                yield Fault(key, f"`{key}` must be 1 or more, not {value}.")
        yield from _limit_faults(content)

    def environment(self, name: str, resource: Resource, bag: JsonMap) -> Mapping[str, Value]:
        """`<NAME>_VERSION_COUNT` too: the count of the version at hand (section 2.4)."""
        count = {f"{name}_VERSION_COUNT": text_of(bag["count"])} if "count" in bag else {}
        return definition_environment(name, resource, self.fields) | count


def _limit_faults(content: JsonMap) -> Iterator[Fault]:
    """Both or none, the smaller one first."""
    least, most = (content.get(key) for key in _LIMITS)
    if (least is None) != (most is None):
        given, wanted = _LIMITS if most is None else _LIMITS[::-1]
        yield Fault(given, f"`{given}` needs `{wanted}` beside it.")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Fault("minReplicas", f"`minReplicas` ({least}) is more than `maxReplicas` ({most}).")


plugin = Replicas(
    name="replicas",
    code=1006,
    help="How many copies of a service run.",
    fields={
        "count": Field("int", "The number of copies; a service that runs once a node takes no notice.", required=True, part=Part.VERSION),
        "minReplicas": Field("int", "Scaling on ECS: the fewest; with `maxReplicas`.", part=Part.VERSION),
        "maxReplicas": Field("int", "Scaling on ECS: the most; with `minReplicas`.", part=Part.VERSION),
        "autoScalingRole": Field("str", "The role that scales.", part=Part.VERSION),
        "autoScalingPolicies": Field("list", "Policies in the shape of AWS's API.", part=Part.VERSION),
        "metricAlarms": Field("list", "Alarms in the shape of AWS's API; names of policies become their ARNs.", part=Part.VERSION),
    },
)
