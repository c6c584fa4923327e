"""`externalCIServer`: stands for a CI server elsewhere, whose builds externalCI jobs are told of (sections 2.2 and 3.4)."""

from __future__ import annotations

from app.resources._base import Kind

plugin = Kind(
    name="externalCIServer",
    code=1023,
    help="A CI server elsewhere, whose builds are posted to externalCI jobs.",
    out=False,
)
