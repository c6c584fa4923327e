"""Asking GitHub: one method for each manner of asking, all by `Credentials`, and the clock that every answer tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime

from app.errors import NotFound, Permanent
from app.forges.github._budget import Budget
from app.forges.github._credentials import Credentials
from app.forges.github._errors import Answer
from app.forges.github._json import Node, node, nodes
from app.forges.github._wire import PER_PAGE, Request, ask
from app.workflow.line import Actor

Parameters = Mapping[str, str | int]


class Client:
    """Requests, their pages, and what is known of GitHub's clock and limits. `now`: our clock, in seconds since the epoch."""

    def __init__(self, credentials: Credentials, now: Callable[[], float]) -> None:
        self.credentials = credentials
        self._now = now
        self._me: Actor | None = None
        self.skew = 0.0
        self.budget = Budget(now)

    def get(self, path: str, parameters: Parameters | None = None) -> Node:
        """An object. Raises NotFound."""
        return node(self._ask(Request("GET", path, parameters or {})).body, path)

    def find(self, path: str, parameters: Parameters | None = None) -> Node | None:
        """An object, None when there is none (or it may not be seen: GitHub does not tell the two apart, trap 38)."""
        try:
            return self.get(path, parameters)
        except NotFound:
            return None

    def pages(self, path: str, parameters: Parameters | None = None, member: str = "") -> Iterator[Node]:
        """The items of a list, or of a list that is `member` of an object; the next page is asked for when it is needed."""
        page = 1
        while True:
            answer = self._ask(Request("GET", path, {**(parameters or {}), "per_page": PER_PAGE, "page": page}))
            yield from node(answer.body, path).nodes(member) if member else nodes(answer.body, path)
            if 'rel="next"' not in answer.headers.get("link", ""):
                return
            page += 1

    def post(self, path: str, payload: Mapping[str, object]) -> Node:
        """Creates something. Whatever GitHub creates has an id: an answer without one is none (trap 32)."""
        made = node(self._ask(Request("POST", path, payload=payload)).body, path)
        if not made.has("id"):
            raise Permanent(f"GitHub's answer to POST {path} has no id: nothing was created.")
        return made

    def patch(self, path: str, payload: Mapping[str, object]) -> Node:
        return node(self._ask(Request("PATCH", path, payload=payload)).body, path)

    def graphql(self, place: str, query: str, variables: Mapping[str, object]) -> Node:
        """For what REST does not have, with the credentials of `place` (a path). GitHub answers errors of GraphQL with 200."""
        session = self.credentials.session(place)
        request = Request("POST", session.requester.graphql_url, payload={"query": query, "variables": dict(variables)})
        answered = node(self._heard(ask(session, request, self._now)).body, "graphql")
        for problem in answered.nodes("errors"):
            raise Permanent(f"GitHub refused a GraphQL request: {problem.text('message', 'no reason told')}.")
        return answered

    def token_for(self, path: str) -> str:
        """The secret that may be used for a path, for git."""
        return self.credentials.session(path).token

    def me(self) -> Actor:
        """Whom the credentials belong to; asked once."""
        if self._me is None:
            self._me = self.credentials.me()
        return self._me

    def _ask(self, request: Request) -> Answer:
        return self._heard(ask(self.credentials.session(request.path), request, self._now))

    def _heard(self, answer: Answer) -> Answer:
        """Learns GitHub's clock and what is left of its budget. `Date` has whole seconds: half of one is what it lacks on average."""
        self.budget.hear(answer.headers)
        told = answer.headers.get("date")
        if told:
            self.skew = self._now() - (parsedate_to_datetime(told).timestamp() + 0.5)
        return answer


class Part:
    """One part of what the forge can do, by the client that all parts share."""

    def __init__(self, client: Client) -> None:
        self._client = client
