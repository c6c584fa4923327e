"""Reading `integrations` (spec/ci-integrations-deploy.md sections 1.2 and 1.9) and `branches`."""

from __future__ import annotations

from collections.abc import Iterator

from app.workflow._keys import Findings, Keys, nearest
from app.workflow._nodes import List, Map, Node, described, json_of
from app.workflow.ci.configuration import Branches, Hub, Notification, Policy

NOTIFIERS = ("slack", "hipchat", "email", "irc", "webhook")
_NAMELESS = ("email", "irc")
"""Types whose integration has the type's name unless it says otherwise."""
_OPTIONS = ("payload", "sendConsoleLogs", "sendCoverageReports", "sendFailingSnippet")


def read_branches(keys: Keys) -> Branches:
    own = keys.map("branches")
    if own is None:
        return Branches()
    inner = Keys(own, "`branches`", keys.findings)
    found = Branches(inner.texts("only") or (), inner.texts("except") or ())
    inner.close()
    return found


def read_notifications(keys: Keys) -> tuple[Notification, ...]:
    return tuple(_notification(item, keys.findings) for item in _maps(keys, "notifications"))


def read_hubs(keys: Keys) -> tuple[Hub, ...]:
    return tuple(_hub(item, keys.findings) for item in _maps(keys, "hub"))


def read_names(keys: Keys, *aliases: str) -> tuple[str, ...]:
    """The integrations that the lists under `aliases` name."""
    return tuple(name for alias in aliases for item in _maps(keys, alias) if (name := _name(item, alias, keys.findings)))


def _maps(keys: Keys, key: str) -> Iterator[Map]:
    node = keys.take(key)
    items: tuple[Node, ...] = node.items if isinstance(node, List) else (node,) if node is not None else ()
    for item in items:
        if isinstance(item, Map):
            yield item
        else:
            keys.findings.error(item.place, f"each item of `integrations.{key}` is a map with `integrationName`, not {described(item)}")


def _name(item: Map, noun: str, findings: Findings) -> str:
    keys = Keys(item, f"`integrations.{noun}`", findings)
    name = keys.text("integrationName")
    if not name:
        findings.warning(item.place, f"this item of `integrations.{noun}` has no `integrationName`: it is ignored")
    keys.allow(("type", "branches"))
    keys.close()
    return name or ""


def _hub(item: Map, findings: Findings) -> Hub:
    keys = Keys(item, "`integrations.hub`", findings)
    hub = Hub(
        integration=keys.text("integrationName") or "",
        type=keys.text("type") or "",
        region=keys.text("region") or "",
        agent_only=keys.truth("agent_only") is True,
        branches=read_branches(keys),
    )
    keys.close()
    return hub


def _notification(item: Map, findings: Findings) -> Notification:
    keys = Keys(item, "`integrations.notifications`", findings)
    type = (keys.text("type") or "").lower()
    if type not in NOTIFIERS:
        sentence = f"`type` of a notification is one of {', '.join(NOTIFIERS)}, not `{type}`: it tells nobody"
        findings.warning(keys.place("type"), sentence, nearest(type, NOTIFIERS))
    failure = _policy(keys, "on_failure", Policy.ALWAYS)
    found = Notification(
        integration=keys.text("integrationName") or (type if type in _NAMELESS else ""),
        type=type,
        recipients=keys.texts("recipients") or (),
        branches=read_branches(keys),
        on_success=_policy(keys, "on_success", Policy.CHANGE),
        on_failure=failure,
        on_cancel=_policy(keys, "on_cancel", failure),
        on_start=_policy(keys, "on_start", Policy.NEVER, changes=False),
        on_pull_request=_policy(keys, "on_pull_request", Policy.ALWAYS, changes=False),
        options={key: json_of(value) for key in _OPTIONS if (value := keys.take(key)) is not None},
    )
    keys.close()
    return found


def _policy(keys: Keys, key: str, default: Policy, changes: bool = True) -> Policy:
    """A word that is none of the policies is warned of, and the default holds: a notification never fails a run."""
    text = keys.text(key)
    allowed = tuple(each for each in Policy if changes or each is not Policy.CHANGE)
    if text is None or text in allowed:
        return default if text is None else Policy(text)
    sentence = f"`{key}` of a notification is one of {', '.join(allowed)}, not `{text}`: {default} holds"
    keys.findings.warning(keys.place(key), sentence, nearest(text, allowed))
    return default
