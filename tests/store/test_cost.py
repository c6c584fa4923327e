"""A decision costs what it touches, however much else there is (architecture.md section 6, rule 10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import event, text

from app.store import Store
from app.workflow import facts as made
from app.workflow.definition import Input
from app.workflow.errands import Errand
from app.workflow.line import MAIN, Lane, Need, RunRef, Status, Taken, VersionRef
from tests.store.making import ACCOUNT, REPOSITORY, SHA, candidate, job, known, react, resource, run, version

PUSH_NEEDS = [
    Need("watching", REPOSITORY),
    Need("tip", REPOSITORY, extra="refs/heads/main"),
    *(Need("node", name) for name in ("app-0", "job-0", "job-1")),
    *(Need("past", name, lane) for name in ("app-0", "job-0", "job-1") for lane in (MAIN, Lane("pr/1@github:7"))),
    Need("version", "app-0", extra="#1"),
    Need("version", "app-0", extra="v1"),
    Need("lane", lane=Lane("pr/1@github:7")),
    Need("commit", REPOSITORY, extra=SHA),
    Need("run", "job-0", extra="1"),
    Need("allowed", REPOSITORY, extra=SHA),
    Need("opened", lane=Lane("pr/1@github:7")),
    Need("heads", REPOSITORY, extra="topic"),
    Need("authors", "app-0", extra="0..2"),
]
"""What a simple push asks, over all kinds of needs but a worker's `queue` and an adoption's `fragments`."""


def fill(store: Store, jobs: int, runs_each: int) -> None:
    """`jobs` jobs in pairs behind one gitRepo each, with a past of runs, versions and candidates."""
    names = range(jobs)
    react(
        store,
        made.ResourceDefined(resource("app-0"), REPOSITORY),
        *(made.ResourceDefined(resource(f"app-{each}"), f"github:{each + 1000}") for each in names if each % 2 == 0 and each),
        *(made.JobDefined(job(f"job-{each}", Input(f"app-{each - each % 2}"))) for each in names),
        *(made.VersionAdded(version(f"app-{each}")) for each in names if each % 2 == 0),
    )
    past = [(f"job-{each}", number) for each in names for number in range(1, runs_each + 1)]
    cause = made.Cause("tick", "tick")
    took = (Taken("app-0", VersionRef("app-0", 1)),)
    react(
        store,
        *(made.RunAdded(run(name, number, Status.FAILED, causes=(cause,), inputs=took)) for name, number in past),
        *(made.VersionAdded(version(name, number, status=Status.FAILED)) for name, number in past),
        *(
            made.CandidateProposed(candidate(name, state=made.CandidateState.OPENED, causes=(cause,)))
            for name, number in past
            if number == 1
        ),
    )


@contextmanager
def steps_of_sqlite(store: Store) -> Iterator[Callable[[], int]]:
    """Counts what SQLite's virtual machine does, in steps of 10 instructions, on every connection checked out meanwhile."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    def begin(connection: Any, record: Any, proxy: Any) -> None:
        connection.set_progress_handler(count, 10)

    event.listen(store.database.engine, "checkout", begin)
    yield lambda: counted[0]
    event.remove(store.database.engine, "checkout", begin)


def work_of_reports_workers_and_clock(store: Store) -> None:
    store.standing(REPOSITORY, SHA)
    store.runs_of_commit(REPOSITORY, SHA)
    store.runs(ACCOUNT, "job-0", limit=3)
    store.runs(ACCOUNT, live=True)
    store.versions(ACCOUNT, "job-0", limit=3)
    store.candidates(ACCOUNT)
    store.due_candidates()
    store.due_times()
    store.queued_accounts(["default"])
    store.due_queues()
    store.claim_errand("w", 30.0)
    store.sweep()
    known(store, Need("queue", extra="default"))


def cost(url: str, folder: Path, jobs: int, runs_each: int) -> int:
    """Steps that a push's needs take, and what follows from it."""
    with closing(Store(url, folder, ())) as store:
        fill(store, jobs, runs_each)
        with steps_of_sqlite(store) as steps:
            known(store, *PUSH_NEEDS)
            work_of_reports_workers_and_clock(store)
            return steps()


def test_five_thousand_jobs_and_twenty_thousand_runs_cost_a_push_no_more_than_ten_and_forty(sqlite_template: Path, tmp_path: Path) -> None:
    urls = []
    for name in ("small", "large"):
        (tmp_path / name).write_bytes(sqlite_template.read_bytes())
        urls.append(f"sqlite:///{tmp_path / name}")
    small, large = cost(urls[0], tmp_path, 10, 4), cost(urls[1], tmp_path, 5000, 4)
    assert large < small * 1.3


def test_a_long_past_of_one_job_costs_a_push_no_more(sqlite_template: Path, tmp_path: Path) -> None:
    urls = []
    for name in ("short", "long"):
        (tmp_path / name).write_bytes(sqlite_template.read_bytes())
        urls.append(f"sqlite:///{tmp_path / name}")
    short, long = cost(urls[0], tmp_path, 2, 5), cost(urls[1], tmp_path, 2, 5000)
    assert long < short * 1.3


def test_postgresql_finds_by_index_what_a_push_needs(postgres_url: str, tmp_path: Path) -> None:
    asked: list[tuple[str, Any]] = []
    with closing(Store(postgres_url, tmp_path, ())) as store:
        fill(store, 2000, 4)
        with store.database.write() as transaction:
            transaction.run(text("ANALYZE"))

        def remember(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
            asked.append((statement, parameters))

        event.listen(store.database.engine, "before_cursor_execute", remember)
        known(store, *PUSH_NEEDS)
        event.remove(store.database.engine, "before_cursor_execute", remember)
        with store.database.read() as transaction:
            for statement, parameters in asked:
                if statement.startswith("SELECT") and "FROM accounts" not in statement:
                    plan = "\n".join(row[0] for row in transaction.connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
                    assert not re.search(r"Seq Scan on (runs|versions|nodes|candidates|edges)\b", plan), f"{statement}\n{plan}"


def test_a_fan_out_of_two_thousand_is_written_in_seconds(store: Store) -> None:
    """In well under a second when the machine is free; the limit is for one that is not."""
    react(store, *(made.JobDefined(job(f"job-{number}")) for number in range(2000)))
    began = perf_counter()
    react(
        store,
        made.VersionAdded(version()),
        *(made.RunAdded(run(f"job-{number}")) for number in range(2000)),
        errands=[Errand("set_status", {"job": f"job-{number}"}, f"status:{number}", True) for number in range(2000)],
    )
    assert perf_counter() - began < 6
    assert store.object_id(ACCOUNT, "job-1999")
    assert store.run(ACCOUNT, RunRef("job-1999", 1)) is not None


def test_the_needs_of_two_thousand_names_are_answered_in_few_queries(store: Store) -> None:
    names = [f"job-{number}" for number in range(2000)]
    react(store, *(made.JobDefined(job(name)) for name in names), *(made.RunAdded(run(name)) for name in names))
    asked: list[str] = []

    def remember(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(store.database.engine, "before_cursor_execute", remember)
    found = known(store, *(Need("node", name) for name in names), *(Need("past", name) for name in names))
    event.remove(store.database.engine, "before_cursor_execute", remember)
    assert len(found[Need("node", "job-7")].active) == 1
    assert len(asked) < 100
