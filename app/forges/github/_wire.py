"""One request to GitHub through PyGithub's requester: authentication, headers and transport are its, the judgement is ours.

Requests are made below PyGithub's objects, because what they hide decides here: repositories are addressed by numeric id
also where an answer carries URLs by name, a POST that is answered 307 is seen (PyGithub takes it for success, spec/forges.md
trap 32), and every status is mapped by one table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import requests
from github import Auth, Github
from github.GithubException import GithubException
from github.Requester import Requester
from urllib3 import Retry

from app.errors import Permanent, Temporary
from app.forges.github._errors import Answer, error_of

API_VERSION = "2022-11-28"
"""Pinned: 2026-03-10 breaks things, and older GHES knows no newer one (spec/forges.md A7, A11)."""
TIMEOUT = 20
PER_PAGE = 100
RETRY = Retry(
    total=2,
    connect=2,
    read=2,
    status=0,
    allowed_methods=frozenset({"GET"}),
    backoff_factor=0,
    status_forcelist=(),
    respect_retry_after_header=False,
)
"""A connection that broke is tried again at once, for GET only: a repeated POST would write twice. Statuses are never retried
here, because PyGithub's own retry sleeps for limits (spec/forges.md A7)."""


@dataclass(frozen=True, slots=True)
class Session:
    """A way to ask with one set of credentials. `born`: when its token was made, in seconds since the epoch."""

    requester: Requester
    token: str = field(repr=False)
    born: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `path` starts with a slash and is quoted already."""

    verb: str
    path: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    payload: Mapping[str, object] | None = None
    accept: str = "application/vnd.github+json"

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


def route(*parts: object) -> str:
    """A path of quoted parts: a branch `a/b#c` stays one part (spec/forges.md trap 20)."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def connect(api_url: str, auth: Auth.Auth) -> Requester:
    """A requester without pauses of its own: limits are answered by `Temporary`, never by sleeping."""
    return Github(
        auth=auth,
        base_url=api_url.rstrip("/"),
        timeout=TIMEOUT,
        user_agent="gateline",
        per_page=PER_PAGE,
        retry=RETRY,
        seconds_between_requests=0,
        seconds_between_writes=0,
        lazy=True,
        api_version=API_VERSION,
    ).requester


def ask(session: Session, request: Request, now: Callable[[], float]) -> Answer:
    """The answer, below 300. Raises Temporary, Permanent or NotFound as `error_of` maps the others."""
    answer = _answered(session.requester, request)
    if answer.status >= 300:
        raise error_of(str(request), answer, now(), now() - session.born)
    return answer


def _answered(requester: Requester, request: Request) -> Answer:
    try:
        status, headers, text = requester.requestJson(
            request.verb,
            request.path,
            parameters=dict(request.parameters),
            headers={"Accept": request.accept},
            input=dict(request.payload) if request.payload is not None else None,
        )
    except (requests.exceptions.RequestException, OSError) as problem:
        raise Temporary(f"GitHub could not be reached for {request}: {type(problem).__name__}.") from problem
    except (GithubException, AssertionError, RuntimeError) as problem:
        # PyGithub asserts argument types, and raises RuntimeError where a redirection leads to another host.
        raise Permanent(f"The request {request} cannot be made: {problem}. Check GATELINE_GITHUB_API_URL.") from problem
    return Answer(status, headers, _parsed(request, status, text))


def _parsed(request: Request, status: int, text: str) -> object:
    if not text:
        return None
    try:
        parsed: object = json.loads(text)
    except ValueError:
        if status < 300:
            raise Temporary(f"GitHub's answer to {request} is no JSON: something between us and it may have answered.") from None
        return {"message": "the answer is no JSON"}
    return parsed
