"""Numbers for Prometheus: counters of this installation's web processes, gauges read from the store when asked."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.store import Store

MOST_LIVE = 10_000
"""Runs that are looked at for the gauges."""


class Metrics:
    """The counters. With `PROMETHEUS_MULTIPROC_DIR` set (as `gateline up` does) they are those of all web processes together."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.hooks = Counter("gateline_hooks", "Webhook requests by what came of them", ["forge", "outcome"], registry=self._registry)

    def text(self, store: Store) -> bytes:
        """All metrics in Prometheus' text format."""
        counters = CollectorRegistry()
        try:
            MultiProcessCollector(counters)  # type: ignore[no-untyped-call]  # the library has no types there
        except ValueError:  # its way to say that there is one process only
            counters = self._registry
        gauges = CollectorRegistry()
        gauges.register(StoreGauges(store))
        return generate_latest(counters) + generate_latest(gauges)


class StoreGauges(Collector):
    """What the store says now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        live = self._store.runs(live=True, limit=MOST_LIVE)
        yield _gauge("gateline_runs", "Runs that are not final, by status", "status", Tally(str(each.run.status) for each in live))
        waiting = Tally(f"runs:{each.run.pool}" for each in live if each.run.status == "queued")
        yield _gauge("gateline_queue_depth", "Runs that may start, by queue", "queue", waiting)
        stuck = Tally(each.state for each in self._store.stuck())
        yield _gauge("gateline_errands_stuck", "Errands that failed or are being put off, by state", "state", stuck)
        gates = Tally(account for account, _ in self._store.candidates())
        yield _gauge("gateline_gates_waiting", "Candidates that wait for approval, by account", "account", gates)
        pools = Tally(pool for worker in self._store.workers(present=True) for pool in worker.pools)
        yield _gauge("gateline_workers", "Workers that serve a pool, by pool", "pool", pools)


def _gauge(name: str, meaning: str, label: str, tally: Tally[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, count in sorted(tally.items()):
        family.add_metric([value], count)
    return family
