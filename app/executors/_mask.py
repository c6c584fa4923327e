"""Takes secrets out of a stream of bytes by literal search: as they are, and in the forms in which they leak.

No regular expressions: a secret may hold anything, and logs may be large. What could be the beginning of a secret at the end of a piece is
held back until the next one shows.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

SHOWN = b"***"
SHORTEST = 3
"""Characters: shorter strings occur everywhere by chance, so that masking them would tell them by the gaps."""
SHORTEST_PART = 4
"""Characters of one line of a secret of several, or bytes of a base64 form, that are masked for themselves."""


class Masker:
    """`secrets` are the texts never to be shown; each also without the space around it, URL-encoded, as JSON, by lines and in base64."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {form for secret in secrets for form in _forms(secret)}
        self._needles = sorted(found, key=len, reverse=True)
        self._held = b""
        self._covered = 0

    def feed(self, piece: bytes) -> bytes:
        """What can be shown now; the end may be held back."""
        return self._show(self._held + piece, last=False)

    def flush(self) -> bytes:
        """What was held back: nothing more comes."""
        return self._show(self._held, last=True)

    def text(self, text: str) -> str:
        """A whole text without secrets; the stream is not touched."""
        return self.content(text.encode("utf-8", errors="replace")).decode("utf-8", errors="replace")

    def content(self, whole: bytes) -> bytes:
        """Likewise of bytes."""
        return b"".join(_pieces(whole, self._find(whole), len(whole)))

    def holds(self, whole: bytes, shortest: int) -> bool:
        """Whether a secret, in a form of `shortest` bytes or more, is in it."""
        return any(len(needle) >= shortest and needle in whole for needle in self._needles)

    def _show(self, block: bytes, last: bool) -> bytes:
        """The first `_covered` bytes of `block` belong to a secret whose gap is shown already."""
        gone = self._covered
        spans = _merged([(0, gone), *self._find(block)]) if gone else self._find(block)
        hold = len(block) if last else self._beginning(block)
        shown = _pieces(block, spans, hold)
        self._held = block[hold:]
        self._covered = max((end - hold for start, end in spans if start < hold < end), default=max(0, gone - hold))
        return b"".join(shown[1:] if gone and hold else shown)

    def _find(self, block: bytes) -> list[tuple[int, int]]:
        """The places of secrets, in order, those that overlap as one."""
        spans = []
        for needle in self._needles:
            at = block.find(needle)
            while at >= 0:
                spans.append((at, at + len(needle)))
                at = block.find(needle, at + 1)
        return _merged(spans)

    def _beginning(self, block: bytes) -> int:
        """Where the end of `block` begins that may be the beginning of a secret."""
        hold = len(block)
        for needle in self._needles:
            at = block.find(needle[:1], max(0, len(block) - len(needle) + 1), hold)
            while 0 <= at < hold:
                if needle.startswith(block[at:]):
                    hold = at
                else:
                    at = block.find(needle[:1], at + 1, hold)
        return hold


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _pieces(block: bytes, spans: list[tuple[int, int]], to: int) -> list[bytes]:
    """`block[:to]` with a gap for each span that begins before `to`; a span at the very beginning is the first piece."""
    pieces, last = [], 0
    for start, end in spans:
        if start < to:
            pieces += [block[last:start], SHOWN] if start else [SHOWN]
            last = end
    return [*pieces, block[last:to]]


def _forms(secret: str) -> Iterator[bytes]:
    for text in {secret, secret.strip()}:
        if len(text) < SHORTEST:
            continue
        raw = text.encode("utf-8", errors="surrogateescape")
        yield raw
        yield from _encoded(text, raw)
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(line) >= SHORTEST_PART:
                yield line.encode("utf-8", errors="surrogateescape")


def _encoded(text: str, raw: bytes) -> Iterator[bytes]:
    for form in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield form.encode()
        yield _lower_hex(form).encode()
    for form in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield form.encode("utf-8", errors="surrogateescape")
    for shift in range(3):
        core = _base64_core(raw, shift)
        if len(core) >= SHORTEST_PART:
            yield core
            yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _lower_hex(quoted: str) -> str:
    parts = quoted.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _base64_core(raw: bytes, shift: int) -> bytes:
    """The base64 characters that `raw` alone decides when `shift` bytes (modulo 3) stand before it."""
    encoded = b64encode(b"\0" * shift + raw)
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(raw)) * 8 // 6]
