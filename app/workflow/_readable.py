"""Which lines of a comment its author says: not code, quotations, HTML, nor the tail of an e-mail. The forges' Markdown decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, autolink, backtick, html_inline, image, link
from markdown_it.token import Token

HIDDEN = "￼"
"""Stands, character for character, for what is inside inline code, HTML, a link or an image."""

LONGEST = 65_536
"""Characters of a comment that are looked at: what GitHub takes."""

_TAG = re.compile(r"""<!--.*?(?:-->|\Z)|<(/?)([A-Za-z][A-Za-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>""", re.DOTALL)
_CONTAINERS = frozenset(
    [
        "details",
        "summary",
        "blockquote",
        "pre",
        "code",
        "samp",
        "kbd",
        "tt",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "dl",
        "dd",
        "dt",
        "p",
        "section",
        "del",
        "s",
        "strike",
        "script",
        "style",
        "template",
        "textarea",
    ]
)
_FORWARDED = re.compile(r"-{2,} ?(original|forwarded) message ?-{2,}", re.IGNORECASE)
_WROTE = re.compile(
    r"(on|am|le|el|il|op)\b.{5,250}\b(wrote|schrieb|a écrit|escribió|ha scritto|schreef)\b.{0,80}:", re.IGNORECASE | re.DOTALL
)
_Rule = Callable[[StateInline, bool], bool]


@dataclass
class _Scan:
    """What reading one comment has come to: the HTML elements still open, and the masked characters of the paragraph in hand."""

    open: list[str] = field(default_factory=list)
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    def pass_tags(self, html: str) -> None:
        for close, name, _ in _TAG.findall(html):
            name = name.lower()
            if name not in _CONTAINERS:
                continue
            if not close:
                self.open.append(name)
            elif name in self.open:
                while self.open.pop() != name:
                    pass


def readable(text: str) -> tuple[str, ...]:
    """The lines of `text` that count, in order and as typed. What is inside a line and does not count is `HIDDEN`."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�")
    source = text.split("\n")
    scan = _Scan()
    env: dict[str, object] = {}
    lines: list[tuple[int, str]] = []
    quoted = 0
    for token in _BLOCKS.parse(text, env):
        quoted += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "html_block":
            scan.pass_tags(token.content)
        elif token.type == "inline" and not quoted:
            lines += _paragraph(token, scan, env, source)
    return tuple(_without_mail(lines, source))


def _paragraph(token: Token, scan: _Scan, env: dict[str, object], source: list[str]) -> Iterator[tuple[int, str]]:
    """(number, text) of the lines of one paragraph that begin as their line of the source does: not behind a list's bullet."""
    scan.spans = []
    _BLOCKS.inline.parse(token.content, _BLOCKS, {**env, "scan": scan, "content": token.content}, [])
    characters = list(token.content)
    tags = {start: html for start, _, html in scan.spans}
    for start, end, _ in scan.spans:
        characters[start:end] = ["\n" if character == "\n" else HIDDEN for character in characters[start:end]]
    first = token.map[0] if token.map else 0
    position = 0
    for number, line in enumerate("".join(characters).split("\n"), start=first):
        shown = not scan.open
        for start in range(position, position + len(line) + 1):
            scan.pass_tags(tags.pop(start, ""))
        if shown and source[number].lstrip().startswith(line.strip()[:1] or "\0"):
            yield number, line
        position += len(line) + 1


def _without_mail(lines: list[tuple[int, str]], source: list[str]) -> Iterator[str]:
    """Stops at a signature, a forwarded message, or the head of a quotation that is not marked by `>`."""
    for number, line in lines:
        text = line.strip()
        if text == "--" or _FORWARDED.fullmatch(text) or _heads_quotation(number, source):
            return
        yield line


def _heads_quotation(number: int, source: list[str]) -> bool:
    for length in (1, 2):
        head = " ".join(part.strip() for part in source[number : number + length])
        if _WROTE.fullmatch(head):
            below = next((line for line in source[number + length :] if line.strip()), ">")
            return not below.lstrip().startswith(">")
    return False


def _recording(rule: _Rule) -> _Rule:
    """`rule`, noting in the paragraph's scan what it took for something other than text."""

    def record(state: StateInline, silent: bool) -> bool:
        start, tokens = state.pos, len(state.tokens)
        taken = rule(state, silent)
        if taken and not silent and len(state.tokens) > tokens and state.src is state.env["content"]:
            html = state.src[start : state.pos] if rule is html_inline else ""
            state.env["scan"].spans.append((start, state.pos, html))
        return taken

    return record


def _parser() -> MarkdownIt:
    """CommonMark, less what only changes looks. A line of hyphens below a command is a signature here, never a heading."""
    parser = MarkdownIt("commonmark").disable(["lheading", "emphasis", "entity"])
    parser.core.ruler.disable("inline")
    for name, rule in (("backticks", backtick), ("html_inline", html_inline), ("autolink", autolink), ("link", link), ("image", image)):
        parser.inline.ruler.at(name, _recording(rule))
    return parser


_BLOCKS = _parser()
