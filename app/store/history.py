"""Versions, candidates, ticks and events, for pages, API and clock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, func, literal, select, true

from app.errors import NotFound
from app.store.codec import load_facts
from app.store.happened import candidates, lineage, runs, versions
from app.store.load_nodes import with_approvals
from app.store.part import Part
from app.store.rows import version_of
from app.store.tables import events, lanes, nodes
from app.store.told import told
from app.workflow.line import Candidate, CandidateState, RunRef, Version, VersionRef


class History(Part):
    def version(self, account: str, ref: VersionRef) -> tuple[int, Version] | None:
        """The database's id (VERSIONID) and the version."""
        this = (versions.c.account == account, versions.c.name == ref.name, versions.c.number == ref.number)
        with self.database.read() as transaction:
            row = transaction.row(select(versions).where(*this))
            return (row.id, version_of(row)) if row else None

    def versions(self, account: str, name: str, limit: int = 50) -> tuple[tuple[int, Version], ...]:
        """Newest first, of all lanes."""
        query = select(versions).where(versions.c.account == account, versions.c.name == name)
        with self.database.read() as transaction:
            rows = transaction.rows(query.order_by(versions.c.number.desc()).limit(limit))
            return tuple((row.id, version_of(row)) for row in rows)

    def lane_head(self, account: str, lane: str) -> tuple[str, str] | None:
        """(repository, SHA) of the newest commit that a lane, open or closed, is known to have had."""
        query = select(lanes.c.repository, lanes.c.head).where(lanes.c.account == account, lanes.c.lane == lane)
        with self.database.read() as transaction:
            row = transaction.row(query)
            return (row.repository, row.head) if row else None

    def lane_files(self, account: str, lane: str) -> tuple[tuple[str, str], ...]:
        """(name, key of its files) of the newest version of each name in a lane, by name; those without files are left out."""
        mine = (versions.c.account == account, versions.c.lane == lane)
        newest = select(func.max(versions.c.id)).where(*mine).group_by(versions.c.name)
        with self.database.read() as transaction:
            rows = transaction.rows(select(versions.c.name, versions.c.files).where(versions.c.id.in_(newest)).order_by(versions.c.name))
            return tuple((row.name, row.files) for row in rows if row.files)

    def drop_lane(self, account: str, lane: str) -> int:
        """Forgets the versions of a closed lane; returns how many. A lane that was opened again keeps them.

        Archives of state files stay: equal files share one.
        """
        with self.database.write() as transaction:
            closed = select(lanes.c.closed).where(lanes.c.account == account, lanes.c.lane == lane)
            row = transaction.row(closed)
            if row is None or row.closed is None:
                return 0
            return transaction.run(delete(versions).where(versions.c.account == account, versions.c.lane == lane))

    def trace(self, account: str, ref: VersionRef) -> tuple[tuple[int, VersionRef], ...]:
        """The transitive inputs of a version, depth first, as (depth, version); each once, where it is first met."""
        with self.database.read() as transaction:
            parents: dict[VersionRef, list[VersionRef]] = {}
            for row in transaction.rows(_ancestry(account, ref)):
                parent = VersionRef(row.parent, row.parent_number)
                parents.setdefault(VersionRef(row.name, row.number), []).append(parent)
        met: dict[VersionRef, int] = {ref: 0}
        waiting = [(1, parent) for parent in sorted(parents.get(ref, ()), reverse=True)]
        while waiting:
            depth, version = waiting.pop()
            if version not in met:
                met[version] = depth
                waiting += [(depth + 1, parent) for parent in sorted(parents.get(version, ()), reverse=True)]
        return tuple((depth, version) for version, depth in met.items() if version != ref)

    def object_id(self, account: str, name: str) -> int:
        """The stable id of a job or resource (RESOURCE_ID). Raises NotFound."""
        with self.database.read() as transaction:
            row = transaction.row(select(nodes.c.id).where(nodes.c.account == account, nodes.c.name == name))
        if row is None:
            raise NotFound(f"{account} has no job or resource called {name}.")
        return int(row.id)

    def candidate(self, account: str, job: str, number: int) -> Candidate | None:
        this = (candidates.c.account == account, candidates.c.job == job, candidates.c.number == number)
        found = self._candidates(select(candidates).where(*this))
        return found[0][1] if found else None

    def candidates(self, account: str | None = None, job: str | None = None, open_only: bool = True) -> tuple[tuple[str, Candidate], ...]:
        """(account, candidate), oldest first; of ended ones too the newest 500."""
        query = select(candidates).order_by(candidates.c.id.desc()).limit(500)
        if account is not None:
            query = query.where(candidates.c.account == account)
        if job is not None:
            query = query.where(candidates.c.job == job)
        if open_only:
            query = query.where(candidates.c.state == CandidateState.OPEN.value)
        return self._candidates(query)[::-1]

    def due_candidates(self) -> tuple[tuple[str, Candidate], ...]:
        """(account, candidate) of the open ones whose gate's timeout has passed."""
        with self.database.read() as transaction:
            now = transaction.now
        shut = (candidates.c.state == CandidateState.OPEN.value, candidates.c.expires <= now)
        return self._candidates(select(candidates).where(*shut).order_by(candidates.c.expires))

    def due_runs(self) -> tuple[tuple[str, RunRef], ...]:
        """(account, run) of those whose wait for another try has passed."""
        with self.database.read() as transaction:
            query = select(runs.c.account, runs.c.job, runs.c.number).where(runs.c.due <= transaction.now, runs.c.live == true())
            return tuple((row.account, RunRef(row.job, row.number)) for row in transaction.rows(query.order_by(runs.c.due)))

    def _candidates(self, query: Select[Any]) -> tuple[tuple[str, Candidate], ...]:
        with self.database.read() as transaction:
            rows = transaction.rows(query)
            return tuple((row.account, each) for row in rows for each in with_approvals(transaction, row.account, [row]))

    def due_times(self) -> tuple[tuple[str, str, str, float], ...]:
        """(account, resource, cron expression, last tick or definition time) of `time` resources, to see what is due."""
        last = (
            select(func.max(versions.c.created))
            .where(versions.c.account == nodes.c.account, versions.c.name == nodes.c.name)
            .where(versions.c.number == nodes.c.next_version - 1)
            .correlate(nodes)
            .scalar_subquery()
        )
        query = select(nodes.c.account, nodes.c.name, nodes.c.resource, nodes.c.defined, last.label("last"))
        with self.database.read() as transaction:
            rows = transaction.rows(query.where(nodes.c.type == "time").order_by(nodes.c.id))
        return tuple(
            (row.account, row.name, str(row.resource.content.get("interval", "")), max(row.last or 0.0, row.defined))
            for row in rows
            if row.resource is not None
        )

    def events(self, account: str, limit: int = 50) -> tuple[tuple[float, str, str, tuple[str, ...]], ...]:
        """Newest first: (at, kind, key, sentences of what was decided or why nothing was)."""
        query = select(events).where(events.c.account == account).order_by(events.c.id.desc()).limit(limit)
        with self.database.read() as transaction:
            rows = transaction.rows(query)
        return tuple((row.at, row.kind, row.key, told(load_facts(row.facts))) for row in rows)


def _ancestry(account: str, ref: VersionRef) -> Select[Any]:
    """All rows of lineage behind a version, by one recursive query."""
    behind = select(literal(ref.name).label("name"), literal(ref.number).label("number")).cte("behind", recursive=True)
    here = (lineage.c.account == account) & (lineage.c.name == behind.c.name) & (lineage.c.number == behind.c.number)
    behind = behind.union(select(lineage.c.parent, lineage.c.parent_number).join(behind, here))
    again = (lineage.c.account == account) & (lineage.c.name == behind.c.name) & (lineage.c.number == behind.c.number)
    return select(lineage.c.name, lineage.c.number, lineage.c.parent, lineage.c.parent_number).join(behind, again)
