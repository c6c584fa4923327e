"""A graph as a tree of lines, for terminals: each vertex once, below the one that it follows last, naming what else it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.workflow.graph import Edge, Graph, Vertex

DEEPEST = 16
"""Levels of indentation; what lies deeper goes on in a tree of its own."""


@dataclass(frozen=True, slots=True)
class Branches:
    """The tree in a graph. `below`: vertex -> edges to what hangs on it. `also`: vertex -> its other edges. `roots` hang on nothing."""

    below: Mapping[str, list[Edge]]
    also: Mapping[str, list[Edge]]
    roots: tuple[str, ...]


def tree(graph: Graph) -> str:
    """Dotted branches do not trigger."""
    branches = _branches(graph)
    lines: list[str] = []
    roots = list(branches.roots)
    while roots:
        deeper: list[str] = []
        for root in roots:
            _draw(graph, branches, root, lines, deeper)
        roots = deeper
    return "\n".join(lines)


def _branches(graph: Graph) -> Branches:
    """A vertex hangs on the last of what it follows, so that all it takes stands above it; a triggering edge goes before others."""
    layers, position = graph.layers, {name: index for index, name in enumerate(graph.layers)}
    below: dict[str, list[Edge]] = {name: [] for name in layers}
    also: dict[str, list[Edge]] = {name: [] for name in layers}
    for edge in graph.edges:
        also[edge.end].append(edge)
    roots = []
    for name in layers:
        before = [edge for edge in also[name] if position[edge.start] < position[name]]
        if before:
            chosen = max(before, key=lambda edge: (edge.solid, layers[edge.start]))
            below[chosen.start].append(chosen)
            also[name].remove(chosen)
        else:
            roots.append(name)
    return Branches(below, also, tuple(roots))


def _draw(graph: Graph, branches: Branches, root: str, lines: list[str], deeper: list[str]) -> None:
    """The tree below `root`; what would be too far to the right is added to `deeper`."""
    stack: list[tuple[str, str, str]] = [(root, "", "")]
    while stack:
        name, before, mark = stack.pop()
        lines.append(f"{before}{mark}{_line(graph.vertices[name], branches.also[name])}")
        inner = before + {"": "", "├": "│  ", "└": "   "}[mark[:1]]
        if branches.below[name] and len(inner) >= 3 * DEEPEST:
            lines[-1] += f"  (goes on below: {len(branches.below[name])})"
            deeper += [edge.end for edge in branches.below[name]]
            continue
        for index, edge in enumerate(reversed(branches.below[name])):
            stack.append((edge.end, inner, f"{'├' if index else '└'}{'─' if edge.solid else '┄'} "))


def _line(vertex: Vertex, others: list[Edge]) -> str:
    """`deploy  runSh  [gate: alice]  (also release, shelf off)`."""
    also = ", ".join(edge.start if edge.solid else f"{edge.start} {edge.flow.value}" for edge in others)
    parts = (vertex.name, vertex.what, f"[gate: {vertex.gate}]" if vertex.gate else "", f"(also {also})" if also else "")
    return "  ".join(part for part in parts if part)
