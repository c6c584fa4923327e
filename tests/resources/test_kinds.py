"""What may be written in resources, and what their versions hold: spec/workflow-language.md sections 2.1, 2.2 and 4."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from app.registry import load
from app.workflow.definition import Resource
from app.workflow.events import Ticked, VersionPosted, WebhookReceived
from app.workflow.kinds import Part, ResourceKind, Use
from app.workflow.line import Actor

KINDS: dict[str, ResourceKind] = dict(load("app.resources"))  # type: ignore[arg-type]
ANN = Actor("github:10", "ann")


def resource(
    type: str, seed: tuple[str, ...] = (), raw: dict[str, Any] | None = None, integration: str | None = None, **content: Any
) -> Resource:
    name = content.get("versionName")
    return Resource(
        "res", type, "s", integration, content, {key: content[key] for key in seed}, name if isinstance(name, str) else None, raw=raw or {}
    )


def faults(type: str, **content: Any) -> list[tuple[str, bool]]:
    return [(fault.path, fault.warning) for fault in KINDS[type].check(resource(type, **content))]


CODES = {
    "gitRepo": 1000,
    "image": 1001,
    "dockerOptions": 1003,
    "params": 1004,
    "replicas": 1006,
    "time": 1010,
    "version": 1012,
    "trigger": 1013,
    "syncRepo": 1014,
    "cluster": 1015,
    "notification": 1016,
    "loadBalancer": 1017,
    "integration": 1018,
    "file": 1019,
    "ciRepo": 1020,
    "cliConfig": 1021,
    "state": 1022,
    "externalCIServer": 1023,
    "webhook": 1024,
}


def test_the_kinds_have_the_contracts_codes() -> None:
    assert {name: kind.code for name, kind in KINDS.items()} == CODES


@pytest.mark.parametrize("name", CODES)
def test_help_is_a_sentence_for_each_kind_and_field(name: str) -> None:
    kind = KINDS[name]
    assert kind.help.endswith(".")
    assert all(field.help.endswith((".", ").")) for field in kind.fields.values())


def test_which_may_be_an_out() -> None:
    assert {name for name, kind in KINDS.items() if not kind.out} == {"trigger", "time", "webhook", "externalCIServer", "ciRepo"}


def test_only_state_is_silent_and_holds_files() -> None:
    assert [name for name, kind in KINDS.items() if kind.silent] == ["state"]
    assert [name for name, kind in KINDS.items() if kind.files] == ["state"]


def test_only_a_trigger_triggers_by_its_definition() -> None:
    assert [name for name, kind in KINDS.items() if kind.triggers_on_definition()] == ["trigger"]


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("gitRepo", {"sourceName"}),
        ("image", {"sourceName", "versionName"}),
        ("file", {"sourceName", "versionName"}),
        ("cluster", set()),
        ("cliConfig", set()),
        ("dockerOptions", set()),
        ("replicas", {"count"}),
        ("loadBalancer", {"sourceName"}),
        ("externalCIServer", set()),
        ("params", {"params"}),
        ("time", {"interval"}),
        ("version", {"versionName"}),
        ("trigger", {"counter"}),
        ("webhook", {"webhookKey"}),
        ("notification", set()),
        ("integration", set()),
        ("state", set()),
    ],
)
def test_required_fields(name: str, required: set[str]) -> None:
    assert {key for key, field in KINDS[name].fields.items() if field.required} == required


def test_integrations_are_asked_for_by_type() -> None:
    uses = {name: kind.integration for name, kind in KINDS.items()}
    assert {name for name, use in uses.items() if use is Use.REQUIRED} == {"integration", "cluster", "cliConfig"}
    assert {name for name, use in uses.items() if use is Use.OPTIONAL} == {"gitRepo", "image", "notification", "file", "loadBalancer"}


@pytest.mark.parametrize(
    ("name", "key", "part"),
    [
        ("gitRepo", "branch", Part.POINTER),
        ("image", "sourceName", Part.POINTER),
        ("image", "versionName", Part.SEED),
        ("version", "versionName", Part.SEED),
        ("time", "interval", Part.SEED),
        ("params", "params", Part.VERSION),
        ("trigger", "counter", Part.VERSION),
        ("notification", "recipients", Part.POINTER),
        ("file", "sourceName", Part.POINTER),
        ("file", "versionName", Part.SEED),
        ("cluster", "region", Part.POINTER),
        ("cliConfig", "clusterName", Part.POINTER),
        ("dockerOptions", "memory", Part.VERSION),
        ("replicas", "count", Part.VERSION),
        ("loadBalancer", "method", Part.POINTER),
        ("loadBalancer", "ports", Part.VERSION),
    ],
)
def test_the_old_syntax_puts_fields_in_parts(name: str, key: str, part: Part) -> None:
    assert KINDS[name].fields[key].part is part


@pytest.mark.parametrize(
    ("type", "content", "found"),
    [
        ("gitRepo", {"sourceName": "acme/app"}, []),
        ("gitRepo", {"sourceName": "group/sub/app", "branch": "main"}, []),
        ("gitRepo", {"sourceName": "app"}, [("sourceName", False)]),
        ("gitRepo", {"sourceName": "a/b", "branch": "x", "branches": {"only": ["y"]}}, [("branches", False)]),
        ("gitRepo", {"sourceName": "a/b", "branches": {"only": ["x"], "except": ["y"]}, "tags": {"only": ["v*"]}}, []),
        ("gitRepo", {"sourceName": "a/b", "branches": {"only": "x"}}, [("branches.only", False)]),
        ("gitRepo", {"sourceName": "a/b", "branches": {"include": ["x"]}}, [("branches.include", True)]),
        ("gitRepo", {"sourceName": "a/b", "tags": {"except": [1]}}, [("tags.except", False)]),
        ("gitRepo", {"sourceName": "a/b", "depth": 0}, [("depth", False)]),
        ("gitRepo", {"sourceName": "a/b", "depth": 1}, []),
        ("gitRepo", {"sourceName": "a/b", "gitConfig": ["core.longpaths true"]}, []),
        ("gitRepo", {"sourceName": "a/b", "gitConfig": ["longpaths"]}, [("gitConfig", False)]),
        ("gitRepo", {"sourceName": "a/b", "buildOnComment": "x"}, [("buildOnComment", True)]),
        ("params", {"params": {"A": "1"}}, []),
        ("params", {"params": {}}, [("params", False)]),
        ("params", {"params": {"ENV": "x", "my-key": "y"}}, [("params.ENV", True)]),
        ("params", {"params": {"1": "x"}}, [("params.1", True)]),
        ("params", {"params": {"secure": "abc"}}, [("params.secure", True)]),
        ("params", {"params": {"secure": "AAAA" * 86}}, [("params.secure", True)]),
        ("params", {"params": {"secure": b64encode(bytes(512)).decode()}}, []),
        ("time", {"interval": "0 4 * * *"}, []),
        ("time", {"interval": "daily"}, [("interval", False)]),
        ("version", {"versionName": "1.0.0"}, []),
        ("version", {"versionName": "1"}, [("versionName", False)]),
        ("notification", {"integration": "slack"}, []),
        ("notification", {}, [("method", False)]),
        ("notification", {"method": "email", "recipients": "a@x.example"}, []),
        ("notification", {"method": "irc"}, [("recipients", False)]),
        ("notification", {"method": "irc", "recipients": ["irc.x#a", "irc.x:6697#b", "#c"]}, [("recipients", False)]),
        ("notification", {"method": "email", "recipients": ["a@x, b@x"]}, [("recipients", False)]),
        ("cluster", {"region": "us-east-1", "sourceName": "prod"}, []),
        ("cluster", {"bastionHost": {"address": "a", "user": "u", "keyIntegration": "k"}}, []),
        ("cluster", {"bastionHost": {"address": "a", "user": "u"}}, [("bastionHost", False)]),
        ("cluster", {"bastionHost": {"address": "a", "user": "u", "keyIntegration": "k", "port": 1}}, [("bastionHost.port", True)]),
        ("dockerOptions", {}, [("version", False)]),
        ("dockerOptions", {"memory": 512}, []),
        ("dockerOptions", {"portMappings": ["80:80", "0:8080/tcp", ":53/udp", "9000", "$HOST_PORT:80"]}, []),
        ("dockerOptions", {"portMappings": ["80:80/http"]}, [("portMappings", False)]),
        ("dockerOptions", {"portMappings": "eighty:80"}, [("portMappings", False)]),
        ("dockerOptions", {"volumes": ["/a:/b", "/a:/b:ro", "/a:$DATA"]}, []),
        ("dockerOptions", {"volumes": ["/a", "/a:/b:rx"]}, [("volumes", False), ("volumes", False)]),
        ("replicas", {"count": 1}, []),
        ("replicas", {"count": 0}, [("count", False)]),
        ("replicas", {"count": 1, "minReplicas": 1, "maxReplicas": 3}, []),
        ("replicas", {"count": 1, "minReplicas": 1}, [("minReplicas", False)]),
        ("replicas", {"count": 1, "maxReplicas": 3}, [("maxReplicas", False)]),
        ("replicas", {"count": 1, "minReplicas": 4, "maxReplicas": 3}, [("minReplicas", False)]),
        ("replicas", {"count": 1, "minReplicas": 0, "maxReplicas": 3}, [("minReplicas", False)]),
        ("loadBalancer", {"sourceName": "My LB", "method": "classic"}, []),
        ("loadBalancer", {"sourceName": "My LB"}, []),
        ("loadBalancer", {"sourceName": "name", "method": "application"}, [("sourceName", False)]),
        ("loadBalancer", {"sourceName": "arn:aws:elasticloadbalancing:x", "method": "application"}, []),
        ("loadBalancer", {"sourceName": "$ARN", "method": "application"}, []),
        ("loadBalancer", {"sourceName": "My_LB", "method": "NodePort"}, [("sourceName", False)]),
        ("loadBalancer", {"sourceName": "web-1", "method": "NodePort", "ports": [{"port": 80, "protocol": "UDP"}]}, []),
        ("loadBalancer", {"sourceName": "web", "ports": [{"targetPort": 80}]}, [("ports.0", False)]),
        ("loadBalancer", {"sourceName": "web", "ports": [80]}, [("ports.0", False)]),
        ("loadBalancer", {"sourceName": "web", "ports": [{"port": 80, "protocol": "http"}]}, [("ports.0.protocol", False)]),
        ("loadBalancer", {"sourceName": "web", "ports": [{"port": 80, "nodeport": 1}]}, [("ports.0.nodeport", True)]),
        ("loadBalancer", {"sourceName": "web", "bastionHost": {}}, [("bastionHost", False)] * 3),
        ("ciRepo", {}, [("type", False)]),
        ("syncRepo", {}, []),
        ("syncRepo", {"sourceName": "acme/app"}, [("type", False)]),
        ("webhook", {"webhookKey": "k"}, []),
        ("webhook", {"raw": {"version": {"webhookKey": "k"}}}, [("webhookKey", False)]),
    ],
)
def test_what_is_wrong_with_a_definition(type: str, content: dict[str, Any], found: list[tuple[str, bool]]) -> None:
    assert faults(type, **content) == found


@pytest.mark.parametrize(
    ("type", "content", "first"),
    [
        ("image", {"sourceName": "acme/app", "versionName": "1.2"}, ("1.2", {"sourceName": "acme/app"})),
        ("version", {"versionName": "1.0.0"}, ("1.0.0", {})),
        ("params", {"params": {"A": 1}}, ("", {"params": {"A": 1}})),
        ("trigger", {"counter": 3}, ("", {"counter": 3})),
        ("state", {}, ("", {})),
        ("file", {"sourceName": "https://x/y", "versionName": "1"}, ("1", {"sourceName": "https://x/y"})),
        ("cluster", {"region": "eu"}, ("", {"region": "eu"})),
        ("dockerOptions", {"memory": 512, "novel": True}, ("", {"memory": 512, "novel": True})),
        ("replicas", {"count": 2}, ("", {"count": 2})),
        ("externalCIServer", {}, ("", {})),
        ("integration", {}, ("", {})),
        ("notification", {"recipients": ["#ops"]}, ("", {"recipients": ["#ops"]})),
        ("time", {"interval": "0 4 * * *"}, None),
        ("webhook", {"webhookKey": "k"}, None),
        ("gitRepo", {"sourceName": "a/b"}, None),
    ],
)
def test_the_version_that_a_definition_makes(type: str, content: dict[str, Any], first: object) -> None:
    assert KINDS[type].first(resource(type, **content)) == first


def test_a_tick_makes_a_version_of_its_clock_only() -> None:
    tick = Ticked(key="t", at=9.0, resource="res", scheduled=1_800_000_000.0)
    draft = KINDS["time"].draft(resource("time", interval="0 * * * *"), tick)
    assert draft is not None
    assert (draft.label, draft.lane.key, draft.cause.kind, draft.cause.event) == ("", "main", "tick", "t")
    assert draft.bag == {"interval": "0 * * * *", "scheduledAt": "2027-01-15T08:00:00Z"}
    assert KINDS["time"].draft(resource("time"), Ticked(key="t", at=9.0, resource="other", scheduled=1.0)) is None
    assert KINDS["image"].draft(resource("image"), tick) is None


def test_a_post_makes_a_version_with_payload_and_headers_but_no_credentials() -> None:
    post = WebhookReceived(
        key="w", at=9.0, resource="res", payload={"a": [1]}, headers={"X-Event": "x", "Authorization": "Basic s", "cookie": "c"}
    )
    draft = KINDS["webhook"].draft(resource("webhook", webhookKey="k"), post)
    assert draft is not None
    assert (draft.bag, draft.cause.kind) == ({"payload": {"a": [1]}, "headers": {"X-Event": "x"}}, "webhook")
    assert KINDS["webhook"].draft(resource("webhook"), WebhookReceived(key="w", at=9.0, resource="x", payload={})) is None


@pytest.mark.parametrize("type", [type for type in CODES if type not in ("gitRepo", "ciRepo", "syncRepo")])
def test_any_resource_but_a_repository_takes_versions_by_api(type: str) -> None:
    posted = VersionPosted(key="v", at=9.0, resource="res", label="2", bag={"k": 1}, by=ANN)
    draft = KINDS[type].draft(resource(type, sourceName="a/b"), posted)
    assert draft is not None
    assert (draft.label, draft.bag, draft.lane.key) == ("2", {"sourceName": "a/b", "k": 1}, "main")
    assert (draft.cause.kind, draft.cause.actors) == ("version", (ANN,))
    assert KINDS[type].draft(resource(type), VersionPosted(key="v", at=9.0, resource="x", label="", bag={}, by=ANN)) is None


def test_a_webhooks_key_is_in_no_version_and_no_variable() -> None:
    hook = resource("webhook", webhookKey="hush")
    posted = KINDS["webhook"].draft(hook, VersionPosted(key="v", at=9.0, resource="res", label="", bag={}, by=ANN))
    assert posted is not None
    assert posted.bag == {}
    assert KINDS["webhook"].environment("RES", hook, {}) == {}
