"""What PyYAML's parser complains of, in sentences that say what to do."""

from __future__ import annotations

import re

import yaml

from app.workflow._composer import Mark

_CAUSES = (
    (
        re.compile(r"mapping values are not allowed"),
        "a `: ` stands where no key can be; put the whole value in quotes, or mend the indentation",
    ),
    (
        re.compile(r"block (end|mapping|collection)|expected key|expected '-' indicator|<block end>"),
        "the indentation does not fit the lines above",
    ),
    (re.compile(r"found unexpected end of stream"), "a quotation mark or bracket is never closed"),
    (re.compile(r"expected ',' or|flow (sequence|mapping|node)"), "a bracket is never closed, or a comma is missing"),
    (re.compile(r"anchor|alias"), "the name of an anchor or alias may have letters, digits, `-` and `_` only"),
    (re.compile(r"cannot start any token|reserved"), "a value that starts with this character needs quotes"),
    (re.compile(r"could not find expected ':'"), "a `:` is missing after a key, or a line of text is not indented far enough"),
    (re.compile(r"escape"), "a backslash in double quotes starts no known escape; use single quotes"),
    (re.compile(r"document start"), "this line does not continue what stands above; check its indentation"),
)


def mark_of(problem: yaml.MarkedYAMLError) -> Mark | None:
    """Where it is wrong: what is never closed is wrong where it begins."""
    unclosed = "end of stream" in (problem.problem or "")
    return (problem.context_mark if unclosed else None) or problem.problem_mark or problem.context_mark


def sentence_for(problem: yaml.MarkedYAMLError, line: str, position: str) -> str:
    """`line` is the text of the line complained of; `position` names the job and step, with a leading blank."""
    said = f"{problem.problem or ''} {problem.context or ''}"
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation:
        cause = "a tab stands in the indentation; YAML allows blanks only"
    else:
        cause = next((cause for pattern, cause in _CAUSES if pattern.search(said)), "this is not YAML")
    return f"{cause}{position} ({said.strip()})"
