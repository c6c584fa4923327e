"""The demo's story: a push, a pull request, a gate, a refusal, an approval, a deploy; each step is checked against the store.

Whatever does not happen as told raises `Temporary` (it did not come in time) or `Untrue` (something else came): the demo exits 1.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table

from app.cli.demo.sample import CHANGE, FILES
from app.cli.demo.stage import Checkout, Stage
from app.forges import Conversation, PullRequest
from app.forges.local import actions
from app.forges.local.api import LocalForge
from app.sources import add_source
from app.store import RunView
from app.workflow.line import MAIN, Candidate, CandidateState, Lane, Status
from app.workflow.report import duration

ACCOUNT = "local:demo"
REPOSITORY = "demo/shop"
DEPLOY = "deploy-prod"
MAIN_JOBS = frozenset({"build", "unit", "style", "package", "deploy-test"})
LANE_JOBS = frozenset({"build", "unit", "style", "package"})

COLOURS = {Status.SUCCEEDED: "green", Status.RUNNING: "blue", Status.QUEUED: "yellow", Status.WAITING: "yellow"}


class Untrue(AssertionError):
    """Something happened that the story does not tell."""


class Story:
    """Tells one line's day. `tell()` returns when all of it came true."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self.stage = stage
        self.console = console
        self.context = stage.context()
        forge = self.context.forges["local"].api
        if not isinstance(forge, LocalForge):
            raise Untrue("the demo needs the local forge")
        self.forge = forge
        self._told: dict[tuple[str, int], Status] = {}

    def tell(self) -> None:
        checkout = self._begin()
        first = self._push(checkout)
        request = self._pull_request(checkout)
        merged, candidate = self._merge(request)
        self._refused(request)
        self._approved(request, candidate)
        self._look_back(request, (first, request.head, merged))

    # -- chapters -------------------------------------------------------------------------------------------------------

    def _begin(self) -> Checkout:
        for login, level in (("carol", "write"), ("alice", "write"), ("bob", "read")):
            actions.add_user(self.forge, login, level)
        repository = actions.create_repository(self.forge, REPOSITORY)
        add_source(self.context, repository)
        self.console.print(f"[dim]Serving on {self.stage.settings.url}, with data in {self.stage.folder}[/]")
        return Checkout(self.stage.folder / "checkout", repository.clone_url, "carol")

    def _push(self, checkout: Checkout) -> str:
        sha = checkout.commit(FILES, "A shop, and the line that deploys it")
        self._headline(f"carol pushes {sha[:12]} to {REPOSITORY}, branch main")
        checkout.push("main")
        self._watch(MAIN, MAIN_JOBS)
        candidate = self._gate()
        self.console.print(f"  🔒 {DEPLOY} waits for approval (digest {candidate.short})")
        return sha

    def _pull_request(self, checkout: Checkout) -> PullRequest:
        checkout.git("checkout", "-q", "-b", "new-shop")
        sha = checkout.commit(CHANGE, "Welcome to the new shop")
        self._headline(f"carol pushes {sha[:12]} to the branch new-shop and opens a pull request")
        checkout.push("new-shop")
        request = actions.open_pull_request(self.forge, REPOSITORY, "new-shop", "main", "Welcome to the new shop", "carol")
        lane = Lane(f"pr/{request.number}@{request.repository.id}")
        self._watch(lane, LANE_JOBS)
        self.console.print("  [dim]a pull request has a lane of its own: nothing of it reaches main's deploys[/]")
        return request

    def _merge(self, request: PullRequest) -> tuple[str, Candidate]:
        before = self._gate()
        self._headline(f"carol merges #{request.number}; the older candidate of the gate is superseded")
        merged = actions.merge_pull_request(self.forge, REPOSITORY, request.number, "carol").merge_commit
        self._told.clear()
        self._watch(MAIN, MAIN_JOBS, merged)
        candidate = self.stage.wait("a newer candidate", lambda: self._candidate_after(before))
        ended = self.context.store.candidate(ACCOUNT, DEPLOY, before.number)
        self._true(ended is not None and ended.state is CandidateState.SUPERSEDED, "the older candidate is superseded")
        body = self.stage.wait("the announcement", lambda: self._comment(request, f"approve {DEPLOY} {candidate.short}", ":gate "))
        self._headline(f"The gate is announced in #{request.number}")
        self._show(body)
        return merged, candidate

    def _refused(self, request: PullRequest) -> None:
        self._headline("bob, who may only read, writes: /gateline approve deploy-prod")
        said = actions.comment(self.forge, self._place(request), "bob", f"/gateline approve {DEPLOY}")
        self._show(self.stage.wait("the refusal", lambda: self._comment(request, "Not done", f":reply conversation/{said.id}/")))
        self._true(self._gate().approvals == (), "bob's approval counts for nothing")

    def _approved(self, request: PullRequest, candidate: Candidate) -> None:
        line = f"/gateline approve {DEPLOY} {candidate.short}"
        self._headline(f"alice writes: {line}")
        actions.comment(self.forge, self._place(request), "alice", line)
        run = self.stage.wait("the deploy", self._deployed)
        self._true(run.run.candidate == candidate.number, "the deploy is the approved candidate")
        self._line(run)
        text = "".join(chunk.text for chunk in self.context.store.read_log(run.id))
        self._true("goes to production" in text, "the deploy's script has run")
        self._show("\n".join(line.partition(" ")[2] for line in text.splitlines()[-6:]), "text")

    def _look_back(self, request: PullRequest, shas: Iterable[str]) -> None:
        self._headline(f"What #{request.number} shows")
        body = self.stage.wait("the line's comment", lambda: self._comment(request, f"{len(MAIN_JOBS) + 1} succeeded", " main -->"))
        self._show(body)
        self._headline("Statuses, by commit")
        table = Table(box=None, pad_edge=False)
        for title in ("commit", "context", "state", "description"):
            table.add_column(title)
        for sha in shas:
            rows = self.stage.wait(f"the statuses of {sha[:12]}", lambda sha=sha: self._statuses(sha))  # type: ignore[misc]
            for context, state, description in rows:
                table.add_row(sha[:12], context, state, description)
        self.console.print(Padding(table, (0, 2)))

    # -- what is so ------------------------------------------------------------------------------------------------------

    def _watch(self, lane: Lane, jobs: frozenset[str], sha: str = "") -> None:
        """Shows each of these jobs as it runs, until all have succeeded for the newest commit of the lane."""
        self.stage.wait(f"{', '.join(sorted(jobs))} to succeed in {lane.label}", lambda: self._progress(lane, jobs, sha))

    def _progress(self, lane: Lane, jobs: frozenset[str], sha: str) -> bool:
        views = [view for view in self.context.store.runs(ACCOUNT) if view.run.lane == lane and view.run.ref.job in jobs]
        if sha:
            views = [view for view in views if any(cause.sha == sha for cause in view.run.causes)]
        for view in reversed(views):
            self._line(view)
        failed = [view for view in views if view.run.status.final and view.run.status is not Status.SUCCEEDED]
        self._true(not failed, f"no job fails ({', '.join(f'{view.run.ref} {view.run.status}: {view.run.reason}' for view in failed)})")
        return {view.run.ref.job for view in views if view.run.status is Status.SUCCEEDED} == jobs

    def _line(self, view: RunView) -> None:
        run, key = view.run, (view.run.ref.job, view.run.ref.number)
        if self._told.get(key) is run.status or run.status in (Status.QUEUED, Status.WAITING):
            return
        self._told[key] = run.status
        took = f" in {duration(run.ended - run.started)}" if run.ended is not None and run.started is not None else ""
        self.console.print(f"  [{COLOURS.get(run.status, 'red')}]{run.status.value:>9}[/] {run.ref}{took}", highlight=False)

    def _gate(self) -> Candidate:
        return self.stage.wait("the gate", lambda: self._candidate_after(None))

    def _candidate_after(self, before: Candidate | None) -> Candidate | None:
        found = [candidate for _, candidate in self.context.store.candidates(ACCOUNT, DEPLOY)]
        newer = [candidate for candidate in found if before is None or candidate.number > before.number]
        return newer[0] if newer else None

    def _deployed(self) -> RunView | None:
        return next((view for view in self.context.store.runs(ACCOUNT, DEPLOY, live=False)), None)

    def _place(self, request: PullRequest) -> Conversation:
        return Conversation(request.repository.id, number=request.number)

    def _comment(self, request: PullRequest, having: str, marker: str) -> str:
        bodies = [each.body for each in self.forge.desk.comments(self._place(request))]
        return next((body for body in bodies if marker in body and having in body), "")

    def _statuses(self, sha: str) -> list[tuple[str, str, str]]:
        rows = [
            (row.context, row.state.value, row.description)
            for row in self.context.store.written_on(self.forge.repository(REPOSITORY).id, sha)
        ]
        pending = [row for row in rows if row[1] in ("pending", "running")]
        return [] if pending else rows

    # -- how it is told ----------------------------------------------------------------------------------------------------

    def _headline(self, text: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{text}", align="left", style="dim")

    def _show(self, text: str, language: str = "markdown") -> None:
        shown = "\n".join(line for line in text.splitlines() if not line.startswith("<!--"))
        self.console.print(Padding(Syntax(shown.strip(), language, theme="ansi_light", word_wrap=True, background_color="default"), (0, 2)))

    def _true(self, so: bool, what: str) -> None:
        if not so:
            raise Untrue(f"the demo expected that {what}")
