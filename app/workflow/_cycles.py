"""Cycles of a directed graph: the nodes that reach each other, and a shortest circle through them to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

Graph = Mapping[str, Sequence[str]]
"""Node -> the nodes that follow it. Every node is a key."""


def entangled(graph: Graph) -> Iterator[frozenset[str]]:
    """The sets of nodes that all reach each other; a node alone only if it follows itself.

    Kosaraju's algorithm: linear, and here without recursion.
    """
    back: dict[str, list[str]] = {node: [] for node in graph}
    for node, followers in graph.items():
        for follower in followers:
            back[follower].append(node)
    met: set[str] = set()
    finished: list[str] = []
    for root in graph:
        finished += _reached(graph, root, met)
    met.clear()
    for root in reversed(finished):
        part = frozenset(_reached(back, root, met))
        if len(part) > 1 or root in graph[root]:
            yield part


def _reached(graph: Graph, root: str, met: set[str]) -> list[str]:
    """The nodes reached from `root` that were not met before, those first that are left first."""
    if root in met:
        return []
    met.add(root)
    left: list[str] = []
    walk = [(root, iter(graph[root]))]
    while walk:
        node, followers = walk[-1]
        new = next((each for each in followers if each not in met), None)
        if new is None:
            left.append(node)
            walk.pop()
        else:
            met.add(new)
            walk.append((new, iter(graph[new])))
    return left


def circle(graph: Graph, start: str, among: Set[str]) -> list[str]:
    """A shortest way from `start` back to itself through nodes of `among`, `start` at both ends; [] when there is none."""
    came: dict[str, str] = {}
    ring = [start]
    while ring and start not in came:
        following: list[str] = []
        for node in ring:
            for follower in graph[node]:
                if follower in among and follower not in came:
                    came[follower] = node
                    following.append(follower)
        ring = following
    if start not in came:
        return []
    way = [start, came[start]]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]
