"""`gitRepo`: a repository whose commits are versions (spec/workflow-language.md sections 2.2, 2.3 and 4.7; product.md section 5).

A draft takes for granted that the resource watches the event's repository: that is looked up by id, because names change hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.resources._base import Kind, definition_environment, strings, text, written
from app.resources._commit import commit_data, environment, settings
from app.resources._drafts import adopted, merge_group, pull_request, pushed, released
from app.workflow.definition import Json, JsonMap, Resource
from app.workflow.events import Adopted, Event, MergeGroupChanged, PullRequestChanged, Pushed, Released
from app.workflow.kinds import Draft, Fault, Field, Use
from app.workflow.plan import Value


@dataclass(frozen=True, slots=True)
class GitRepo(Kind):
    """The label of a version is the commit's SHA; `_commit` says what the bag holds."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        content = resource.content
        owner, _, name = text(content, "sourceName").rpartition("/")
        if text(content, "sourceName") and not (owner and name):
            yield Fault("sourceName", f"`{text(content, 'sourceName')}` is no repository: write `owner/name`.")
        if "branch" in content and "branches" in content:
            yield Fault("branches", "`branch` and `branches` exclude each other: keep one.")
        yield from _filter_faults(content, "branches")
        yield from _filter_faults(content, "tags")
        yield from _clone_faults(content)
        if "buildOnComment" in content:
            yield Fault("buildOnComment", "`buildOnComment` works with Gerrit only; it does nothing here.", warning=True)

    def first(self, resource: Resource) -> tuple[str, JsonMap] | None:  # noqa: ARG002 - see `draft` of `Adopted`
        return None

    def draft(self, resource: Resource, event: Event) -> Draft | None:
        """`Adopted` drafts the first version, when a tip came along; the others what happened in the repository.

        Nobody else names a commit: the service clones it with its own credentials, so a version posted by the API makes nothing.
        """
        content = resource.content
        match event:
            case Pushed():
                found = pushed(content, event)
            case PullRequestChanged():
                found = pull_request(content, event)
            case Released():
                found = released(content, event)
            case MergeGroupChanged():
                found = merge_group(content, event)
            case Adopted():
                found = adopted(resource, event)
            case _:
                return None
        return found and replace(found, bag={**written(resource, self.fields), **found.bag})

    def merge(self, bag: JsonMap, keys: Mapping[str, str]) -> dict[str, Json]:
        return {**bag, **settings(keys)}

    def rewritten(self, bag: JsonMap, by: JsonMap, taken: Iterable[JsonMap]) -> dict[str, Json]:
        wanted = commit_data(by)
        known = any(wanted == commit_data(each) for each in taken)
        return {**settings(by), **(wanted if known else commit_data(bag))}

    def emptied(self, bag: JsonMap) -> dict[str, Json]:
        return commit_data(bag)

    def replicate(self, bag: JsonMap, source: JsonMap) -> dict[str, Json]:
        """Only the commit is copied; the settings of this resource stay (section 10 #8)."""
        return {**bag, **commit_data(source)}

    def environment(self, name: str, resource: Resource, bag: JsonMap) -> Mapping[str, Value]:
        return definition_environment(name, resource, self.fields) | environment(name, bag)


def _filter_faults(content: JsonMap, key: str) -> Iterator[Fault]:
    rule = content.get(key)
    for part, value in rule.items() if isinstance(rule, dict) else ():
        if part not in ("only", "except"):
            yield Fault(f"{key}.{part}", f"`{key}` knows `only` and `except`, not `{part}`; it is passed over.", warning=True)
        elif isinstance(value, str) or not isinstance(value, list) or len(strings(value)) != len(value):
            yield Fault(f"{key}.{part}", f"`{key}.{part}` must be a list of names, in which `*` stands for anything.")


def _clone_faults(content: JsonMap) -> Iterator[Fault]:
    depth, config = content.get("depth"), content.get("gitConfig")
    if isinstance(depth, int) and depth < 1:
        yield Fault("depth", f"`depth` must be 1 or more, not {depth}; leave it out for the whole history.")
    for line in strings(config):
        key, _, value = line.partition(" ")
        if "." not in key or not value.strip():
            yield Fault("gitConfig", f"`{line}` is no setting of git: write `section.key value`.")


plugin = GitRepo(
    name="gitRepo",
    code=1000,
    help="A git repository; its versions are commits.",
    fields={
        "sourceName": Field("str", "The repository, `owner/name`.", required=True),
        "branch": Field("str", "The one branch whose commits make versions."),
        "branches": Field("map", "`only` and `except`: lists of branches, `*` stands for anything."),
        "tags": Field("map", "`only` and `except`: lists of tags, for tags and releases."),
        "buildOnCommit": Field("bool", "Whether a push makes a version (default true)."),
        "buildOnPullRequest": Field("bool", "Whether a pull request's head, merged with its base, makes a version."),
        "buildOnPullRequestClose": Field("bool", "Whether closing a pull request makes a version."),
        "buildOnRelease": Field("bool", "Whether a published release makes a version."),
        "buildOnTagPush": Field("bool", "Whether a pushed tag makes a version."),
        "buildOnComment": Field("str", "Accepted from old files; Gerrit only."),
        "depth": Field("int", "How many commits of history a run gets; all by default."),
        "gitConfig": Field("strings", "Settings of git for the clone, `section.key value` each."),
    },
    integration=Use.OPTIONAL,
    replicates_as="repository",
)
