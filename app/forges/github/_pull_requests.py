"""The part of the GitHub forge about pull requests and their reviews."""

from __future__ import annotations

from itertools import chain

from app.errors import Permanent
from app.forges import PullRequest, Review
from app.forges.github._client import Part
from app.forges.github._json import Node
from app.forges.github._repositories import of_repository
from app.forges.github._shapes import pull_request, review

MOST_REQUESTS = 3
DECIDING = frozenset({"approved", "changes_requested"})


class PullRequests(Part):
    """See `Forge`."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        return pull_request(self._client.get(of_repository(repository, "pulls", number)))

    def open_pull_requests(self, repository: str) -> tuple[PullRequest, ...]:
        listed = self._client.pages(of_repository(repository, "pulls"), {"state": "open"})
        return tuple(pull_request(found) for found in listed)

    def pull_requests_of(self, repository: str, sha: str) -> tuple[PullRequest, ...]:
        """GitHub's own answer leaves out the heads of forks, so open requests are listed too (spec/forges.md A3)."""
        associated = (pull_request(found) for found in self._associated(repository, sha))
        requests = chain(associated, self.open_pull_requests(repository))
        found = {request.number: request for request in requests if sha in (request.head, request.merge_commit)}
        return tuple(sorted(found.values(), key=lambda request: (not request.open, request.number))[:MOST_REQUESTS])

    def reviews(self, repository: str, number: int) -> tuple[Review, ...]:
        """GitHub lists the oldest first. A comment decides nothing; a dismissed review takes its author's decision away."""
        standing: dict[str, Review] = {}
        for found in self._client.pages(of_repository(repository, "pulls", number, "reviews")):
            if not found.has("submitted_at"):
                continue
            given = review(found)
            if given.state in DECIDING:
                standing[given.by.id] = given
            elif given.state == "dismissed":
                standing.pop(given.by.id, None)
        return tuple(given for given in standing.values() if given.by.id)

    def _associated(self, repository: str, sha: str) -> tuple[Node, ...]:
        """What GitHub finds itself. It answers an unknown commit with 422."""
        try:
            return tuple(self._client.pages(of_repository(repository, "commits", sha, "pulls")))
        except Permanent as problem:
            if "No commit found" in str(problem):
                return ()
            raise
