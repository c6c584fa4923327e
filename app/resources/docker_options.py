"""`dockerOptions`: how the containers of a manifest run (spec/workflow-language.md, appendix A).

The options are ours to know by name; what each means is the provider's affair, and a manifest passes them on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.resources._base import Kind, strings
from app.resources._provider import is_template
from app.workflow.definition import JsonMap, Resource
from app.workflow.kinds import Fault, Field, Part

_PORT = re.compile(r"(\d*:)?\d+(/(tcp|udp))?")
_VOLUME = re.compile(r"[^:]+:[^:]+(:(rw|ro))?")
_EXPECTED = {
    "portMappings": (_PORT, "host:container/protocol", "`80:8080/tcp`; the host's port may be left out"),
    "volumes": (_VOLUME, "source:path:mode", "`/data:/var/lib/data:ro`"),
}


@dataclass(frozen=True, slots=True)
class DockerOptions(Kind):
    def check(self, resource: Resource) -> Iterable[Fault]:
        if not resource.content:
            yield Fault("version", "A resource of type dockerOptions needs at least one option.")
        for key in _EXPECTED:
            yield from _shape_faults(resource.content, key)


def _shape_faults(content: JsonMap, key: str) -> Iterator[Fault]:
    pattern, shape, example = _EXPECTED[key]
    for item in strings(content.get(key)):
        if not pattern.fullmatch(item) and not is_template(item):
            yield Fault(key, f"`{item}` in `{key}` is not `{shape}`, as in {example}.")


def _fields(type: str, **helps: str) -> dict[str, Field]:
    return {name: Field(type, sentence, part=Part.VERSION) for name, sentence in helps.items()}


_CONTAINER = (
    _fields(
        "int",
        memory="Memory in MiB; 400 when it is not set.",
        memorySwap="Memory and swap together, in MiB.",
        memoryReservation="Memory that is set aside, in MiB; without `memory` no limit is set then.",
    )
    | _fields("number", cpuShares="Share of the processor.")
    | _fields(
        "bool",
        privileged="All rights of the host.",
        attachStdin="Attach standard input.",
        attachStdout="Attach standard output.",
        attachStderr="Attach standard error.",
        tty="Give it a terminal.",
        stdin="Keep standard input open.",
        stdinOnce="Close standard input after the first client.",
        networkDisabled="No network.",
        publishAllPorts="Publish every port that the image exposes.",
        readOnlyRootFilesystem="Its root file system cannot be written.",
    )
    | _fields(
        "str",
        workingDir="The folder that it starts in.",
        user="The user that it runs as; a UID on Google Cloud.",
        hostName="Its host name.",
        domainName="Its domain name.",
        cGroupParent="The control group above it.",
        pid="The PID namespace.",
        network="The network mode.",
    )
    | _fields(
        "strings",
        portMappings="Ports as `host:container/protocol`; TCP unless it says udp.",
        links="Other containers, `container:alias`.",
        volumes="Folders as `source:path:rw` or `:ro`.",
        volumesFrom="Containers whose volumes it has too.",
        entryPoint="The entry point, one word an item.",
        cmd="The command, one word an item.",
        dnsServers="Name servers.",
        dnsSearch="Search domains.",
        extraHosts="Lines for its hosts file, `host:address`.",
        capAdd="Linux capabilities that it gets.",
        capDrop="Linux capabilities that it loses.",
        securityOptions="Security options.",
    )
    | _fields("map", labels="Labels.", logConfig="Where its log goes: `type` and `options`.")
    | _fields("list", ulimits="Limits: `name`, `soft` and `hard`.", devices="Devices of the host, in the provider's shape.")
    | _fields("any", restartPolicy="When it is started again: `name` and `maximumRetryCount`, or a name.")
)
_ECS = _fields("bool", essential="ECS: whether the task ends with it.") | _fields(
    "map", service="ECS: fields of the service.", taskDefinition="ECS: fields of the task definition."
)
_KUBERNETES = (
    _fields("map", pod="Kubernetes: fields of the pod.", deployment="Kubernetes: fields of the deployment.")
    | _fields("list", envFrom="Kubernetes: sources of variables.")
    | _fields(
        "str",
        imagePullPolicy="Kubernetes: when the image is pulled.",
        terminationMessagePath="Kubernetes: the file with its last words.",
        terminationMessagePolicy="Kubernetes: where its last words come from.",
    )
    | _fields(
        "map",
        lifecycle="Kubernetes: what happens after its start and before its end.",
        livenessProbe="Kubernetes: how to see that it lives.",
        readinessProbe="Kubernetes: how to see that it is ready.",
        resources="Kubernetes: requests and limits.",
        securityContext="Kubernetes: its rights.",
    )
)
_OTHERS = (
    _fields("map", ExposedPorts="Docker Datacenter: exposed ports.", HostConfig="Docker Datacenter: fields of the host configuration.")
    | _fields(
        "str",
        StopSignal="Docker Datacenter: the signal that stops it.",
        autoredeploy="Docker Cloud: whether a new image is deployed.",
        autodestroy="Docker Cloud: when it is removed.",
        nickname="Docker Cloud: a name to show.",
        deployment_strategy="Docker Cloud: how nodes are chosen.",
    )
    | _fields("strings", tags="Docker Cloud: tags of nodes.", roles="Docker Cloud: roles.")
    | _fields("bool", sequential_deployment="Docker Cloud: one container after the other.")
    | _fields("int", target_num_containers="Docker Cloud: how many containers.")
    | _fields(
        "list",
        environment="DC/OS: variables.",
        acceptedResourceRoles="DC/OS: roles whose resources it takes.",
        parameters="DC/OS: parameters of the container.",
    )
)

plugin = DockerOptions(
    name="dockerOptions",
    code=1003,
    help="How the containers of a manifest run.",
    fields=_CONTAINER | _ECS | _KUBERNETES | _OTHERS,
)
