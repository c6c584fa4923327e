"""Fetching `externalReferences` and pinning what they said in the configuration (spec/workflow-language.md section 1.1).

They are asked for without credentials, so that only public texts come; once a commit's are there, nothing is asked again for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.context import Context
from app.errors import Permanent, Temporary
from app.outward import Outward, Request
from app.store import Source
from app.workflow.definition import Place, Problem, Severity
from app.workflow.reading import MOST_BYTES
from app.workflow.references import references

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one soon."""


def imported(context: Context, source: Source, at: str, files: Mapping[str, bytes]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """URL -> text of the references in `files`, the source's at the commit `at`, and why some cannot be had. Raises Temporary."""
    listed = references(files)
    wanted = listed.places.keys()
    pinned = context.store.imports(source.key, at)
    if listed.problems or wanted <= pinned.keys():
        return {url: pinned[url].encode() for url in wanted if url in pinned}, ()
    texts, problems = _fetched(context.outward, listed.places)
    if problems:
        return {}, problems
    kept = context.store.pin_imports(source.key, at, texts, keep=source.commit)
    return {url: kept[url].encode() for url in wanted}, ()


def pinned(context: Context, account: str, repository: str) -> dict[str, str]:
    """URL -> text of what the adopted configurations of a repository imported. Nothing is asked for."""
    found: dict[str, str] = {}
    for source in context.store.sources(account, repository):
        found |= context.store.imports(source.key, source.commit)
    return found


def _fetched(outward: Outward, places: Mapping[str, Place]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    texts: dict[str, str] = {}
    problems = []
    for url, place in places.items():
        try:
            texts[url] = _text(outward, url)
        except Permanent as problem:
            problems.append(Problem(place, Severity.ERROR, f"the external reference {url} cannot be read: {problem}"))
    return texts, tuple(problems)


def _text(outward: Outward, url: str) -> str:
    reply = outward.send(Request(url, most=MOST_BYTES))
    if reply.status in _PASSING:
        raise Temporary(f"{url} answered {reply.status}")
    if 300 <= reply.status < 400:
        raise Permanent(f"it redirects to {reply.headers.get('location', 'nowhere')}, and redirects are not followed: name that URL")
    if reply.status != 200:
        raise Permanent(f"the answer was {reply.status}; only public texts can be imported")
    try:
        return reply.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Permanent("it is not UTF-8") from None
