"""`state`: files and key-values that any job may read and write; it never triggers (sections 2.2 and 5)."""

from __future__ import annotations

from app.resources._base import Kind

plugin = Kind(
    name="state",
    code=1022,
    help="Files and key-values shared by jobs, both ways, without triggering any.",
    silent=True,
    files=True,
)
