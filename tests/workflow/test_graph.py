"""A workflow drawn: what the graph holds, and what each drawing of it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from app.workflow.definition import Fragment, Gate, Input, Job, Output, Resource, Task
from app.workflow.drawing.dot import dot
from app.workflow.drawing.layout import laid_out
from app.workflow.drawing.mermaid import mermaid
from app.workflow.drawing.svg import svg
from app.workflow.drawing.tree import DEEPEST, tree
from app.workflow.graph import Edge, Flow, Graph, Kind, Vertex, graph_of
from app.workflow.link import link
from tests.workflow.worlds import draw, kinds

SVG = "{http://www.w3.org/2000/svg}"


def graph(line: str, **options: Any) -> Graph:
    fragment = draw(line, options)
    return graph_of(link({fragment.source: fragment}, kinds=kinds()).workflow, kinds())


LINE = "app -> A -> J; A -> conf; conf -/> J; shelf -> A; A -> shelf"


def test_an_edge_triggers_unless_it_is_switched_off_or_of_a_state() -> None:
    flows = {(edge.start, edge.end): edge.flow for edge in graph(LINE).edges}
    assert flows == {
        ("app", "A"): Flow.TRIGGERS,
        ("A", "J"): Flow.TRIGGERS,
        ("A", "conf"): Flow.TRIGGERS,
        ("conf", "J"): Flow.OFF,
        ("shelf", "A"): Flow.STATE,
        ("A", "shelf"): Flow.TRIGGERS,
    }


def test_a_name_that_nobody_defines_is_drawn_as_missing() -> None:
    fragment = Fragment("s", "", (Job("J", "runSh", "s", (Input("elsewhere"), Task("t", ("true",)))),))
    found = graph_of(link({"s": fragment}, kinds=kinds()).workflow, kinds())
    assert found.vertices["elsewhere"].kind is Kind.MISSING
    assert "style=dashed" in dot(found)


def test_layers_put_upstream_before_downstream_even_round_a_circle() -> None:
    assert graph(LINE).layers == {"app": 0, "shelf": 2, "A": 1, "conf": 2, "J": 3}
    assert set(graph("A -> B -> C -> A").layers) == {"A", "B", "C"}


def test_as_text_each_stands_once_below_what_it_follows_last() -> None:
    drawn = tree(graph(LINE, J={"gate": Gate(("alice",), True)}))
    assert drawn.splitlines() == [
        "app  gitRepo acme/app",
        "└─ A  runSh  (also shelf state)",
        "   ├─ conf  params",
        "   ├─ shelf  state",
        "   └─ J  runSh  [gate: alice]  (also conf off)",
    ]


def test_as_text_what_only_takes_hangs_on_a_dotted_branch() -> None:
    assert tree(graph("conf -/> J")).splitlines() == ["conf  params", "└┄ J  runSh"]


def test_as_text_a_long_chain_does_not_run_off_to_the_right() -> None:
    drawn = tree(graph(" -> ".join(f"J{number}" for number in range(200)))).splitlines()
    assert len(drawn) == 200
    assert max(len(line) for line in drawn) < 3 * DEEPEST + 40
    assert "(goes on below: 1)" in drawn[DEEPEST]


def test_as_mermaid_dotted_is_what_does_not_trigger_and_gates_are_marked() -> None:
    drawn = mermaid(graph("app -> A -/> J", J={"gate": Gate(("alice",), True)}))
    assert drawn.splitlines() == [
        "graph LR",
        '  n0(["app"])',
        '  n1["A"]',
        '  n2["J<br>gate: alice"]:::gate',
        "  n0 --> n1",
        "  n1 -.-> n2",
        "  classDef gate fill:#bf8700,color:#fff",
    ]


NASTY = '"] --> x;\n</text><script>@alice&\\'


@pytest.mark.parametrize("form", [mermaid, dot, svg])
def test_a_name_cannot_leave_its_label(form: Callable[[Graph], str]) -> None:
    drawn = form(Graph({NASTY: Vertex(NASTY, Kind.JOB, "runSh")}, ()))
    if form is svg:
        root = ElementTree.fromstring(drawn)
        assert [each.text for each in root.iter(f"{SVG}title")] == [NASTY]
    elif form is dot:
        assert drawn.splitlines()[3].startswith(r'  "\"] --> x;\n</text><script>@alice&\\" [label="\"] --> x;\n')
    else:
        assert drawn.splitlines() == ["graph LR", '  n0["__ --_ x___/text__script__alice__"]']


def test_as_svg_each_vertex_is_a_box_and_each_edge_a_way_between_two() -> None:
    found = graph(LINE, J={"gate": Gate(("alice",), True)})
    root = ElementTree.fromstring(svg(found))
    assert [each.text for each in root.iter(f"{SVG}title")] == list(found.vertices)
    ways = [each for each in root.iter(f"{SVG}path") if "marker-end" in each.attrib]
    assert (len(ways), sum(each.get("class") == "dotted" for each in ways)) == (len(found.edges), 2)
    boxes = [each for each in root.iter(f"{SVG}rect") if each.get("class")]
    assert [each.get("class") for each in boxes] == ["resource", "resource", "resource", "job", "gate"]


def test_as_svg_no_two_boxes_overlap() -> None:
    root = ElementTree.fromstring(svg(graph(LINE + "; lib -> B -> J; B -> pic; pic -> C -> J")))
    boxes = [
        tuple(float(each.attrib[key]) for key in ("x", "y", "width", "height")) for each in root.iter(f"{SVG}rect") if each.get("class")
    ]
    for index, (x, y, width, height) in enumerate(boxes):
        for other in boxes[:index]:
            assert x + width < other[0] or other[0] + other[2] < x or y + height < other[1] or other[1] + other[3] < y


def test_a_column_is_put_in_the_order_of_its_neighbours() -> None:
    vertices = {name: Vertex(name, Kind.JOB) for name in ("a", "b", "y", "x")}
    assert laid_out(Graph(vertices, (Edge("a", "x"), Edge("b", "y")))).columns == [["a", "b"], ["x", "y"]]


def test_an_edge_past_a_column_has_a_place_of_its_own_there() -> None:
    found = laid_out(graph("A -> B -> C; A -> C"))
    assert [len(way) for way in found.ways] == [2, 2, 3]
    assert found.columns[1] == ["B", found.ways[2][1]]


@pytest.mark.parametrize("form", [tree, mermaid, dot, svg])
@pytest.mark.parametrize("shape", ["wide", "deep", "woven"])
def test_five_thousand_jobs_are_drawn_in_seconds(form: Callable[[Graph], str], shape: str) -> None:
    names = [f"job-{number}" for number in range(5000)]
    resources = (Resource("hub", "params", "s", content={"params": {"a": "b"}}),)
    before = {
        "wide": lambda _: ["hub"],
        "deep": lambda number: [names[number - 1]] if number else ["hub"],
        "woven": lambda number: names[max(0, number - 40) : number : 10] or ["hub"],
    }[shape]
    jobs = tuple(
        Job(name, "runSh", "s", (*(Input(each) for each in before(number)), Task("t", ("true",)), Output("hub")))
        for number, name in enumerate(names)
    )
    workflow = link({"s": Fragment("s", "", jobs, resources)}).workflow
    started = time.process_time()
    assert form(graph_of(workflow, kinds())).count("job-") >= 5000
    assert time.process_time() - started < 5.0
