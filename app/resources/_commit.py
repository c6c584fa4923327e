"""The commit that a version of a repository stands for: how its bag holds it and how runs see it.

A bag holds the resource's settings (`sourceName`, `branch`, `depth` …) and, flat beside them, these keys:

key                | is
event              | push, tag, release, pull_request, pull_request_closed, merge_group or adoption
repository         | forge-qualified id (`github:123`); `fullName` is `owner/name`
sha                | the commit (of a pull request: its head); `before` is what the branch was at before the push, "" if unknown
ref                | the full ref that moved; of a pull request the head branch's
branchName         | the branch; of a pull request that is built as one: the base branch
baseBranch         | what it is going to be merged into, "" if nothing; `baseSha` is that branch's commit when the event came
headBranch         | the branch that the commit is on
pullRequest        | number, null if none; `merges` says whether runs check out its merge with `baseBranch`
title              | of the pull request
headRepository     | id of the repository that the head is in; `headFullName` is its `owner/name`
message            | commit message (cut at 16,384 characters); `author`, `committer` as git has them, `url` shows the commit
tagName            | of a tag or release; `releaseName`, `releasedAt` of a release
fork               | whether the commit is not to be trusted with secrets
cloneUrl, sshUrl   | where to clone from
"""

from __future__ import annotations

from dataclasses import dataclass

from app.resources._base import flag, text
from app.workflow.definition import Json, JsonMap
from app.workflow.events import Commit, Repository
from app.workflow.plan import Value
from app.workflow.variables import text_of

MESSAGE_LIMIT = 16_384
"""Longest message kept: environment variables are limited to 128 KiB each by the kernel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitData:
    """What the bag says of one commit; see the module's table. Branches are without `refs/heads/`."""

    event: str
    repository: Repository
    commit: Commit
    ref: str
    branch: str = ""
    base: str = ""
    base_sha: str = ""
    head: str = ""
    before: str = ""
    pull_request: int | None = None
    merges: bool = False
    title: str = ""
    head_repository: str = ""
    head_full_name: str = ""
    tag: str = ""
    release: str = ""
    released_at: str = ""
    fork: bool = False

    def bag(self) -> dict[str, Json]:
        return {
            "event": self.event,
            "repository": self.repository.id,
            "fullName": self.repository.full_name,
            "sha": self.commit.sha,
            "before": self.before,
            "ref": self.ref,
            "branchName": self.branch,
            "baseBranch": self.base,
            "baseSha": self.base_sha,
            "headBranch": self.head,
            "pullRequest": self.pull_request,
            "merges": self.merges,
            "title": self.title,
            "headRepository": self.head_repository or self.repository.id,
            "headFullName": self.head_full_name or self.repository.full_name,
            "message": self.commit.message[:MESSAGE_LIMIT],
            "author": self.commit.author,
            "committer": self.commit.committer,
            "url": self.commit.url,
            "tagName": self.tag,
            "releaseName": self.release,
            "releasedAt": self.released_at,
            "fork": self.fork,
            "cloneUrl": self.repository.clone_url,
            "sshUrl": self.repository.ssh_url,
        }


KEYS = frozenset(GitData(event="", repository=Repository("", ""), commit=Commit(""), ref="").bag())
"""The commit's keys of a bag: what `replicate` copies and `overwrite` keeps."""


def commit_data(bag: JsonMap) -> dict[str, Json]:
    return {key: value for key, value in bag.items() if key in KEYS}


def settings(bag: JsonMap) -> dict[str, Json]:
    """What a bag holds beside the commit."""
    return {key: value for key, value in bag.items() if key not in KEYS}


def environment(name: str, bag: JsonMap) -> dict[str, Value]:
    """The git variables of section 2.4; none when the bag holds no commit."""
    if not text(bag, "sha"):
        return {}
    pull_request, event = bag.get("pullRequest"), text(bag, "event")
    variables = {
        "BRANCH": text(bag, "branchName"),
        "BASE_BRANCH": text(bag, "baseBranch"),
        "HEAD_BRANCH": text(bag, "headBranch"),
        "PULL_REQUEST": "false" if pull_request is None else text_of(pull_request),
        "IS_PULL_REQUEST": text_of(event == "pull_request"),
        "IS_PULL_REQUEST_CLOSE": text_of(event == "pull_request_closed"),
        "PULL_REQUEST_REPO_FULL_NAME": "" if pull_request is None else text(bag, "headFullName"),
        "COMMIT": text(bag, "sha"),
        "COMMIT_MESSAGE": text(bag, "message"),
        "COMMITTER": text(bag, "committer"),
        "IS_GIT_TAG": text_of(event == "tag"),
        "GIT_TAG_NAME": text(bag, "tagName"),
        "IS_RELEASE": text_of(event == "release"),
        "RELEASE_NAME": text(bag, "releaseName"),
        "RELEASED_AT": text(bag, "releasedAt"),
        "SSH_URL": text(bag, "sshUrl"),
        "HTTPS_URL": text(bag, "cloneUrl"),
        "IS_FORK": text_of(flag(bag, "fork")),
        "REPO_FULL_NAME": text(bag, "fullName"),
    }
    return {f"{name}_{suffix}": value for suffix, value in variables.items()}
