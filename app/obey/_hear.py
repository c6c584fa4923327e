"""A comment, from the webhook's word that it exists to reactions and a reply (product.md section 3)."""

from __future__ import annotations

import re

from app.commands import Spot
from app.context import Context
from app.errors import NotFound, Permanent
from app.forges import Commented, Conversation, Forge, PullRequest
from app.obey._asked import Asked, Reply
from app.obey._obey import obey, syntaxes
from app.obey._reviews import hear_review
from app.workflow.comment import Said, read
from app.workflow.definition import JsonMap
from app.workflow.errands import ERRANDS, Errand
from app.workflow.line import MAIN, Lane

_APPROVERS = re.compile(r"^\s*[\"']?approvers[\"']?\s*:", re.MULTILINE)


def hear(context: Context, commented: Commented) -> str:
    """Does what a comment asks; returns what came of it, in words, or why nothing did.

    May be called again for the same comment: each command counts once. Raises Temporary when a forge could not be reached.
    """
    deaf = _why_not(context, commented)
    if deaf:
        return deaf
    counted = hear_review(context, commented)
    said = _said(context, commented)
    if not said:
        return "; ".join(counted) or "no command in it"
    _errand(context, commented, "acknowledge", {"kind": str(commented.comment.kind), "reaction": "eyes"})
    replies = obey(context, _asked(context, commented, said))
    _answer(context, commented, replies)
    return "; ".join([*counted, *(f"{reply.said.line[:100]}: {reply.verdict}" for reply in replies)])


def _why_not(context: Context, commented: Commented) -> str:
    """Why the comment is none of our business, "" when it is."""
    comment = commented.comment
    here = comment.conversation
    if not context.store.watchers(commented.repository.id):
        return "no line watches this repository"
    if here.number is None and not here.sha:
        return "neither a pull request nor a commit"
    if context.store.posted_as(here.place, comment.id) or comment.body.startswith(f"<!-- {context.settings.bot_name}:"):
        return "a comment of ours"
    if commented.sender.bot or comment.author.bot:
        return "bots are not listened to"
    if commented.edited_from is not None and commented.sender.id != comment.author.id:
        return "edited by somebody else than its author"
    return ""


# -- what is said ----------------------------------------------------------------------------------------------------------


def _said(context: Context, commented: Commented) -> tuple[Said, ...]:
    """The commands; of an edited comment those lines that it did not have before."""
    bot, verbs = context.settings.bot_name, syntaxes()
    bare = _bare(context, commented, frozenset(verbs))
    said = read(commented.comment.body, bot, bare, verbs)
    if commented.edited_from is None:
        return said
    before = [each.line for each in read(commented.edited_from, bot, bare, verbs)]
    return tuple(each for each in said if each.line not in before)


def _bare(context: Context, commented: Commented, verbs: frozenset[str]) -> frozenset[str]:
    """The verbs that need no prefix here. Whether another bot owns them is looked up only for a comment that uses one."""
    account = _accounts(context, commented)[0]
    setting = context.settings.of(account).commands.bare
    forge = _forge(context, commented)
    allowed = {"auto": forge.bare_commands & verbs, True: verbs, False: frozenset[str]()}[setting]
    body, bot = commented.comment.body, context.settings.bot_name
    if setting != "auto" or read(body, bot, allowed, syntaxes()) == read(body, bot, frozenset(), syntaxes()):
        return allowed
    return frozenset() if _prow(forge, commented) else allowed


def _prow(forge: Forge, commented: Commented) -> bool:
    """Whether the repository is run by Prow, which has commands of the same names: an OWNERS file with approvers, or its labels."""
    repository = commented.repository
    if {"lgtm", "approved"} <= forge.labels(repository.id):
        return True
    branch = repository.default_branch or forge.repository(repository.id).default_branch
    tip = forge.tip(repository.id, branch)
    try:
        owners = forge.read(repository.id, tip.sha, "OWNERS", 262_144) if tip else None
    except Permanent:
        return False
    return owners is not None and _APPROVERS.search(owners.decode(errors="replace")) is not None


# -- where, when and by whom -------------------------------------------------------------------------------------------------


def _asked(context: Context, commented: Commented, said: tuple[Said, ...]) -> Asked:
    comment = commented.comment
    here = comment.conversation
    request = _forge(context, commented).pull_request(here.repository, here.number) if here.number else None
    key = f"comment:{comment.kind}:{here.repository}:{comment.id}"
    return Asked(
        accounts=_accounts(context, commented),
        by=comment.author,
        said=said,
        via=key,
        key=key,
        spot=_spot(context, commented, request),
        conversation=here,
        typed=comment.created,
        authors=frozenset({request.author.id} if request and request.author.id else ()),
        edited=commented.edited_from is not None,
    )


def _accounts(context: Context, commented: Commented) -> tuple[str, ...]:
    """The account that has a source in the repository first, then those that only watch it."""
    own = {source.account for source in context.store.sources(repository=commented.repository.id)}
    return tuple(sorted(context.store.watchers(commented.repository.id), key=lambda account: (account not in own, account)))


def _spot(context: Context, commented: Commented, request: PullRequest | None) -> Spot:
    repository, here = commented.repository, commented.comment.conversation
    if request is None:
        return Spot(repository.id, repository.full_name, here.sha, _lane_of(context, here))
    if request.open:
        lane = Lane(f"pr/{request.number}@{repository.id}")
        return Spot(repository.id, repository.full_name, request.head, lane, request.number)
    sha = request.merge_commit if request.merged and request.merge_commit else request.head
    return Spot(repository.id, repository.full_name, sha, MAIN, request.number)


def _lane_of(context: Context, here: Conversation) -> Lane:
    """Where a commit's runs are: main when it has any there, else where its newest is."""
    lanes = [view.run.lane for view in context.store.runs_of_commit(here.repository, here.sha)]
    return MAIN if MAIN in lanes or not lanes else lanes[0]


def _forge(context: Context, commented: Commented) -> Forge:
    name = commented.repository.id.partition(":")[0]
    if name not in context.forges:
        raise NotFound(f"the forge {name} is not configured")
    return context.forges[name].api


# -- answering -------------------------------------------------------------------------------------------------------------


def _answer(context: Context, commented: Commented, replies: tuple[Reply, ...]) -> None:
    """One reaction for all of it, and one reply with what a reaction cannot say."""
    reaction = "rocket" if all(reply.accepted for reply in replies) else "-1"
    _errand(context, commented, "acknowledge", {"kind": str(commented.comment.kind), "reaction": reaction})
    spoken = [reply for reply in replies if not reply.quiet]
    if spoken:
        mark = f"{commented.comment.kind}/{commented.comment.id}/{min(reply.said.index for reply in replies)}"
        _errand(context, commented, "reply", {"text": "\n\n".join(reply.comment for reply in spoken), "mark": mark})


def _errand(context: Context, commented: Commented, kind: str, args: JsonMap) -> None:
    here = commented.comment.conversation
    where = {"repository": here.repository, "conversation": here.number or here.sha, "comment": commented.comment.id}
    context.store.add_errands(_accounts(context, commented)[0], [Errand(kind, {**where, **args})])
    context.bell.ring(ERRANDS)
