"""Turns facts into rows, in their order; neighbours of one kind are written together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from app.store import write_definitions, write_gates, write_places, write_runs, write_versions
from app.store.engine import Transaction
from app.workflow import facts as made
from app.workflow.facts import Fact

Writer = Callable[[Transaction, str, Sequence[Any]], None]

WRITERS: Mapping[type, Writer | None] = {
    made.VersionAdded: write_versions.add_versions,
    made.RunAdded: write_runs.add_runs,
    made.RunJoined: write_runs.join_runs,
    made.RunQueued: write_runs.queue_runs,
    made.RunWaits: write_runs.wait_runs,
    made.RunReleased: write_runs.release_runs,
    made.RunDue: write_runs.let_due,
    made.RunStarted: write_runs.start_runs,
    made.RunCancelling: write_runs.cancel_runs,
    made.RunFinished: write_runs.finish_runs,
    made.SummaryLeft: write_runs.keep_summaries,
    made.NotRun: write_runs.add_not_run,
    made.ReadyByHand: write_runs.mark_ready,
    made.CandidateProposed: write_gates.propose_candidates,
    made.ApprovalGiven: write_gates.add_approvals,
    made.CandidateEnded: write_gates.end_candidates,
    made.JobDefined: write_definitions.define_jobs,
    made.JobRemoved: write_definitions.remove_jobs,
    made.ResourceDefined: write_definitions.define_resources,
    made.ResourceRemoved: write_definitions.remove_resources,
    made.FragmentAdopted: write_definitions.adopt_fragments,
    made.PauseSet: write_definitions.set_pauses,
    made.PinSet: write_definitions.set_pins,
    made.TipMoved: write_places.move_tips,
    made.LaneOpened: write_places.open_lanes,
    made.LaneClosed: write_places.close_lanes,
    made.ShaAllowed: write_places.allow_shas,
    made.Ignored: None,
    made.Denied: None,
}
"""How each kind of fact becomes rows; None: the event's own row says it all."""


def write_facts(transaction: Transaction, account: str, facts: Sequence[Fact]) -> None:
    for kind, alike in groupby(facts, key=type):
        writer = WRITERS[kind]
        if writer:
            writer(transaction, account, list(alike))
