"""SVG: a picture that needs no other program, from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from app.workflow.drawing.layout import Bend, Layout, Stop, laid_out
from app.workflow.graph import Edge, Graph, Kind, Vertex

CHARACTER = 7.2
"""Width of a character of 12 px, on average; no font is measured."""
HEIGHT, ROW, BEND, GAP, MARGIN = 40.0, 58.0, 20.0, 70.0, 20.0
MOST = 40
"""Characters of a label."""

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">
<style>
text {{ font: 12px sans-serif; fill: #1f2328 }} .small {{ font-size: 10px; fill: #59636e }}
rect {{ fill: #f6f8fa; stroke: #59636e }} .job {{ fill: #ddf4ff; stroke: #0969da }} .gate {{ fill: #fff8c5; stroke: #9a6700; stroke-width: 2 }}
.missing {{ stroke-dasharray: 4 3 }} path {{ fill: none; stroke: #59636e }} .dotted {{ stroke-dasharray: 2 4 }}
</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" style="fill:#59636e"/></marker></defs>
<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>"""  # noqa: E501 - the picture's own text


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a vertex or a bend is drawn: the left of its box, its middle's height, and its width, in px."""

    left: float
    middle: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


def svg(graph: Graph) -> str:
    """Edges first, so that boxes stand in front of those that pass behind them."""
    layout = laid_out(graph)
    spots = dict(_spots(graph, layout))
    width = max((spot.right for spot in spots.values()), default=0) + MARGIN
    height = max((spot.middle for spot in spots.values()), default=0) + ROW / 2 + MARGIN
    lines = [HEAD.format(width=width, height=height)]
    lines += [_edge(edge, [spots[stop] for stop in way]) for edge, way in zip(graph.edges, layout.ways, strict=True)]
    lines += [_box(vertex, spots[vertex.name]) for vertex in graph.vertices.values()]
    return "\n".join((*lines, "</svg>"))


def _spots(graph: Graph, layout: Layout) -> Iterator[tuple[Stop, Spot]]:
    """Columns as wide as their widest box; a bend takes less height than a box."""
    heights = [sum(_height(stop) for stop in column) for column in layout.columns]
    left = MARGIN
    for column, height in zip(layout.columns, heights, strict=True):
        width = max((_width(graph.vertices[stop]) for stop in column if not isinstance(stop, Bend)), default=0.0)
        top = MARGIN + (max(heights) - height) / 2
        for stop in column:
            yield stop, Spot(left, top + _height(stop) / 2, width)
            top += _height(stop)
        left += width + GAP


def _height(stop: Stop) -> float:
    return BEND if isinstance(stop, Bend) else ROW


def _width(vertex: Vertex) -> float:
    return max(len(_short(text)) for text in (vertex.name, _second(vertex))) * CHARACTER + 20


def _edge(edge: Edge, spots: Sequence[Spot]) -> str:
    """Curves from right side to left side, straight through the columns between; one that goes back passes below both boxes."""
    way = f"M{spots[0].right:.0f} {spots[0].middle:.0f}"
    for start, end in pairwise(spots):
        bend = max(GAP, end.left - start.right) / 2
        low = HEIGHT if end.left <= start.right else 0.0
        way += (
            f" C{start.right + bend:.0f} {start.middle + low:.0f} {end.left - bend:.0f} {end.middle + low:.0f} "
            f"{end.left:.0f} {end.middle:.0f}"
        )
        way += f" H{end.right:.0f}" if end is not spots[-1] else ""
    style = "" if edge.solid else ' class="dotted"'
    return f'<path d="{way}" marker-end="url(#end)"{style}/>'


def _box(vertex: Vertex, spot: Spot) -> str:
    style = "gate" if vertex.gate else vertex.kind.value
    corner = 4 if vertex.kind is Kind.JOB else HEIGHT / 2
    top, middle = spot.middle - HEIGHT / 2, spot.left + spot.width / 2
    box = f'<rect class="{style}" x="{spot.left:.0f}" y="{top:.0f}" width="{spot.width:.0f}" height="{HEIGHT:.0f}" rx="{corner:.0f}"/>'
    name = f'<text x="{middle:.0f}" y="{spot.middle - 3:.0f}" text-anchor="middle">{_text(vertex.name)}</text>'
    what = f'<text class="small" x="{middle:.0f}" y="{spot.middle + 12:.0f}" text-anchor="middle">{_text(_second(vertex))}</text>'
    return f"<g><title>{escape(vertex.name)}</title>{box}{name}{what}</g>"


def _second(vertex: Vertex) -> str:
    return f"gate: {vertex.gate}" if vertex.gate else vertex.what


def _short(text: str) -> str:
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def _text(text: str) -> str:
    return escape(_short(text))
