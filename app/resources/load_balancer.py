"""`loadBalancer`: in front of what is deployed, on AWS or in the Kubernetes family (spec/workflow-language.md section 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.resources._base import Kind, text
from app.resources._provider import BASTION, bastion_faults, is_template, unknown_keys
from app.workflow.definition import Json, JsonMap, Resource
from app.workflow.kinds import Fault, Field, Part, Use

_AWS = ("classic", "application")
_KUBERNETES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_PORT_KEYS = ("name", "protocol", "port", "targetPort", "nodePort")
_PROTOCOLS = ("TCP", "UDP")


@dataclass(frozen=True, slots=True)
class LoadBalancer(Kind):
    def check(self, resource: Resource) -> Iterable[Fault]:
        content = resource.content
        yield from bastion_faults(content)
        yield from _name_faults(content)
        ports = content.get("ports")
        for index, port in enumerate(ports if isinstance(ports, list) else ()):
            yield from _port_faults(f"ports.{index}", port)


def _name_faults(content: JsonMap) -> Iterator[Fault]:
    name, method = text(content, "sourceName"), text(content, "method")
    if is_template(name):
        return
    if method == "application" and not name.startswith("arn:"):
        yield Fault("sourceName", "The `sourceName` of an application load balancer is the ARN of its target group (`arn:aws:…`).")
    if method in _KUBERNETES and name and not _SERVICE.fullmatch(name):
        yield Fault("sourceName", f"`{name}` cannot be the name of a Kubernetes service: use lower-case letters, digits and `-`.")


def _port_faults(path: str, port: Json) -> Iterator[Fault]:
    if not isinstance(port, dict):
        yield Fault(path, "Each of `ports` is a map, as in `{port: 80, targetPort: 8080}`.")
        return
    yield from unknown_keys(path, port, _PORT_KEYS)
    if "port" not in port:
        yield Fault(path, "A port needs `port`, the number that the service listens on.")
    if port.get("protocol", "TCP") not in _PROTOCOLS:
        yield Fault(f"{path}.protocol", "`protocol` is TCP or UDP.")


plugin = LoadBalancer(
    name="loadBalancer",
    code=1017,
    help="A load balancer in front of what is deployed.",
    fields={
        "sourceName": Field("str", "Its name at the provider; the ARN of the target group for `method: application`.", required=True),
        "method": Field(
            "str", "Its kind; on AWS `classic` or `application`, elsewhere that of the service.", choices=(*_AWS, *_KUBERNETES)
        ),
        "role": Field("str", "AWS: the IAM role; looked for when there is none."),
        "bastionHost": BASTION,
        "namespace": Field("str", "The Kubernetes namespace."),
        "clusterName": Field("str", "The cluster that the service is in."),
        "region": Field("str", "The cluster's region (Google Cloud)."),
        "groupName": Field("str", "The cluster's resource group (Azure)."),
        "ports": Field("list", "Maps with `name`, `protocol`, `port`, `targetPort` and `nodePort`.", part=Part.VERSION),
        "selector": Field("map", "The labels of the pods that get the traffic.", part=Part.VERSION),
        "clusterIP": Field("str", "The service's address in the cluster.", part=Part.VERSION),
        "externalIPs": Field("strings", "Addresses from outside that lead to the service.", part=Part.VERSION),
        "sessionAffinity": Field("str", "Whether a client keeps its pod.", part=Part.VERSION, choices=("ClientIP", "None")),
        "loadBalancerIP": Field("str", "The address that the provider is asked for.", part=Part.VERSION),
        "loadBalancerSourceRanges": Field("strings", "The client addresses that are let in (CIDR).", part=Part.VERSION),
        "externalName": Field("str", "Of `ExternalName`: what the service is an alias of.", part=Part.VERSION),
    },
    integration=Use.OPTIONAL,
)
