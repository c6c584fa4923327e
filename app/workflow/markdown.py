"""Writing Markdown that neither forges nor readers can be tricked by: fences, cells, and text that mentions nobody.

No line that we write starts with `/` (GitLab would execute it), no `@` is live outside announcements, and all foreign text is fenced
or escaped (product.md section 6, spec/forges.md B5.4, traps 4 and 52).
"""

from __future__ import annotations

import re

MOST_BYTES = 60_000
"""Bytes of a comment that we write at most."""
ZERO_WIDTH = "\u200b"


def fence(text: str, language: str = "text") -> str:
    """`text` in a fence longer than any run of backticks in it, without control characters."""
    clean = "".join(char for char in text if char in "\n\t" or char >= " ")
    longest = max((len(run) for run in re.findall(r"`+", clean)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{clean}\n{ticks}"


def code(text: str) -> str:
    """`text` on one line as inline code, whatever it contains; safe in a table cell."""
    line = " ".join(text.split()).replace("|", "¦")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}" if line else ""


def plain(text: str) -> str:
    """Foreign text on one line as text: nothing in it is markup, a mention, a reference or a link."""
    line = " ".join(text.split())
    escaped = re.sub(r"([\\`*_{}\[\]<>()#+!|~-])", r"\\\1", line)
    quiet = escaped.replace("@", f"@{ZERO_WIDTH}").replace("#", f"#{ZERO_WIDTH}").replace("://", f":{ZERO_WIDTH}//")
    return f"{ZERO_WIDTH}{quiet}" if quiet.startswith("/") else quiet


def link(text: str, url: str) -> str:
    """Inline code linked to one of our own pages."""
    return f"[{code(text)}]({url})" if url else code(text)


def details(summary: str, body: str) -> str:
    """A block that opens on a click. `summary` is our own text."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def cut(text: str, most: int = MOST_BYTES) -> str:
    """At most `most` bytes of UTF-8, cut at a line's end, with open fences and details closed and a note that it was cut."""
    if len(text.encode()) <= most:
        return text
    room = most - 200
    kept = text.encode()[:room].decode(errors="ignore").rpartition("\n")[0]
    return kept + _closing(kept) + "\n\n… cut here: the whole is on the run's page."


def _closing(text: str) -> str:
    """What closes the fence and the details that `text` leaves open."""
    open_fence = ""
    for line in text.splitlines():
        ticks = re.match(r"`{3,}", line)
        if ticks and not open_fence:
            open_fence = ticks.group()
        elif open_fence and line.strip() == open_fence:
            open_fence = ""
    missing = text.count("<details>") - text.count("</details>")
    return (f"\n{open_fence}" if open_fence else "") + "\n\n</details>" * missing
