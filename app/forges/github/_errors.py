"""What an answer of GitHub's that is no success means for the caller (spec/forges.md A7, D 32-41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import GatelineError, NotFound, Permanent, Temporary

SECONDARY_PAUSE = 60.0
"""Seconds to stay away after a limit that says nothing of its end: GitHub asks for at least a minute."""
CONFLICT_PAUSE = 5.0
YOUNG = 10.0
"""Seconds in which a new installation token may not be known everywhere yet (trap 35)."""
YOUNG_PAUSE = 2.0
LIMIT_WORDS = ("rate limit", "abuse detection", "please wait a few minutes", "retry your request again later")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, `body` is parsed JSON (None when empty)."""

    status: int
    headers: Mapping[str, str]
    body: object

    @property
    def message(self) -> str:
        """GitHub's own words, with the details of a 422."""
        if not isinstance(self.body, Mapping):
            return ""
        details = [_detail(item) for item in self.body.get("errors") or () if isinstance(self.body.get("errors"), list)]
        return "; ".join(filter(None, (str(self.body.get("message") or ""), *details)))


def _detail(item: object) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    return str(item.get("message") or " ".join(str(item[key]) for key in ("resource", "field", "code") if key in item))


def error_of(asked: str, answer: Answer, now: float, token_age: float = YOUNG + 1) -> GatelineError:
    """The error for an answer of 300 or more to `asked` (as in `POST /repositories/1/statuses/abc`).

    `now` in seconds since the epoch, `token_age` in seconds.
    """
    status, words = answer.status, answer.message
    said = f"GitHub answered {status} to {asked}" + (f": {words.rstrip('.')}" if words else "")
    if status == 429 or (status == 403 and _is_limit(answer)):
        return Temporary(f"{said}. A rate limit of GitHub's is used up.", _pause(answer, now))
    if status in (401, 403) and token_age < YOUNG and "suspended" not in words:
        return Temporary(f"{said}. The token is new and may not be known everywhere yet.", YOUNG_PAUSE)
    if status >= 500 or status == 408:
        return Temporary(f"{said}. GitHub has trouble; the request will be repeated.", _retry_after(answer))
    if status == 409 and "empty" not in words.lower():
        return Temporary(f"{said}. Something else is changing it.", CONFLICT_PAUSE)
    if status in (404, 409, 410):
        return NotFound(f"{said}. It does not exist, or the credentials may not see it.")
    return Permanent(f"{said}. {_remedy(answer)}")


def _is_limit(answer: Answer) -> bool:
    """A 403 is a limit when it says so: by header or by words (trap 37)."""
    words = answer.message.lower()
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in answer.headers or any(phrase in words for phrase in LIMIT_WORDS)


def _pause(answer: Answer, now: float) -> float:
    """`Retry-After`, else until the limit is reset, else a minute (spec/forges.md A7)."""
    told = _retry_after(answer)
    if told is not None:
        return told
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(float(reset) - now, 0.0) + 1.0
    return SECONDARY_PAUSE


def _retry_after(answer: Answer) -> float | None:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else None


def _remedy(answer: Answer) -> str:
    """What an administrator has to do."""
    words, status = answer.message.lower(), answer.status
    if 300 <= status < 400:
        return "The repository has moved: GitHub did not carry the request over."
    if status == 401:
        return "The credentials are wrong or expired: set GATELINE_GITHUB_TOKEN, or the App's id and key, anew."
    if "archived" in words:
        return "Archived repositories take no writes: unarchive it, or remove it from Gateline."
    if "suspended" in words:
        return "The App's installation is suspended: an owner of the account can unsuspend it."
    if status == 403:
        needed = answer.headers.get("x-accepted-github-permissions", "")
        return f"Give the credentials the permission they lack{f' (one of: {needed})' if needed else ''}."
    return "Repeating it would fail again."
