"""What must still be done outside because of facts: rows of the outbox, done at least once.

Errands that share a `key` are done one at a time and in order. Those that also are `replaces` are *desired state*: they hold no
content, the doer reads what is wanted at that moment, and a newer one makes older undone ones void (rule 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.workflow.definition import JsonMap

ERRANDS = "errands"
"""The queue of all errands; runs have one queue per node pool, `runs:<pool>`."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do. `kind` names a plugin of `app/errands`; `args` is what it reads; `due` is not before when.

    kind            | args                                                   | key, replaces
    handle_delivery | delivery (id)                                          | none
    adopt           | source, commit ("" = the tip), delivery                | source:<source>, no
    set_status      | repository, sha, job                                   | status:<repository>:<sha>:<job>, yes
    line_comment    | repository, number | sha, lane                         | comment:<repository>:<number|sha>:<lane>, yes
    announce        | job, number (of the candidate)                         | gate:<job>, no
    reply           | repository, conversation, comment, text                | none
    acknowledge     | repository, comment, kind of comment, reaction         | none
    notify          | job, number, event, notice                             | none
    line_message    | repository, sha | root event (the Slack message of one line run) | slack:<root event>, yes
    close_lane      | lane                                                   | lane:<lane>, no
    resume          | event (see below): a `react` that could not be made in the transaction | none
    """

    kind: str
    args: JsonMap = field(default_factory=dict)
    key: str | None = None
    replaces: bool = False
    due: float = 0.0
