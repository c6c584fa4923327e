"""What is done outside because something was decided: one file an errand.

An errand is a row of the outbox, done at least once by an errand worker. Each module offers `plugin` with its `name` and
`do(context, claimed) -> note`. Rules for every one:

* **At least once.** It may run again after a crash at any point. What it creates it looks up first (comments carry a marker); what it
  converges (statuses, edited comments) it compares with what was last written; events that it makes have keys.
* **Desired state.** A `replaces` errand holds no content: it reads what is wanted when it is done, and asks `claimed` to be still
  its own (`store.renew_errand`) just before it writes.
* **Errors.** `Temporary(after)` puts it off, with backoff from 1 s to 5 min, for 24 h; `Permanent`, `NotFound` and `Refused` fail it
  at once: shown by `gateline show --problems`, tried again by `gateline redo`. It blocks only errands of its own key.
* No errand sleeps, and none runs what a user wrote.
"""

from __future__ import annotations

from typing import Protocol

from app.context import Context
from app.store import Claimed


class ErrandKind(Protocol):
    @property
    def name(self) -> str: ...

    def do(self, context: Context, claimed: Claimed) -> str:
        """Does it; returns a short note for the row ("" for nothing to say)."""
        ...
