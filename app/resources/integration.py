"""`integration`: makes an account's integration available to the jobs that have it as IN (section 2.2)."""

from __future__ import annotations

from app.resources._base import Kind
from app.workflow.kinds import Use

plugin = Kind(
    name="integration",
    code=1018,
    help="The values of an integration, exported to the runs that have it as IN.",
    integration=Use.REQUIRED,
)
