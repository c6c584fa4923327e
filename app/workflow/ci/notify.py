"""Whom a CI run tells of its start or end (spec/ci-integrations-deploy.md section 1.9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.workflow.ci.configuration import Notification, Policy
from app.workflow.values import Status

_WITHOUT_SWITCH = "webhook"
"""The type that has no `on_pull_request`: a request's run is told as every other."""


@dataclass(frozen=True, slots=True)
class Happened:
    """`status` is RUNNING for a start, else how the run ended; `before` how the branch's run before ended, None for the first one.

    `branch` is what the filters are compared with (of a request its base).
    """

    status: Status
    branch: str
    before: Status | None = None
    request: bool = False


def told(notifications: Iterable[Notification], happened: Happened) -> tuple[int, ...]:
    """Indexes of those notifications that are sent."""
    return tuple(index for index, each in enumerate(notifications) if _sent(each, happened))


def _sent(notification: Notification, happened: Happened) -> bool:
    if not notification.branches.admit(happened.branch) or happened.status is Status.SKIPPED:
        return False
    if happened.status is Status.RUNNING:
        started = notification.on_start is Policy.ALWAYS
        return started and (not happened.request or notification.on_pull_request is Policy.ALWAYS)
    if happened.request and notification.type != _WITHOUT_SWITCH:
        return notification.on_pull_request is Policy.ALWAYS
    policy = _policy(notification, happened.status)
    changed = happened.before is not None and happened.before is not happened.status
    return policy is Policy.ALWAYS or (policy is Policy.CHANGE and changed)


def _policy(notification: Notification, status: Status) -> Policy:
    if status is Status.SUCCEEDED:
        return notification.on_success
    return notification.on_cancel if status is Status.CANCELLED else notification.on_failure
