"""The part of the GitHub forge that speaks: commit statuses, comments and reactions (spec/forges.md A3, A6, A10)."""

from __future__ import annotations

from app.errors import NotFound, Permanent, Temporary
from app.forges import Comment, CommentKind, CommitState, Conversation
from app.forges.github._client import Part
from app.forges.github._cut import DESCRIPTION, cut, cut_body
from app.forges.github._files import REPLICATION
from app.forges.github._repositories import number_of, of_repository
from app.forges.github._shapes import comment as comment_of

STATES = {
    CommitState.PENDING: "pending",
    CommitState.RUNNING: "pending",
    CommitState.SUCCESS: "success",
    CommitState.FAILURE: "failure",
    CommitState.ERROR: "error",
    CommitState.CANCELLED: "error",
}
"""GitHub knows four states of a commit status."""
REACTIONS = {"eyes": "EYES", "rocket": "ROCKET", "-1": "THUMBS_DOWN"}
REACT_TO_REVIEW = (
    "mutation($subject: ID!, $content: ReactionContent!) "
    "{ addReaction(input: {subjectId: $subject, content: $content}) { clientMutationId } }"
)


class Conversations(Part):
    """See `Forge`."""

    def set_status(self, repository: str, sha: str, context: str, state: CommitState, description: str, url: str) -> bool:
        """Contexts are one whatever their case, so they are written in lower case (trap 10)."""
        payload = {"state": STATES[state], "context": context.lower(), "description": cut(description, DESCRIPTION)}
        try:
            self._client.post(of_repository(repository, "statuses", sha), payload | ({"target_url": url} if url else {}))
        except Permanent as problem:
            if "No commit found" not in str(problem):
                raise
            if self._is_there(repository, sha):
                raise Temporary(f"GitHub has not told all its machines of {sha[:12]} yet.", REPLICATION) from None
            return False
        return True

    def create_comment(self, conversation: Conversation, body: str) -> Comment:
        made = self._client.post(_comments(conversation), {"body": cut_body(body)})
        return comment_of(made, conversation, _kind(conversation))

    def edit_comment(self, conversation: Conversation, comment: str, body: str) -> bool:
        try:
            self._client.patch(_comment(conversation, _kind(conversation), comment), {"body": cut_body(body)})
        except NotFound:
            return False
        return True

    def find_comment(self, conversation: Conversation, marker: str) -> Comment | None:
        """GitHub lists the oldest first. Anybody can paste a marker: the author counts too (spec/forges.md A6)."""
        me = self._client.me()
        found = (comment_of(item, conversation, _kind(conversation)) for item in self._client.pages(_comments(conversation)))
        return next((one for one in found if marker in one.body and one.author.id == me.id), None)

    def comment(self, conversation: Conversation, kind: CommentKind, comment: str) -> Comment | None:
        found = self._client.find(_comment(conversation, kind, comment))
        return comment_of(found, conversation, kind) if found is not None else None

    def react(self, conversation: Conversation, kind: CommentKind, comment: str, reaction: str) -> None:
        """REST has no reactions to reviews: those go by GraphQL, which knows them by node id."""
        path = _comment(conversation, kind, comment)
        if kind is not CommentKind.REVIEW:
            self._client.post(f"{path}/reactions", {"content": reaction})
            return
        subject = self._client.get(path).text("node_id")
        self._client.graphql(path, REACT_TO_REVIEW, {"subject": subject, "content": REACTIONS[reaction]})

    def _is_there(self, repository: str, sha: str) -> bool:
        return self._client.find(of_repository(repository, "git", "commits", sha)) is not None


def _kind(conversation: Conversation) -> CommentKind:
    """What a comment of ours in that conversation is: we write neither reviews nor diff threads."""
    return CommentKind.COMMIT if conversation.number is None else CommentKind.CONVERSATION


def _comments(conversation: Conversation) -> str:
    if conversation.number is None:
        return of_repository(conversation.repository, "commits", conversation.sha, "comments")
    return of_repository(conversation.repository, "issues", conversation.number, "comments")


def _comment(conversation: Conversation, kind: CommentKind, comment: str) -> str:
    """Each kind has ids and paths of its own (spec/forges.md A6)."""
    number = number_of(comment)
    parts: dict[CommentKind, tuple[object, ...]] = {
        CommentKind.CONVERSATION: ("issues", "comments", number),
        CommentKind.COMMIT: ("comments", number),
        CommentKind.DIFF: ("pulls", "comments", number),
        CommentKind.REVIEW: ("pulls", conversation.number, "reviews", number),
    }
    return of_repository(conversation.repository, *parts[kind])
