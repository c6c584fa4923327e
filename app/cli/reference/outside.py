"""What the outside sees: comment commands, routes, and how runs and gates show on a commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from flask import Flask

from app.cli.reference.markdown import code, first_sentences, table
from app.commands import Command, Right
from app.registry import load
from app.web import BLUEPRINTS
from app.web.verbs import OPTIONAL, REQUIRED
from app.workflow.line import CandidateState, Status
from app.workflow.report import ENDED, GATED, Shown
from app.workflow.values import STATUS_CODES

RIGHTS = {
    Right.READ: "who may read a private repository; of a public one triage, or the pull request's author",
    Right.WRITE: "write",
    Right.GATE: "the gate's approvers",
    Right.END: "write; where there is a gate, its approvers",
    Right.ADMIT: "write to the pull request's repository",
    Right.ADMIN: "admin",
}


def comments() -> Iterator[str]:
    """Every verb with who may use it, and its examples."""
    known = [cast(Command, each) for each in load("app.commands").values()]
    rows = ((code(each.usage), RIGHTS[each.right], each.help, "<br>".join(code(line) for line in each.examples)) for each in known)
    return table(("command", "who", "does", "examples"), rows)


def routes() -> Iterator[str]:
    """Every address that the web process serves, by path."""
    flask = Flask("reference", static_folder=None)
    for blueprint in BLUEPRINTS:
        flask.register_blueprint(blueprint)
    rules = sorted(flask.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    rows = (
        (", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})), code(rule.rule), _about(flask, rule.endpoint)) for rule in rules
    )
    return table(("method", "path", "what it is"), rows)


def _about(flask: Flask, endpoint: str) -> str:
    return first_sentences(flask.view_functions[endpoint].__doc__)


def posts() -> Iterator[str]:
    """The verbs of the API with the fields of their requests."""
    rows = ((code(verb), _codes(fields), _codes(OPTIONAL.get(verb, ()))) for verb, fields in REQUIRED.items())
    return table(("verb", "required", "optional"), rows)


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(map(code, names))


def runs() -> Iterator[str]:
    """Every status of a run, the contract's number for it, and what a commit shows."""
    rows = ((code(status), str(STATUS_CODES[status]), *_shown(status)) for status in Status)
    return table(("run", "code", "commit status", "in words"), rows)


def _shown(status: Status) -> tuple[str, str]:
    if status in ENDED:
        shown, words = ENDED[status]
        return code(shown), words
    if status is Status.RUNNING:
        return code(Shown.RUNNING), "running"
    return code(Shown.PENDING), "what it waits for"


def candidates() -> Iterator[str]:
    """Every state of a candidate, and what a commit shows of it."""
    rows = ((code(state), *_of_gate(state)) for state in CandidateState)
    return table(("candidate", "commit status", "in words"), rows)


def _of_gate(state: CandidateState) -> tuple[str, str]:
    if state is CandidateState.OPEN:
        return f"{code(Shown.PENDING)} in the lane of a pull request, elsewhere none", "waiting for approval"
    if state is CandidateState.OPENED:
        return "that of its run", ""
    shown, words = GATED[state]
    silent = state in (CandidateState.EXPIRED, CandidateState.SUPERSEDED)
    return f"{code(shown)}{', in main none' if silent else ''}", words
