"""Where the vertices of a graph go: columns by layer, and in each column an order with few crossings (Sugiyama's method)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from app.workflow.graph import Edge, Graph

SWEEPS = 6
"""How often columns are put in order by their neighbours, from left to right and back in turn."""
MOST_BENDS = 20_000
"""Places in columns that edges pass through; where that is not enough, long edges pass behind what stands in their way."""


@dataclass(frozen=True, slots=True)
class Bend:
    """The place in column `layer` through which the edge number `edge` passes."""

    edge: int
    layer: int


Stop: TypeAlias = "str | Bend"
"""A vertex's name, or a bend."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` from left to right, each from top to bottom. `ways`: for each edge of the graph, the stops from its start to its end."""

    columns: list[list[Stop]]
    ways: tuple[tuple[Stop, ...], ...]


def laid_out(graph: Graph) -> Layout:
    """Each vertex near the average of what it is joined to (the barycentre method)."""
    layers = graph.layers
    ways = _ways(graph.edges, layers)
    columns: list[list[Stop]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for name, layer in layers.items():
        columns[layer].append(name)
    for way in ways:
        for stop in way:
            if isinstance(stop, Bend):
                columns[stop.layer].append(stop)
    forward = [way for edge, way in zip(graph.edges, ways, strict=True) if layers[edge.start] < layers[edge.end]]
    _sweep(columns, forward)
    return Layout(columns, ways)


def _ways(edges: Sequence[Edge], layers: Mapping[str, int]) -> tuple[tuple[Stop, ...], ...]:
    bends = sum(max(0, layers[edge.end] - layers[edge.start] - 1) for edge in edges)
    if bends > MOST_BENDS:
        return tuple((edge.start, edge.end) for edge in edges)
    return tuple(
        (edge.start, *(Bend(number, layer) for layer in range(layers[edge.start] + 1, layers[edge.end])), edge.end)
        for number, edge in enumerate(edges)
    )


def _sweep(columns: list[list[Stop]], ways: Iterable[Sequence[Stop]]) -> None:
    before: dict[Stop, list[Stop]] = {}
    after: dict[Stop, list[Stop]] = {}
    for way in ways:
        for left, right in pairwise(way):
            before.setdefault(right, []).append(left)
            after.setdefault(left, []).append(right)
    place = {stop: _relative(index, column) for column in columns for index, stop in enumerate(column)}
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            _put_in_order(column, before if sweep % 2 == 0 else after, place)


def _put_in_order(column: list[Stop], joined: Mapping[Stop, Sequence[Stop]], place: dict[Stop, float]) -> None:
    wanted = {stop: _average([place[each] for each in joined.get(stop, ())], place[stop]) for stop in column}
    column.sort(key=wanted.__getitem__)
    place.update({stop: _relative(index, column) for index, stop in enumerate(column)})


def _average(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _relative(index: int, column: Sequence[Stop]) -> float:
    """Between 0 and 1, so that columns of different lengths compare."""
    return (index + 0.5) / len(column)
