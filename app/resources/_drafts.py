"""What happened in a repository -> the version that it makes, in which lane (product.md section 5; spec/workflow-language.md 4.7).

One function an event, from the settings of a gitRepo (`content`) to a draft or None. The bags are the commit's alone.
"""

from __future__ import annotations

from dataclasses import replace

from app.resources._base import flag, text
from app.resources._commit import GitData
from app.resources._filters import QUEUE_PREFIX, branch_lane, branch_passes, skip_mark, tag_passes, title_mark
from app.workflow.definition import JsonMap, Resource
from app.workflow.events import Adopted, MergeGroupChanged, PullRequestChanged, Pushed, Released
from app.workflow.kinds import Draft
from app.workflow.line import MAIN, Actor, Cause, Lane

_BRANCHES, _TAGS = "refs/heads/", "refs/tags/"


def pushed(content: JsonMap, event: Pushed) -> Draft | None:
    """A push to a branch or of a tag. Deletions and branches of merge queues make nothing.

    A late push (architecture.md section 6, rule 7) is silent, unless it moved the branch back by force. An untrusted bot's counts
    as a fork's outside main only: who may push to main decided already (product.md section 8 speaks of requests).
    """
    if not event.after:
        return None
    if event.ref.startswith(_TAGS):
        return _tag_pushed(content, event, event.ref.removeprefix(_TAGS))
    branch = event.ref.removeprefix(_BRANCHES)
    if branch == event.ref or branch.startswith(QUEUE_PREFIX):
        return None
    if not flag(content, "buildOnCommit", default=True) or not branch_passes(content, branch):
        return None
    lane = branch_lane(content, branch, event.repository.default_branch, event.repository.id)
    commit = GitData(
        event="push",
        repository=event.repository,
        commit=event.commit,
        ref=event.ref,
        branch=branch,
        head=branch,
        before=event.before,
        fork=event.fork and not lane.main,
    )
    return _of_push(event, commit, lane)


def _tag_pushed(content: JsonMap, event: Pushed, tag: str) -> Draft | None:
    if not flag(content, "buildOnTagPush") or not tag_passes(content, tag):
        return None
    commit = GitData(
        event="tag",
        repository=event.repository,
        commit=event.commit,
        ref=event.ref,
        branch=tag,
        tag=tag,
        before=event.before,
    )
    return _of_push(event, commit, MAIN)


def _of_push(event: Pushed, commit: GitData, lane: Lane) -> Draft:
    cause = _cause(commit.event, event.key, commit, (event.pusher,))
    late = bool(event.ancestor_of) and event.before != event.ancestor_of
    return _draft(commit, lane, cause, _skipped("the commit message", skip_mark(event.commit.message)), late)


def pull_request(content: JsonMap, event: PullRequestChanged) -> Draft | None:
    """A request's head, in its own lane: built as a request (merged with its base), or as a commit of the same repository."""
    if event.action == "closed":
        as_request = flag(content, "buildOnPullRequestClose") and branch_passes(content, event.base_ref)
        return _of_request(event, _request_data(event, "pull_request_closed"), as_request)
    if flag(content, "buildOnPullRequest") and branch_passes(content, event.base_ref):
        return _of_request(event, _request_data(event, "pull_request"))
    ours = event.head_repository == event.repository.id
    as_commit = ours and flag(content, "buildOnCommit", default=True) and branch_passes(content, event.head_ref)
    if as_commit or not flag(content, "buildOnPullRequest"):
        return _of_request(event, _head_data(event), as_commit)
    shut_out = _of_request(event, _request_data(event, "pull_request"))
    return replace(shut_out, skip=True, reason=f"the filters pass over {event.base_ref}") if shut_out else None


def _request_data(event: PullRequestChanged, name: str) -> GitData:
    return GitData(
        event=name,
        repository=event.repository,
        commit=event.head,
        ref=_BRANCHES + event.head_ref,
        branch=event.base_ref,
        base=event.base_ref,
        base_sha=event.base_sha,
        head=event.head_ref,
        pull_request=event.number,
        merges=name == "pull_request",
        title=event.title,
        head_repository=event.head_repository,
        head_full_name=event.head_full_name,
        fork=event.fork,
    )


def _head_data(event: PullRequestChanged) -> GitData:
    """The head as a push to its branch would tell it."""
    return GitData(
        event="push",
        repository=event.repository,
        commit=event.head,
        ref=_BRANCHES + event.head_ref,
        branch=event.head_ref,
        head=event.head_ref,
        fork=event.fork,
    )


def _of_request(event: PullRequestChanged, commit: GitData, wanted: bool = True) -> Draft | None:
    if not wanted:
        return None
    lane = Lane(f"pr/{event.number}@{event.repository.id}")
    caused = _cause("pull_request", event.key, commit, event.authors)
    cause = replace(caused, number=event.number, title=event.title)
    skipped = _skipped("the pull request's title", title_mark(event.title))
    if commit.event == "push":
        skipped = skipped or _skipped("the commit message", skip_mark(event.head.message))
    return _draft(commit, lane, cause, skipped)


def released(content: JsonMap, event: Released) -> Draft | None:
    """A published release. Somebody asked for it, so marks in the commit message do not count."""
    if not flag(content, "buildOnRelease") or not tag_passes(content, event.tag):
        return None
    commit = GitData(
        event="release",
        repository=event.repository,
        commit=event.commit,
        ref=_TAGS + event.tag,
        branch=event.tag,
        tag=event.tag,
        release=event.name or event.tag,
        released_at=event.released_at,
    )
    cause = replace(_cause("release", event.key, commit, (event.by,)), title=commit.release)
    return _draft(commit, MAIN, cause)


def merge_group(content: JsonMap, event: MergeGroupChanged) -> Draft | None:
    """A merge queue's group, if pushes or requests are built and its base passes. No mark skips it: it stands for several changes."""
    head, base = event.head_ref.removeprefix(_BRANCHES), event.base_ref.removeprefix(_BRANCHES)
    built = flag(content, "buildOnCommit", default=True) or flag(content, "buildOnPullRequest")
    if event.action != "requested" or not built or not branch_passes(content, base):
        return None
    commit = GitData(
        event="merge_group", repository=event.repository, commit=event.head, ref=_BRANCHES + head, branch=head, base=base, head=head
    )
    cause = _cause("merge_group", event.key, commit, (event.by,))
    return _draft(commit, Lane(f"queue/{head}@{event.repository.id}"), cause)


def adopted(resource: Resource, event: Adopted) -> Draft | None:
    """The first version: the head of the resource's branch when it is adopted, if the branch passes (section 2.3). It is silent."""
    tip = event.tips.get(resource.name)
    repository = event.repositories.get(text(resource.content, "sourceName").lower())
    if tip is None or repository is None:
        return None
    branch = text(resource.content, "branch") or repository.default_branch or "master"
    if not branch_passes(resource.content, branch):
        return None
    commit = GitData(event="adoption", repository=repository, commit=tip, ref=_BRANCHES + branch, branch=branch, head=branch)
    cause = _cause("adoption", event.key, commit, (event.by,))
    return _draft(commit, MAIN, cause, silent=True)


def _draft(commit: GitData, lane: Lane, cause: Cause, skipped: str = "", silent: bool = False) -> Draft:
    return Draft(commit.commit.sha, commit.bag(), lane, cause, silent=silent, skip=bool(skipped), reason=skipped)


def _cause(kind: str, event: str, commit: GitData, actors: tuple[Actor, ...]) -> Cause:
    """The root event that a commit stands for; its title is the first line of the message."""
    return Cause(
        kind=kind,
        event=event,
        repository=commit.repository.id,
        full_name=commit.repository.full_name,
        sha=commit.commit.sha,
        ref=commit.ref,
        actors=actors,
        title=commit.commit.message.partition("\n")[0].strip(),
        fork=commit.fork,
    )


def _skipped(where: str, mark: str) -> str:
    return f"{where} says {mark}" if mark else ""
