"""`make bench`: how long decisions, durable deliveries and masked logs take, beside the least that they could."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, text

from app.bell import InlineBell
from app.context import Context
from app.executors._log import ChunkedLog
from app.forges import Delivery
from app.react import react
from app.store import Store
from app.wire import kinds
from app.workflow.definition import Fragment, Input, Job, Resource, Task
from app.workflow.diff import diff
from app.workflow.drawing.svg import svg
from app.workflow.events import Adopted, VersionPosted
from app.workflow.graph import graph_of
from app.workflow.line import Actor
from app.workflow.link import link
from app.workflow.parse import parse
from bench.lines import EDGES, JOBS, large_line
from bench.measure import Figure, compare
from config.settings import Settings

ACCOUNT = "bench:acme"
SOMEBODY = Actor("bench:1", "somebody")
DELIVERIES = 200
LOG = b"".join(
    b"%08d some line of a build's output, as long as they usually are: compiling this, linking that\n" % n for n in range(200_000)
)
SECRETS = tuple(f"a-secret-value-{n:04d}-{'x' * 24}" for n in range(20))


@contextmanager
def installation() -> Iterator[Context]:
    """A fresh store on SQLite, durable as in production."""
    with tempfile.TemporaryDirectory(prefix="gateline-bench-") as folder:
        settings = Settings(data_dir=Path(folder))
        store = Store(settings.database, settings.data_dir, ("bench",))
        store.migrate()
        yield Context(settings, store, {}, {}, {}, InlineBell(), kinds())
        store.close()


def fan_out(width: int) -> Figure:
    """One version of a resource with `width` consumers, decided and stored; against storing as many bare rows."""
    with installation() as context, bare_rows() as write:
        jobs = tuple(
            Job(f"job-{n}", "runSh", "bench:acme/app@main", (Input("hub"), Task("t", ("true",))), parallel=True) for n in range(width)
        )
        hub = Resource("hub", "params", "bench:acme/app@main", content={"params": {"n": 0}})
        fragment = Fragment("bench:acme/app@main", "0" * 40, jobs, (hub,))
        react(context, ACCOUNT, Adopted(key="adopt", at=context.store.now(), fragment=fragment, by=SOMEBODY))
        numbers = count(1)

        def post() -> None:
            number = next(numbers)
            bag = {"params": {"n": number}}
            react(context, ACCOUNT, VersionPosted(key=f"{number}", at=context.store.now(), resource="hub", label="", bag=bag, by=SOMEBODY))

        return compare(f"fan-out of {width}, decided and stored", width, "runs/s", post, f"{width} bare rows", lambda: write(width))


def deliveries() -> Figure:
    """Webhook deliveries kept, each durable before the next; against two bare rows a commit."""
    with installation() as context, bare_rows() as write:
        numbers = count()
        body = b'{"ref": "refs/heads/main", "padding": "' + b"x" * 7_600 + b'"}'

        def keep() -> None:
            for _ in range(DELIVERIES):
                context.store.keep_delivery(Delivery("bench", "1", str(next(numbers)), "push", {}, body))

        def bare() -> None:
            for _ in range(DELIVERIES):
                write(2)

        return compare("webhook deliveries, durable", DELIVERIES, "/s", keep, "2 bare rows a commit", bare)


def masked_log() -> Figure:
    """A log masked against 20 secrets, stamped and cut into chunks; against copying its bytes."""
    kept: list[str] = []

    def ours() -> None:
        kept.clear()
        log = ChunkedLog(lambda _section, text, _at: kept.append(text), SECRETS, lambda: 0.0, 10**9)
        for start in range(0, len(LOG), 65_536):
            log.write(LOG[start : start + 65_536])
        log.close()

    return compare(
        "log, masked against 20 secrets", len(LOG) / 1e6, "MB/s", ours, "decoding and splitting it", lambda: LOG.decode().splitlines()
    )


def validated() -> Figure:
    """A line of 5,000 jobs and 20,000 edges, read from 50 files and linked; against libyaml's events alone."""
    files, known = large_line(), kinds()

    def ours() -> None:
        parsed = parse("bench:acme/app@main", "0" * 40, files, known)
        assert parsed.fragment is not None  # noqa: S101 - for the type checker: nothing is wrong with these files
        link({parsed.fragment.source: parsed.fragment}, kinds=known)

    def events() -> None:
        for content in files.values():
            for _ in yaml.parse(content, yaml.CSafeLoader):
                pass

    return compare(f"line of {JOBS} jobs and {EDGES} edges, read and linked", JOBS, "jobs/s", ours, "its YAML events", events)


def drawn() -> Figure:
    """The same line drawn as SVG and compared with itself, as `graph` and `plan` do; against linking it."""
    known = kinds()
    fragment = parse("bench:acme/app@main", "0" * 40, large_line(), known).fragment
    assert fragment is not None  # noqa: S101 - for the type checker: nothing is wrong with these files
    workflow = link({fragment.source: fragment}, kinds=known).workflow

    def ours() -> None:
        svg(graph_of(workflow, known))
        diff(workflow, workflow, known)

    return compare(
        f"line of {JOBS} jobs, drawn and compared", JOBS, "jobs/s", ours, "linking it", lambda: link({"": fragment}, kinds=known)
    )


@contextmanager
def bare_rows() -> Iterator[Callable[[int], None]]:
    """Writes n rows in one durable SQLite transaction, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="gateline-bench-") as folder:
        engine = create_engine(f"sqlite:///{folder}/rows.db")
        with engine.begin() as connection:
            connection.execute(text("PRAGMA journal_mode=WAL"))
            connection.execute(text("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)"))

        def write(rows: int) -> None:
            with engine.begin() as connection:
                connection.execute(text("PRAGMA synchronous=FULL"))
                connection.execute(text("INSERT INTO rows (body) VALUES (:body)"), [{"body": "x" * 500}] * rows)

        yield write
        engine.dispose()


def main() -> None:
    figures = [fan_out(1), fan_out(100), fan_out(2000), deliveries(), masked_log(), validated(), drawn()]
    if "--json" in sys.argv:
        print(
            json.dumps(
                [
                    {"name": each.name, "rate": each.rate, "unit": each.unit, "ratio": each.ratio, "spread": each.ours.spread}
                    for each in figures
                ]
            )
        )
        return
    table = Table(title="Medians of 5 rounds, ours and the baseline in turn", title_justify="left")
    for title in ("what", "rate", "time", "noise", "x baseline", "baseline"):
        table.add_column(title, justify="left" if title in ("what", "baseline") else "right")
    for each in figures:
        rate = f"{each.rate:,.0f} {each.unit}"
        table.add_row(
            each.name, rate, f"{each.ours.median * 1e3:,.1f} ms", f"±{each.ours.spread / 2:.0%}", f"{each.ratio:.1f}", each.against
        )
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    main()
