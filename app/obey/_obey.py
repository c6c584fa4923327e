"""One call from being read to being answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from app.commands import Answer, Command, Reading, Refusal, Right, Scene, Wish
from app.context import Context
from app.obey._announced import announced_here
from app.obey._asked import Asked, Reply, Verdict
from app.obey._meant import Meant, Unknown, by_name, on_commit, visible
from app.obey._outcome import came_to
from app.obey._rights import Rights
from app.react import react
from app.registry import load
from app.store import AuditEntry, Outcome, Source
from app.workflow import answers, say
from app.workflow.comment import Call, Syntax
from app.workflow.definition import Job
from app.workflow.events import Approved, Event, Rejected
from app.workflow.facts import Denied, PauseSet, PinSet
from app.workflow.line import Candidate


def commands() -> Mapping[str, Command]:
    """All commands by verb."""
    return cast("Mapping[str, Command]", load("app.commands"))


def syntaxes() -> dict[str, Syntax]:
    """Verb -> what it takes, for `comment.read`."""
    return {verb: Syntax.of(command.usage) for verb, command in commands().items()}


def obey(context: Context, asked: Asked) -> tuple[Reply, ...]:
    """Does what was asked, in order; a call that names no job has one reply for each account concerned.

    Raises Temporary when something could not be reached, with nothing done of that call; to ask again repeats nothing.
    """
    replies: list[Reply] = []
    for said in asked.said:
        if isinstance(said, Call):
            replies += _Call(context, asked, said, commands()[said.verb]).replies()
        else:
            replies.append(Reply(said, Verdict.MISTAKEN, said.sentence, said.type))
    return tuple(replies)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call in hand."""

    context: Context
    asked: Asked
    call: Call
    command: Command

    @property
    def right(self) -> Right:
        return Right.ADMIN if self.call.break_glass else self.command.right

    @property
    def _key(self) -> str:
        return f"{self.asked.key}:{self.call.index}"

    def replies(self) -> Iterator[Reply]:
        rights = Rights(self.context, self.asked.by, self.asked.authors)
        if not self.call.job:
            for meant in on_commit(self.context, self.asked.accounts, self.asked.spot):
                yield self._audited(meant, self._over_all(meant, rights))
            return
        named = by_name(self.context, self.asked.accounts, self.call, self.asked.spot, self.asked.conversation is not None)
        if isinstance(named, Unknown):
            yield self._unknown(named)
        else:
            yield self._audited(named, self._of_one(named, rights))

    def _unknown(self, meant: Unknown) -> Reply:
        nearest = self.call.line.replace(self.call.job, meant.nearest, 1) if meant.nearest and self.call.job in self.call.line else ""
        return Reply(self.call, Verdict.UNKNOWN, meant.reason, nearest)

    def _of_one(self, meant: Meant, rights: Rights) -> Reply:
        """The call names its job: the answer to one who may not even see it is that there is none."""
        ((job, source),) = meant.jobs
        waiting = self._waiting(meant.account, job.name)
        if not rights.may(self.right, job, source, waiting):
            if source.private and not rights.unanswered and not rights.read(source.repository, True):
                return self._unknown(Unknown(say.unknown_job(self.call.job, ())))
            return self._forbidden(rights, [(job, source)])
        if self.right is Right.READ and self._elsewhere(source):
            return Reply(self.call, Verdict.REFUSED, say.LESS_VISIBLE)
        return self._read(meant, (job,), (), rights)

    def _over_all(self, meant: Meant, rights: Rights) -> Reply:
        """The call names no job. What is asked or admitted concerns the conversation; other verbs each job that was found."""
        spot = self.asked.spot
        if self.right in (Right.READ, Right.ADMIT):
            if spot and not self._in_conversation(spot.repository, rights):
                reason = say.NO_ANSWER if rights.unanswered else say.MAY_NOT_READ if self.right is Right.READ else say.MAY_NOT_ADMIT
                return Reply(self.call, Verdict.FORBIDDEN, reason)
            shown = [pair for pair in meant.jobs if not self._elsewhere(pair[1])]
            return self._read(meant, tuple(job for job, _ in shown), (), rights)
        pairs = meant.jobs
        mine = [job for job, source in pairs if rights.may(self.right, job, source, self._waiting(meant.account, job.name))]
        others = [pair for pair in pairs if pair[0] not in mine]
        if others and not mine:
            return self._forbidden(rights, others)
        return self._read(meant, tuple(mine), tuple(job for job, source in others if not self._elsewhere(source)), rights)

    def _in_conversation(self, repository: str, rights: Rights) -> bool:
        known = self.context.store.repository(repository)
        if self.right is Right.ADMIT:
            return rights.writes(repository)
        return rights.read(repository, known is None or known.private)

    def _elsewhere(self, source: Source) -> bool:
        """Whether readers of this conversation may not see what `source` defines."""
        here = self.asked.conversation
        return here is not None and not visible(self.context, source, here.repository)

    def _forbidden(self, rights: Rights, pairs: list[tuple[Job, Source]]) -> Reply:
        shown = pairs if self.call.job else [(job, source) for job, source in pairs if not self._elsewhere(source)]
        job, source = (shown or pairs)[0]
        if rights.unanswered:
            sentence = say.NO_ANSWER
        elif not shown:
            sentence = say.NONE_IS_YOURS
        elif self.right in (Right.GATE, Right.END) and job.gate and job.gate.restricted:
            sentence = say.not_an_approver(job.name, job.gate.approvers)
        else:
            where = "" if self._elsewhere(source) else source.full_name
            needed = "triage" if self.right is Right.READ else "admin" if self.right is Right.ADMIN else "write"
            sentence = say.needs_right(f"{needed} access", [job.name for job, _ in shown], where)
        return Reply(self.call, Verdict.FORBIDDEN, sentence)

    def _waiting(self, account: str, job: str) -> tuple[Candidate, ...]:
        return self.context.store.ask(account, lambda line: line.node(job).open)

    def _read(self, meant: Meant, jobs: tuple[Job, ...], left_out: tuple[Job, ...], rights: Rights) -> Reply:
        reply = self._again(meant) or self._first(meant, jobs, rights)
        if not left_out:
            return reply
        return replace(reply, text=f"{reply.text} {say.also_refused([job.name for job in left_out])}", quiet=False)

    def _again(self, meant: Meant) -> Reply | None:
        """The answer of the first time, if this was decided and perhaps never answered: read anew it would meet its own effects."""
        known = self.context.store.outcome(meant.account, self._key) if self.right is not Right.READ else None
        if known is None:
            return None
        spoken = any(isinstance(fact, PauseSet | PinSet) for fact in known.facts)
        return self._told([known], " ".join(came_to(known.facts)) if spoken else "")

    def _first(self, meant: Meant, jobs: tuple[Job, ...], rights: Rights) -> Reply:
        scene = self._scene(meant, jobs)
        reading = self.context.store.ask(meant.account, lambda line: self.command.read(line, self.call, scene))
        return self._done(meant, reading, rights)

    def _scene(self, meant: Meant, jobs: tuple[Job, ...]) -> Scene:
        asked, store = self.asked, self.context.store
        gated = self.call.job != "" and self.right is Right.GATE
        names = {job.name for job in jobs}
        candidates = [each for _, each in store.candidates(meant.account, jobs[0].name, open_only=False)] if gated else []
        waiting = self._waiting(meant.account, jobs[0].name) if gated and asked.conversation and not self.call.digest else ()
        return Scene(
            by=asked.by,
            key=self._key,
            via=asked.via,
            now=store.now(),
            kinds=self.context.kinds,
            prefix=f"/{self.context.settings.bot_name}",
            spot=asked.spot,
            typed=asked.typed,
            jobs=jobs,
            found=tuple(each for each in meant.found if each.job in names),
            hidden=len(meant.jobs) - len(jobs) if self.right is Right.READ else 0,
            served=store.pools_served(),
            candidates=tuple(sorted(candidates, key=lambda each: -each.number)),
            announced=announced_here(self.context, meant.account, asked.conversation, waiting) if asked.conversation else (),
            usages={verb: (command.usage, command.help) for verb, command in commands().items()},
        )

    def _done(self, meant: Meant, reading: Reading, rights: Rights) -> Reply:
        match reading:
            case Refusal(reason, suggested):
                return Reply(self.call, Verdict.REFUSED, reason, suggested)
            case Answer(text):
                return Reply(self.call, Verdict.ANSWERED, text)
            case Wish(events, note):
                return self._decided(meant, events, note, rights)

    def _decided(self, meant: Meant, events: tuple[Event, ...], note: str, rights: Rights) -> Reply:
        for event in events:
            if isinstance(event, Approved | Rejected) and not self._answers(meant, event, rights):
                return self._forbidden(rights, list(meant.jobs))
        return self._told([react(self.context, meant.account, event) for event in events], note)

    def _told(self, outcomes: Sequence[Outcome], note: str = "") -> Reply:
        facts = tuple(fact for outcome in outcomes for fact in outcome.facts)
        if self.asked.edited and any(outcome.duplicate for outcome in outcomes):
            return Reply(self.call, Verdict.REFUSED, say.EDITED, facts=facts)
        denied = [fact.reason for fact in facts if isinstance(fact, Denied)]
        if denied:
            return Reply(self.call, Verdict.REFUSED, " ".join(map(say.quiet, denied)), facts=facts)
        text = " ".join(came_to(facts)) or answers.NOTHING_NEW
        return Reply(self.call, Verdict.DONE, note or text, facts=facts, quiet=not note)

    def _answers(self, meant: Meant, event: Approved | Rejected, rights: Rights) -> bool:
        """Whether the asker answers for the very gate that the candidate was proposed under."""
        ((job, source),) = meant.jobs
        candidate = next((each for each in self._waiting(meant.account, job.name) if each.digest == event.digest), None)
        return rights.may(Right.GATE, job, source, (candidate,) if candidate else ())

    def _audited(self, meant: Meant, reply: Reply) -> Reply:
        """Keeps it in the audit log, once for a comment however often its delivery is done. Questions are not kept."""
        asked, store = self.asked, self.context.store
        if self.right is Right.READ:
            return reply
        subject = meant.jobs[0][0].name if self.call.job else asked.spot.sha if asked.spot else ""
        entry = AuditEntry(
            store.now(), meant.account, asked.by, self.call.verb, subject, reply.accepted, f"{self.call.line}: {reply.text}", asked.via
        )
        known = store.audit(meant.account, subject) if asked.conversation else ()
        if not any(
            (each.via, each.action, each.accepted, each.by.id) == (entry.via, entry.action, entry.accepted, entry.by.id) for each in known
        ):
            store.add_audit(entry)
        return reply
