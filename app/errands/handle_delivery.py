"""Turns a kept webhook delivery into events, and keeps with it what came of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from app.context import Context
from app.errands import _changed
from app.errors import NotFound, Permanent
from app.forges import BadPayload, Commented, Forge, InstallationChanged, Nothing, Parsed, RepositoryChanged, RunAsked
from app.obey import hear
from app.react import react
from app.store import Claimed, Outcome, Source
from app.workflow.definition import Json
from app.workflow.errands import Errand
from app.workflow.events import Commit, MergeGroupChanged, PullRequestChanged, Pushed, Released, Repository
from app.workflow.facts import Denied, Ignored
from app.workflow.line import Actor


@dataclass(frozen=True, slots=True)
class HandleDelivery:
    name: str = "handle_delivery"

    def do(self, context: Context, claimed: Claimed) -> str:
        id = int(str(claimed.errand.args["delivery"]))
        delivery = context.store.delivery(id)
        try:
            parsed = context.forges[delivery.forge].hooks.parse(delivery, context.store.now())
        except (BadPayload, KeyError) as problem:
            context.store.note_delivery(id, f"could not be read: {problem}")
            raise Permanent(f"delivery {delivery.id} could not be read: {problem}") from None
        outcome = take(context, parsed, id)
        context.store.note_delivery(id, outcome)
        return outcome


def take(context: Context, parsed: Parsed, delivery: int | None = None) -> str:
    """Has the event its effect on every line that it concerns; returns what came of it, in words."""
    match parsed:
        case Pushed():
            return _pushed(context, parsed, delivery)
        case PullRequestChanged():
            context.store.put_repository(parsed.repository)
            return _looked_at(context, parsed)
        case Released():
            context.store.put_repository(parsed.repository)
            return _released(context, parsed)
        case MergeGroupChanged():
            context.store.put_repository(parsed.repository)
            return everywhere(context, parsed)
        case Commented():
            return hear(context, parsed)
        case RepositoryChanged():
            context.store.put_repository(parsed.repository)
            return f"repository {parsed.action}"
        case InstallationChanged():
            return _installed(context, parsed)
        case RunAsked():
            return "reports are commit statuses here: there is no check to run again"
        case Nothing():
            return parsed.reason


def _pushed(context: Context, event: Pushed, delivery: int | None) -> str:
    """A push to a source's branch may change its files: those are adopted first, in turn with the repository's other adoptions."""
    context.store.put_repository(event.repository)
    if sources_moved(context, event):
        args = {"delivery": delivery, "repository": event.repository.id}
        context.store.add_errands("", [Errand("adopt", args, key=f"repository:{event.repository.id}")])
        context.bell.ring("errands")
        return "a source's branch: its files are read first"
    return everywhere(context, event)


def sources_moved(context: Context, event: Pushed) -> list[Source]:
    """The sources whose branch this push moved."""
    return [each for each in context.store.sources(repository=event.repository.id) if event.ref == f"refs/heads/{each.branch}"]


def everywhere(context: Context, event: Pushed | Released | MergeGroupChanged) -> str:
    """Reacts on every line that watches the event's repository."""
    accounts = context.store.watchers(event.repository.id)
    notes = []
    for account in accounts:
        seen = _known_to(context, account, event) if isinstance(event, Pushed) else event
        notes.append(said(react(context, account, seen)))
    return "; ".join(note for note in notes if note) or ("nobody watches this repository" if not accounts else "")


def _released(context: Context, event: Released) -> str:
    """A release says its commit only when it was made at a SHA (spec/forges.md A2, `target_commitish`): else it is asked for now."""
    if event.commit.sha or not context.store.watchers(event.repository.id):
        return everywhere(context, event)
    commit = _tagged(context, event)
    if commit is None:
        return f"{event.repository.full_name} has no tag {event.tag} any more: its release triggers nothing"
    return everywhere(context, replace(event, commit=commit))


def _tagged(context: Context, event: Released) -> Commit | None:
    """The commit of a release's tag, None when the tag is gone."""
    forge = context.forges[event.repository.id.partition(":")[0]].api
    try:
        sha = forge.tips(event.repository.id).get(f"refs/tags/{event.tag}")
        return forge.commit(event.repository.id, sha) if sha else None
    except NotFound:
        return None


def _known_to(context: Context, account: str, event: Pushed) -> Pushed:
    """The push as this account sees it: one by a bot that it does not list counts as a fork's."""
    fork = event.fork or _stranger(context, account, event.pusher)
    return replace(in_order(context, account, event), fork=fork, changed=_changed.by_push(context, account, event))


def _stranger(context: Context, account: str, person: Actor) -> bool:
    return person.bot and person.login not in context.settings.of(account).trusted_bots


def in_order(context: Context, account: str, event: Pushed) -> Pushed:
    """The push, knowing whether it is older than what the line has seen of its ref (architecture.md section 6, rule 7)."""
    known = context.store.ask(account, lambda line: line.tip(event.repository.id, event.ref))
    if not known or not event.after or known in (event.before, event.after):
        return event
    forge = context.forges[event.repository.id.partition(":")[0]].api
    late = forge.is_ancestor(event.repository.id, event.after, known)
    return replace(event, ancestor_of=known if late else "")


def _looked_at(context: Context, event: PullRequestChanged) -> str:
    """Hooks come late and in any order (spec/forges.md trap 13): what the request is not any more counts for nothing.

    An answer of the forge that lags behind the hook (trap 41) shows an older commit of the same branch: the hook is believed.
    """
    if not context.store.watchers(event.repository.id):
        return ""
    forge = context.forges[event.repository.id.partition(":")[0]].api
    if event.action != "closed":
        try:
            request = forge.pull_request(event.repository.id, event.number)
        except NotFound:
            return f"pull request {event.number} is gone"
        if not request.open:
            return f"pull request {event.number} is closed by now: this comes late"
        if request.head != event.head.sha and not forge.is_ancestor(event.repository.id, request.head, event.head.sha):
            return f"pull request {event.number} is at {request.head[:12]} by now: {event.head.sha[:12]} comes late"
    return pull_request(context, replace(event, head=_told(forge, event)))


def _told(forge: Forge, event: PullRequestChanged) -> Commit:
    """The head with its message, which GitHub's hook leaves out."""
    if event.head.message:
        return event.head
    try:
        return forge.commit(event.repository.id, event.head.sha)
    except NotFound:
        return event.head


def pull_request(context: Context, event: PullRequestChanged) -> str:
    """Reacts on every line that watches; a request by a bot that the account does not list counts as a fork's.

    One that goes to a source's branch is told what it changes about the line, should it edit workflow files.
    """
    if event.action != "closed" and any(each.branch == event.base_ref for each in context.store.sources(repository=event.repository.id)):
        args: dict[str, Json] = {"repository": event.repository.id, "number": event.number}
        errand = Errand("plan_request", args, key=f"plan:{event.repository.id}:{event.number}", replaces=True)
        context.store.add_errands("", [errand])
        context.bell.ring("errands")
    notes = []
    for account in context.store.watchers(event.repository.id):
        stranger = any(_stranger(context, account, author) for author in event.authors)
        changed = _changed.by_request(context, account, event)
        notes.append(said(react(context, account, replace(event, fork=event.fork or stranger, changed=changed))))
    return "; ".join(note for note in notes if note)


def _installed(context: Context, event: InstallationChanged) -> str:
    """New repositories of an installation become sources where the administrator's pattern says so."""
    pattern = context.settings.auto_sources
    chosen = [each for each in event.added if pattern and fnmatchcase(each.full_name.lower(), pattern.lower())]
    for repository in chosen:
        _add_source(context, repository)
    return f"installation {event.action}; {len(chosen)} new sources" if chosen else f"installation {event.action}"


def _add_source(context: Context, repository: Repository) -> None:
    args = {"add": repository.id}
    context.store.put_repository(repository)
    context.store.add_errands("", [Errand("adopt", {**args, "repository": repository.id}, key=f"repository:{repository.id}")])


def said(outcome: Outcome) -> str:
    """Why nothing came of an event, as far as it says so."""
    if outcome.duplicate:
        return "seen before"
    reasons = [fact.reason for fact in outcome.facts if isinstance(fact, Ignored | Denied)]
    return "; ".join(dict.fromkeys(reasons))


plugin = HandleDelivery()
