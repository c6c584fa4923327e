"""Reads the text of a comment: which commands it holds, and what is wrong with those that are misspelt (product.md section 3).

Nothing here knows who wrote the comment, what may be done, or what any verb means; each verb's `Syntax` says what it takes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TypeAlias

from app.workflow import say
from app.workflow._readable import HIDDEN, readable
from app.workflow._words import Unclosed, split

MOST = 20
"""Commands of one comment that are read; the rest is refused in one answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """One command, as typed. `index` counts the commands of its comment from 0; `line` is the whole line.

    What the verb's syntax does not have is empty. `break_glass` (an administrator's reason) never comes from a comment.
    """

    verb: str
    index: int = 0
    line: str = ""
    job: str = ""
    digest: str = ""
    resource: str = ""
    version: str = ""
    sha: str = ""
    values: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    break_glass: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that was meant as a command and is none: `sentence` says why, `type` is a line that would work ("" for none)."""

    line: str
    sentence: str
    type: str = ""
    index: int = 0


Said: TypeAlias = Call | Mistake


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a verb takes. `required` and `optional` name fields of `Call` in order; `values` is whether KEY=VALUE may follow."""

    usage: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    values: bool = False

    @classmethod
    def of(cls, usage: str) -> Syntax:
        """From `approve JOB [DIGEST] [-- REASON]`, `trigger JOB [KEY=VALUE ...]`: what help shows is what is read."""
        words = usage.partition(" [--")[0].split()[1:]
        named = [word for word in words if word not in ("[KEY=VALUE", "...]")]
        return cls(
            usage,
            tuple(word.lower() for word in named if word[0] != "["),
            tuple(word.strip("[]").lower() for word in named if word[0] == "["),
            "[KEY=VALUE" in words,
        )


def read(text: str, bot: str, bare: frozenset[str], verbs: Mapping[str, Syntax]) -> tuple[Said, ...]:
    """The commands of a comment in order, one a line. Never raises.

    `/bot verb`, `@bot verb` and `@bot[bot] verb` are always meant for us, `/verb` when it is in `bare`. Other lines say nothing.
    """
    found: list[Said] = []
    for line in readable(text):
        said = _line(_visible(line).strip(), bot.casefold(), bare, verbs)
        if said is not None:
            found.append(replace(said, index=len(found)))
        if len(found) > MOST:
            return (*found[:MOST], Mistake(line.strip(), say.too_many(MOST), index=MOST))
    return tuple(found)


def _line(line: str, bot: str, bare: frozenset[str], verbs: Mapping[str, Syntax]) -> Said | None:
    start = fold(line[:200]).split()
    if not start:
        return None
    if start[0] in (f"/{bot}", f"@{bot}", f"@{bot}[bot]"):
        return _prefixed(line, start, f"/{bot}", verbs)
    verb = start[0][1:]
    if start[0][0] == "/" and verb in bare and verb in verbs:
        return _call(line, 1, verb, f"/{bot}", verbs[verb])
    return None


def _prefixed(line: str, start: list[str], prefix: str, verbs: Mapping[str, Syntax]) -> Said:
    verb = start[1] if len(start) > 1 else ""
    if verb in verbs:
        return _call(line, 2, verb, prefix, verbs[verb])
    nearest = next(iter(get_close_matches(verb, verbs, 1, 0.6)), "")
    return Mistake(line, say.unknown_verb(verb, nearest), f"{prefix} {verbs[nearest].usage if nearest else 'help'}")


def _call(line: str, skipped: int, verb: str, prefix: str, syntax: Syntax) -> Said:
    try:
        words, reason = split(line, skipped)
    except Unclosed:
        return Mistake(line, say.UNCLOSED_QUOTE, f"{prefix} {syntax.usage}")
    values = [word for word in words if syntax.values and word.key]
    positional = [word.text for word in words if word not in values]
    wrong = _misfit(verb, syntax, positional, any(HIDDEN in word.text for word in words))
    if wrong:
        return Mistake(line, wrong, f"{prefix} {syntax.usage}")
    given = dict(zip(syntax.required + syntax.optional, positional, strict=False))
    return Call(
        verb,
        line=line,
        job=given.get("job", ""),
        digest=given.get("digest", ""),
        resource=given.get("resource", ""),
        version=given.get("version", ""),
        sha=given.get("sha", ""),
        values=tuple((word.key, word.value) for word in values),
        reason=reason,
    )


def _misfit(verb: str, syntax: Syntax, words: list[str], hidden: bool) -> str:
    """Why these words are not what `verb` takes, "" when they are."""
    most = len(syntax.required) + len(syntax.optional)
    if hidden:
        return say.HIDDEN_WORD
    if len(words) < len(syntax.required):
        return say.missing(verb, syntax.required[len(words)].upper())
    return say.left_over(verb, words[most], most > 0) if len(words) > most else ""


_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹣－"), "-")


def fold(name: str) -> str:
    """`name` as names are compared: NFKC, dashes alike, nothing invisible, whatever its case."""
    return unicodedata.normalize("NFKC", _visible(name)).translate(_DASHES).casefold()


def _visible(text: str) -> str:
    """`text` without zero-width and other characters that nobody sees."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def named(typed: str, names: Iterable[str]) -> tuple[str, ...]:
    """Which of `names` somebody means: the one that is spelt just so, else those alike under `fold` (one: that is it)."""
    known = tuple(names)
    return (typed,) if typed in known else tuple(name for name in known if fold(name) == fold(typed))


def alike(typed: str, names: Iterable[str]) -> Iterator[str]:
    """Up to three of `names` that somebody may have meant, nearest first."""
    folded = {fold(name): name for name in names}
    return (folded[each] for each in get_close_matches(fold(typed), folded, 3, 0.6))
