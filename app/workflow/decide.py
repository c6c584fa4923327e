"""What follows from an event: a pure function from the line as it stands and the event to facts.

The rules are elsewhere, by what they are about: `trigger` (when runs start), `_arrival` (what an event does to a job), `_candidates`
(gates), `_lanes` (repositories), `_executions` (workers), `_reported` (runs elsewhere), `_retries` (`retry`), `_requests` (people),
`_adoption` (workflow files).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.workflow import _adoption, _candidates, _executions, _lanes, _reported, _requests, _retries, events
from app.workflow._course import Course
from app.workflow.events import Event
from app.workflow.facts import Fact
from app.workflow.kinds import Kinds
from app.workflow.line import Line

RULES: Mapping[type[Event], Callable[[Course, Any], None]] = {
    events.Pushed: _lanes.pushed,
    events.PullRequestChanged: _lanes.pull_request_changed,
    events.Released: _lanes.released,
    events.MergeGroupChanged: _lanes.merge_group_changed,
    events.Ticked: _lanes.posted,
    events.WebhookReceived: _lanes.posted,
    events.VersionPosted: _lanes.posted,
    events.WaitOver: _retries.wait_over,
    events.Claim: _executions.claim,
    events.RunEnded: _executions.run_ended,
    events.LeaseExpired: _executions.lease_expired,
    events.RunReported: _reported.run_reported,
    events.Triggered: _requests.triggered,
    events.Approved: _candidates.approve,
    events.Rejected: _candidates.reject,
    events.CandidateDue: _candidates.expire,
    events.Retried: _requests.retried,
    events.Cancelled: _requests.cancelled,
    events.PauseChanged: _requests.pause_changed,
    events.PinChanged: _requests.pin_changed,
    events.CommitAllowed: _requests.commit_allowed,
    events.Adopted: _adoption.adopted,
    events.SourceRemoved: _adoption.source_removed,
}
"""What each kind of event brings about; `Course.settle` then looks at what that touched."""


def decide(line: Line, event: Event, kinds: Kinds) -> tuple[Fact, ...]:
    """The facts, in order. Raises Unloaded when more of the account is needed: load it and decide again.

    What is not to be is a fact as well: `Ignored` with the reason, or `Denied` to a person.
    """
    course = Course(line, event, kinds)
    rule = RULES[type(event)]
    rule(course, event)
    course.settle()
    return tuple(course.facts)
