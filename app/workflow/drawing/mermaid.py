"""Mermaid: what GitHub and GitLab draw in Markdown. No name can leave its label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from app.workflow.graph import Graph, Kind

STYLES = {
    "success": "fill:#2da44e,color:#fff",
    "failure": "fill:#cf222e,color:#fff",
    "pending": "fill:#bf8700,color:#fff",
    "other": "fill:#6e7781,color:#fff",
    "gate": "fill:#bf8700,color:#fff",
    "missing": "stroke-dasharray:4",
}


class Shape(Enum):
    """The brackets around a label."""

    BOX = ("[", "]")
    ROUND = ("([", "])")


@dataclass(frozen=True, slots=True)
class Box:
    """A vertex; `style` is one of `STYLES`, "" for none."""

    name: str
    style: str = ""
    shape: Shape = Shape.BOX
    note: str = ""


def chart(boxes: Iterable[Box], arrows: Iterable[tuple[str, str, bool]]) -> str:
    """A chart from left to right. `arrows`: start, end, whether solid; those to what is no box are left out."""
    drawn = tuple(boxes)
    ids = {box.name: f"n{index}" for index, box in enumerate(drawn)}
    lines = ["graph LR"]
    for box in drawn:
        left, right = box.shape.value
        style = f":::{box.style}" if box.style else ""
        lines.append(f'  {ids[box.name]}{left}"{_label(box)}"{right}{style}')
    lines += [f"  {ids[start]} {'-->' if solid else '-.->'} {ids[end]}" for start, end, solid in arrows if start in ids and end in ids]
    used = {box.style: None for box in drawn if box.style}
    return "\n".join([*lines, *(f"  classDef {style} {STYLES[style]}" for style in used)])


def mermaid(graph: Graph) -> str:
    """Jobs as boxes, resources round, gates in colour."""
    boxes = (
        Box(
            each.name,
            "gate" if each.gate else "missing" if each.kind is Kind.MISSING else "",
            Shape.BOX if each.kind is Kind.JOB else Shape.ROUND,
            f"gate: {each.gate}" if each.gate else "",
        )
        for each in graph.vertices.values()
    )
    return chart(boxes, ((each.start, each.end, each.solid) for each in graph.edges))


def _label(box: Box) -> str:
    note = f"<br>{_clean(box.note)}" if box.note else ""
    return f"{_clean(box.name)}{note}"


def _clean(text: str) -> str:
    """Letters, digits and what means nothing to Mermaid."""
    return "".join(char if char.isalnum() or char in "._- :,/" else "_" for char in text)
