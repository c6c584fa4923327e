"""What was last written outside: commit statuses, and the comments and messages that are ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select

from app.forges import CommitState
from app.store.around import posted, statuses
from app.store.part import Part
from app.store.values import Posted, Written


def _written_of(row: Row[Any]) -> Written:
    state = CommitState(row.state)
    return Written(row.repository, row.sha, row.context, state, row.description, row.url, row.at)


class Outside(Part):
    def written(self, repository: str, sha: str, context: str) -> Written | None:
        return next((each for each in self.written_on(repository, sha) if each.context == context), None)

    def written_on(self, repository: str, sha: str) -> tuple[Written, ...]:
        """Of all contexts, by name."""
        query = select(statuses).where(statuses.c.repository == repository, statuses.c.sha == sha)
        with self.database.read() as transaction:
            return tuple(_written_of(row) for row in transaction.rows(query.order_by(statuses.c.context)))

    def set_written(self, written: Written) -> None:
        """Remembers a status in the place of what its context had. The job is what stands behind `<bot>/` in the context."""
        row = asdict(written) | {"state": written.state.value, "job": written.context.partition("/")[2]}
        with self.database.write() as transaction:
            transaction.upsert(statuses, [row])

    def posted(self, purpose: str, subject: str) -> Posted | None:
        return self._posted({"purpose": purpose, "subject": subject})

    def posted_as(self, place: str, id: str) -> Posted | None:
        """Which of ours a comment with this id in this place is, None when it is not ours."""
        return self._posted({"place": place, "id": id})

    def _posted(self, where: Mapping[str, str]) -> Posted | None:
        with self.database.read() as transaction:
            row = transaction.row(select(posted).filter_by(**where))
            return Posted(**row._mapping) if row else None

    def set_posted(self, thing: Posted) -> None:
        with self.database.write() as transaction:
            transaction.upsert(posted, [asdict(thing)])
