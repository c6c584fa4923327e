"""A small working store in memory, and a context around it: what the web process asks of the ports, no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from app.bell import InlineBell
from app.context import Context
from app.errors import Temporary
from app.forges import Delivery, ForgePort, Nothing, Parsed
from app.forges.local.hooks import LocalHooks
from app.store import Chunk, RunView, WorkerRow
from app.workflow.ci.outcome import CellRun
from app.workflow.kinds import Kinds
from app.workflow.line import Candidate, Line, Node, Run, Unloaded, Version, VersionRef
from config.settings import Settings

Answer = TypeVar("Answer")
SECRET = b"a secret of the web tests"
NOW = 1_700_000_000.0


@dataclass
class MemoryStore:
    """`down` makes every write fail as an unreachable database does. `steps` tells the order in which things happened."""

    kept: dict[tuple[str, str, str, str], Delivery] = field(default_factory=dict)
    views: list[RunView] = field(default_factory=list)
    logs: dict[int, list[Chunk]] = field(default_factory=dict)
    ci: dict[int, tuple[CellRun, ...]] = field(default_factory=dict)
    summaries: dict[int, str] = field(default_factory=dict)
    cell_logs: dict[tuple[int, int], tuple[Chunk, ...]] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    labels: dict[VersionRef, Version] = field(default_factory=dict)
    gates: dict[tuple[str, int], Candidate] = field(default_factory=dict)
    rows: list[WorkerRow] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    down: bool = False

    def now(self) -> float:
        return NOW

    def ping(self) -> None:
        if self.down:
            raise Temporary("The database does not answer.", after=7)

    def check_schema(self) -> None:
        self.ping()

    def keep_delivery(self, delivery: Delivery) -> int | None:
        self.ping()
        key = (delivery.forge, delivery.hook, delivery.id, sha256(delivery.body).hexdigest())
        if key in self.kept:
            return None
        self.kept[key] = delivery
        self.steps.append("kept")
        return len(self.kept)

    def run_by_key(self, key: str) -> RunView | None:
        return next((view for view in self.views if view.key == key), None)

    def runs(self, account: str | None = None, job: str | None = None, live: bool | None = None, limit: int = 50) -> tuple[RunView, ...]:
        return tuple(view for view in self.views if live is None or view.run.status.final is not live)[:limit]

    def summary(self, id: int) -> str:
        return self.summaries.get(id, "")

    def cells(self, run_id: int) -> tuple[CellRun, ...]:
        return self.ci.get(run_id, ())

    def read_cell_log(self, run_id: int, index: int, after: int = 0, limit: int = 200) -> tuple[Chunk, ...]:
        return self.cell_logs.get((run_id, index), ())[after : after + limit]

    def read_log(self, run_id: int, after: int = 0, limit: int = 200) -> tuple[Chunk, ...]:
        return tuple(chunk for chunk in self.logs.get(run_id, []) if chunk.number > after)[:limit]

    def version(self, account: str, ref: VersionRef) -> tuple[int, Version] | None:
        return (1, self.labels[ref]) if ref in self.labels else None

    def candidate(self, account: str, job: str, number: int) -> Candidate | None:
        return self.gates.get((job, number))

    def ask(self, account: str, question: Callable[[Line], Answer]) -> Answer:
        line = Line()
        while True:
            try:
                return question(line)
            except Unloaded as missing:
                line = line.knowing({need: self.nodes.get(need.name, Node(need.name)) for need in missing.needs})

    def stuck(self) -> tuple[()]:
        return ()

    def candidates(self) -> tuple[()]:
        return ()

    def workers(self, present: bool = False) -> tuple[WorkerRow, ...]:
        return tuple(self.rows)

    def pools_served(self) -> frozenset[str]:
        return frozenset(pool for worker in self.rows for pool in worker.pools)


class TalkingHooks(LocalHooks):
    """The local forge's hooks, with one event more that means nothing."""

    def parse(self, delivery: Delivery, at: float) -> Parsed:
        return Nothing("stars are of no use") if delivery.event == "star" else LocalHooks.parse(self, delivery, at)


def a_context(folder: Path, store: object, bell: InlineBell | None = None, **settings: object) -> Context:
    return Context(
        settings=Settings(data_dir=folder, base_url="https://gate.example", **{"min_free": 0, **settings}),
        store=store,
        forges={"local": ForgePort("local", TalkingHooks(SECRET), None)},
        executors={},
        notifiers={},
        bell=bell or InlineBell(),
        kinds=Kinds({}, {}),
    )


def a_view(run: Run, key: str = "k" * 22) -> RunView:
    return RunView("local:acme", 7, key, run)


def chunks(*pieces: tuple[str, str]) -> list[Chunk]:
    """Chunks of (section, text), numbered from 1."""
    return [Chunk(number, NOW, section, text) for number, (section, text) in enumerate(pieces, 1)]


def lines(texts: Sequence[str]) -> str:
    return "".join(f"2023-11-14T22:13:20.000Z {text}\n" for text in texts)
