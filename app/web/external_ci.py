"""`POST /externalCI`, also under `/api/v1`: another CI says how a run of an `externalCI` job goes (spec/workflow-language.md 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from flask import Blueprint, Response, jsonify

from app.forges import Level
from app.react import react
from app.store import AuditEntry, Outcome, Token
from app.web import api, asking
from app.web.api import visible_node
from app.web.errors import Answer
from app.web.here import here
from app.web.tokens import allowed, authenticate, may
from app.workflow.definition import Job, Json
from app.workflow.events import Left, RunReported
from app.workflow.facts import Denied, RunAdded, RunFinished
from app.workflow.line import STATUS_CODES, Cause, Status
from app.workflow.outputs import LABEL
from app.workflow.variables import text_of

blueprint = Blueprint("external_ci", __name__)

STATUSES: Mapping[int, Status] = {STATUS_CODES[status]: status for status in (Status.RUNNING, Status.SUCCEEDED, Status.FAILED)}
"""4001 processing, 4002 success, 4003 failure."""
LONGEST_BUILD = 24 * 3600.0
"""Seconds after which a build of which nothing more is heard counts as lost."""
FIELDS = ("jobName", "statusCode", "externalCIServerId", "externalBuildUrl", "externalBuildId", "versionData")
TYPE = "externalCI"


@blueprint.post("/externalCI")
def report_as_before() -> Response:
    """The same as `POST /api/v1/externalCI`, where the original had it."""
    authenticate(here().context)
    return report()


@api.blueprint.post("/externalCI")
def report() -> Response:
    """How a build goes: `{"jobName": "tests", "statusCode": 4002, "externalBuildId": "17", "externalBuildUrl": "https://…",
    "externalCIServerId": "jenkins", "versionData": {…}}`. 4001: it runs; 4002: it succeeded; 4003: it failed. A report counts once.

    `versionData` is the content of the job's next version; its `versionName` names it. An `externalCIServerId` must be the name or number
    of an externalCIServer.
    """
    token = allowed("write")
    told = asking.body()
    asking.only(told, *FIELDS)
    job, status = _job(token, asking.word(told, "jobName", required=True)), _status(told)
    _check_server(token, told)
    event = _event(token, job, status, told)
    return _answer(token, event, react(here().context, token.account, event))


def _job(token: Token, name: str) -> Job:
    """Raises NotFound, or Answer when the job is another one or its source is not the user's to write to."""
    node, context = visible_node(token, name), here().context
    if node.job is None or node.job.type != TYPE:
        raise Answer(422, f"{name} is no externalCI job.", f"Declare it in a workflow file: `- {{name: {name}, type: {TYPE}}}`.")
    source = context.store.source(node.job.source)
    if source is None or not may(context, token, source, Level.WRITE):
        raise Answer(403, f"{token.actor.login} may not write to the repository that defines {name}.")
    return node.job


def _status(told: Mapping[str, Json]) -> Status:
    given = asking.word(told, "statusCode", required=True)
    if not given.isdecimal() or int(given) not in STATUSES:
        raise Answer(422, f"`statusCode` {given} is unknown.", "4001 processing, 4002 success or 4003 failure.")
    return STATUSES[int(given)]


def _check_server(token: Token, told: Mapping[str, Json]) -> None:
    """Raises Answer 422 for an externalCIServerId that is none of the account's."""
    given, store = asking.word(told, "externalCIServerId"), here().context.store
    if not given:
        return
    fragments = store.ask(token.account, lambda line: line.fragments()).of.values()
    names = [each.name for fragment in fragments for each in fragment.resources if each.type == "externalCIServer"]
    if given not in {*names, *(str(store.object_id(token.account, name)) for name in names)}:
        raise Answer(422, f"There is no externalCIServer {given}.", f"There are: {', '.join(names) or 'none'}.")


def _event(token: Token, job: Job, status: Status, told: Mapping[str, Json]) -> RunReported:
    build, url = asking.word(told, "externalBuildId", required=True), asking.word(told, "externalBuildUrl")
    data, at = asking.mapping(told, "versionData"), here().context.store.now()
    stage = "running" if status is Status.RUNNING else "ended"
    key = "external:" + sha256(f"{job.name}\n{build}\n{stage}".encode()).hexdigest()
    label = text_of(data.get(LABEL, ""))
    bag = {"externalBuildId": build, "externalBuildUrl": url, **{name: value for name, value in data.items() if name != LABEL}}
    return RunReported(
        key=key,
        at=at,
        job=job.name,
        build=build,
        status=status,
        cause=Cause(kind="external", event=f"external:{job.name}:{build}", actors=(token.actor,), title=url or f"build {build}"),
        lease=at + LONGEST_BUILD,
        own=Left(keys=((LABEL, label),) if label else (), bag=bag),
        reason=f"build {build} failed" if status is Status.FAILED else "",
    )


def _answer(token: Token, event: RunReported, outcome: Outcome) -> Response:
    refusal = "; ".join(fact.reason for fact in outcome.facts if isinstance(fact, Denied))
    if not outcome.duplicate:
        detail = refusal or f"build {event.build}: {event.status.value}"
        entry = AuditEntry(event.at, token.account, token.actor, "report a build", event.job, not refusal, detail, "api")
        here().context.store.add_audit(entry)
    if refusal:
        raise Answer(409, refusal)
    concerned = [fact.run for fact in outcome.facts if isinstance(fact, RunFinished) and fact.run.job == event.job]
    added = [fact.run.ref for fact in outcome.facts if isinstance(fact, RunAdded) and fact.run.ref.job == event.job]
    (run,) = {*concerned, *added}
    return jsonify({"run": str(run), "statusCode": STATUS_CODES[event.status]})
