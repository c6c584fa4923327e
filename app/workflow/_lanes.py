"""What repositories tell: versions of gitRepos, each in its lane, and lanes that open, move on and close (product.md section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.workflow._arrival import Wave, distinct, spread
from app.workflow._candidates import close_open, end
from app.workflow._course import Course
from app.workflow._withheld import SKIPPED, Omission, cut, withhold
from app.workflow.definition import Json, JsonMap, Supersede
from app.workflow.events import Event, MergeGroupChanged, PullRequestChanged, Pushed, Released, Ticked, VersionPosted, WebhookReceived
from app.workflow.facts import LaneClosed, LaneOpened, TipMoved, VersionAdded
from app.workflow.kinds import Draft
from app.workflow.line import CandidateState, Lane, Node, Status, Version, VersionRef

BRANCH = "refs/heads/"
PASSING = frozenset({"title", "baseSha", "message", "author", "committer", "url", "fullName", "headFullName", "cloneUrl", "sshUrl"})
"""What a pull request's version tells that may change without anything to run anew, or that a hook leaves out."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A version that an event would make of a resource."""

    node: Node
    draft: Draft


def drafts(course: Course, names: Sequence[str]) -> list[Drafted]:
    """What the event would make of `names`; why not, otherwise."""
    found = []
    for node in course.line.nodes(names):
        kind = course.kind_of(node.resource)
        draft = kind.draft(node.resource, course.event) if kind and node.resource else None
        if draft is None:
            course.ignore(node.name, "it makes no version of this" if node.resource else "no file defines it any more")
        else:
            found.append(Drafted(node, draft))
    return found


def publish(course: Course, drafted: Sequence[Drafted]) -> None:
    """Makes the versions, each lane's together, and brings them to their consumers."""
    for lane in dict.fromkeys(each.draft.lane for each in drafted):
        mine = [each for each in drafted if each.draft.lane == lane]
        skipped = [each for each in mine if each.draft.skip]
        made = [each for each in mine if not each.draft.skip]
        _move_on(course, lane, made)
        _add(course, lane, made)
        for each in skipped:
            omission = Omission(lane, (each.draft.cause,), SKIPPED, each.node.name, each.draft.reason)
            withhold(course, omission, [each.node.name], own=True)


def _add(course: Course, lane: Lane, made: Sequence[Drafted]) -> None:
    loud = [each for each in made if not each.draft.silent]
    for each in made:
        ref = VersionRef(each.node.name, course.line.node(each.node.name).next_version)
        draft = each.draft
        version = Version(ref, lane, course.at, draft.label, draft.bag, actors=draft.cause.actors)
        course.note(VersionAdded(version, (draft.cause,)))
    if loud:
        causes = distinct(each.draft.cause for each in loud)
        names = [each.node.name for each in loud]
        spread(course, Wave(lane, causes, names[0], own=True, changed=_changed_files(course.event, lane)), names)


def _changed_files(event: Event, lane: Lane) -> frozenset[str] | None:
    """What of the event's files is new to the lane. A push is compared with the one before it, which in a branch's lane it may
    have made void before anything ran: there nothing is known."""
    if isinstance(event, PullRequestChanged) or (isinstance(event, Pushed) and lane.main):
        return event.changed
    return None


# -- pushes ----------------------------------------------------------------------------------------------------------------


def pushed(course: Course, event: Pushed) -> None:
    """A push counts unless its ref is there or further already (architecture.md section 6, rule 7)."""
    repository = event.repository
    names = course.line.watching(repository.id)
    tip = course.line.tip(repository.id, event.ref)
    if not names:
        course.ignore(repository.full_name, "no resource watches it")
    elif tip == event.after and tip:
        course.ignore(event.ref, f"it is known to be at {tip[:12]} already")
    elif tip and event.ancestor_of == tip and event.before != tip:
        course.ignore(event.ref, f"{event.after[:12]} comes late: {tip[:12]} is there already and contains it")
    else:
        course.note(TipMoved(repository.id, event.ref, event.after))
        if event.after:
            publish(course, _without_pull_requests(course, event, drafts(course, names)))
        else:
            _deleted(course, event)


def _deleted(course: Course, event: Pushed) -> None:
    lane = Lane(f"branch/{event.ref.removeprefix(BRANCH)}@{event.repository.id}")
    if event.ref.startswith(BRANCH) and course.line.opened(lane) is not None:
        close(course, lane, "the branch was deleted")
    else:
        course.ignore(event.ref, "it was deleted")


def _without_pull_requests(course: Course, event: Pushed, drafted: Sequence[Drafted]) -> list[Drafted]:
    """A branch with an open pull request makes its versions in that request's lane, when the request's own event comes."""
    if not any(each.draft.lane.kind == "branch" for each in drafted):
        return list(drafted)
    heads = course.line.heads(event.repository.id, event.ref.removeprefix(BRANCH))
    heads = heads or course.line.heads(event.repository.id, event.after)
    if not heads:
        return list(drafted)
    for each in drafted:
        if each.draft.lane.kind == "branch":
            course.ignore(each.node.name, f"pull request {heads[0].number} makes the version of this commit")
    return [each for each in drafted if each.draft.lane.kind != "branch"]


# -- pull requests and merge groups ----------------------------------------------------------------------------------------


def pull_request_changed(course: Course, event: PullRequestChanged) -> None:
    lane = Lane(f"pr/{event.number}@{event.repository.id}")
    if event.action == "closed" and course.line.opened(lane) is not None:
        close(course, lane, "the pull request was merged" if event.merged else "the pull request was closed")
    made = [each for each in drafts(course, course.line.watching(event.repository.id)) if _is_news(course, each)]
    if event.action != "closed" and any(not each.draft.skip for each in made):
        _take_over(course, event)
    publish(course, made)


def _is_news(course: Course, drafted: Drafted) -> bool:
    """Whether the lane has not got this version as its newest already: a new title alone is nothing to run for."""
    draft = drafted.draft
    latest = course.line.past(drafted.node.name, draft.lane).latest
    if draft.skip or latest is None or course.line.opened(draft.lane) is None:
        return True
    if latest.label != draft.label or _essence(latest.bag) != _essence(draft.bag):
        return True
    course.ignore(drafted.node.name, f"{draft.label[:12]} is the newest version in {draft.lane.label} already")
    return False


def _essence(bag: JsonMap) -> dict[str, Json]:
    return {key: value for key, value in bag.items() if key not in PASSING}


def _take_over(course: Course, event: PullRequestChanged) -> None:
    """What a push of the same commit began in the branch's lane is the pull request's now."""
    if event.head_repository != event.repository.id:
        return
    lane = Lane(f"branch/{event.head_ref}@{event.repository.id}")
    opened = course.line.opened(lane)
    if opened is not None and opened.head == event.head.sha:
        reason = f"superseded: pull request {event.number} runs this commit"
        _clear(course, lane, reason, CandidateState.SUPERSEDED)
        course.note(LaneClosed(lane, course.at))


def merge_group_changed(course: Course, event: MergeGroupChanged) -> None:
    if event.action != "destroyed":
        publish(course, drafts(course, course.line.watching(event.repository.id)))
        return
    lane = Lane(f"queue/{event.head_ref.removeprefix(BRANCH)}@{event.repository.id}")
    if course.line.opened(lane) is None:
        course.ignore(lane.label, "nothing of this merge group is known")
    else:
        close(course, lane, "the merge group was given up or merged")


def posted(course: Course, event: Ticked | WebhookReceived | VersionPosted) -> None:
    """The clock, a webhook or the API made a version of one resource."""
    publish(course, drafts(course, [event.resource]))


def released(course: Course, event: Released) -> None:
    publish(course, drafts(course, course.line.watching(event.repository.id)))


# -- lanes -----------------------------------------------------------------------------------------------------------------


def _move_on(course: Course, lane: Lane, made: Sequence[Drafted]) -> None:
    """A lane other than main opens, or its newer commit makes older work void."""
    if lane.main or not made:
        return
    cause, before = made[0].draft.cause, course.line.opened(lane)
    event = course.event
    closing = isinstance(event, PullRequestChanged) and event.action == "closed"
    if before is not None and before.head != cause.sha:
        _supersede(course, lane, f"superseded by {cause.sha[:12]}")
    later = LaneOpened(lane, cause.repository, cause.full_name, cause.sha, cause.number, cause.title, _head_ref(event), cause.fork)
    if later != before and not closing:
        course.note(later)


def _head_ref(event: Event) -> str:
    if isinstance(event, PullRequestChanged) and event.head_repository == event.repository.id:
        return event.head_ref
    return ""


def _supersede(course: Course, lane: Lane, reason: str) -> None:
    """Cancels what is unstarted in `lane`, and what runs where the job says so (product.md section 5)."""
    nodes = [node for node in course.line.nodes(course.line.busy(lane)) if node.job]
    for node in nodes:
        rule = node.job.supersede if node.job else None
        for run in node.active:
            waits = run.status is not Status.RUNNING and rule is not Supersede.NEVER
            if run.lane == lane and (waits or rule is Supersede.RUNNING):
                cut(course, run, reason)
        close_open(course, node, lane, reason)


def close(course: Course, lane: Lane, reason: str) -> None:
    """Nothing stays waiting in a closed lane; what runs may end, and starts nothing."""
    course.note(LaneClosed(lane, course.at))
    _clear(course, lane, reason, CandidateState.EXPIRED)


def _clear(course: Course, lane: Lane, reason: str, state: CandidateState) -> None:
    for node in course.line.nodes(course.line.busy(lane)):
        for run in node.active:
            if run.lane == lane and run.status is not Status.RUNNING:
                course.stop(run, reason)
        for candidate in node.open:
            if candidate.lane == lane:
                end(course, candidate, state, reason)


def closed(course: Course, lane: Lane) -> bool:
    return not lane.main and course.line.opened(lane) is None
