"""DOT: the language of Graphviz."""

from __future__ import annotations

from app.workflow.graph import Graph, Kind, Vertex

HEAD = ("digraph line {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=11];')


def dot(graph: Graph) -> str:
    """Jobs as boxes, resources as ellipses, gates with a double border and whom they ask."""
    vertices = (f"  {_quoted(each.name)} [{_attributes(each)}];" for each in graph.vertices.values())
    edges = (f"  {_quoted(each.start)} -> {_quoted(each.end)}{'' if each.solid else ' [style=dotted]'};" for each in graph.edges)
    return "\n".join((*HEAD, *vertices, *edges, "}"))


def _attributes(vertex: Vertex) -> str:
    lines = (vertex.name, vertex.what, f"gate: {vertex.gate}" if vertex.gate else "")
    shape = "box" if vertex.kind is Kind.JOB else "ellipse"
    label = f"label={_quoted(chr(10).join(filter(None, lines)))}, shape={shape}"
    return label + (", peripheries=2" if vertex.gate else "") + (", style=dashed" if vertex.kind is Kind.MISSING else "")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
