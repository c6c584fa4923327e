"""What is in the way of a run, word for word: what `why` answers (spec/workflow-language.md section 4.2, product.md section 9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial

import pytest

from app.workflow.definition import Gate, Mode, Pin
from app.workflow.events import Left, PinChanged, RunEnded
from app.workflow.line import MAIN, Lane, Line, Status
from app.workflow.trigger import Obstacle, Reason, blocked, pinned, pinned_version, unhealthy, unsettled, waits_for_no_turn, why
from tests.workflow.worlds import World, actor, kinds, pr, ref_of, sha, world

FREE = Reason(Obstacle.POOL, "default", "waits for a free worker of pool default")


def asked(w: World, run: str, served: Collection[str] | None = None) -> tuple[Reason, ...]:
    return tuple(w.ask(lambda line: why(line, w.get(run), kinds(), served)))


def in_the_way(w: World, run: str) -> tuple[Reason, ...]:
    return tuple(w.ask(lambda line: blocked(line, w.get(run), kinds())))


def loose(w: World, job: str = "J", lane: Lane = MAIN) -> tuple[Reason, ...]:
    """What keeps a strict run of `job` from being made or released."""
    return tuple(w.ask(lambda line: tuple(unsettled(line, w.ledger.jobs[job], lane, kinds()))))


def sick(w: World, job: str = "J", lane: Lane = MAIN) -> tuple[Reason, ...]:
    """What keeps a chrono run of `job` from being made."""
    return tuple(w.ask(lambda line: tuple(unhealthy(line, w.ledger.jobs[job], lane))))


def failed(job: str, number: int = 1, said: str = "failed") -> Reason:
    return Reason(Obstacle.JOB, job, f"{job} {said}", ref_of(f"{job}#{number}"))


def never(job: str) -> Reason:
    return Reason(Obstacle.JOB, job, f"{job} has never run")


def running(run: str, said: str = "is running") -> Reason:
    return Reason(Obstacle.RUN, run.partition("#")[0], f"waits for {run}, which {said}", ref_of(run))


# -- a worker ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served", "sentence"),
    [
        (None, "waits for a free worker of pool default"),
        (["default", "gpu"], "waits for a free worker of pool default"),
        (["gpu"], "no worker serves pool default: add it to GATELINE_POOLS of a machine"),
        ([], "no worker serves pool default: add it to GATELINE_POOLS of a machine"),
    ],
)
def test_a_run_that_may_start_waits_for_a_worker_of_its_pool(served: list[str] | None, sentence: str) -> None:
    w = world("app -> A")
    w.push()
    assert asked(w, "A#1", served) == (Reason(Obstacle.POOL, "default", sentence),)


def test_a_run_that_runs_or_is_over_waits_for_nothing() -> None:
    w = world("app -> A")
    w.push()
    w.claim()
    assert asked(w, "A#1") == ()
    w.end("A#1")
    assert asked(w, "A#1") == ()


def test_what_is_in_the_way_is_said_before_a_worker_is() -> None:
    w = world("app -> A")
    w.push()
    w.push()
    assert asked(w, "A#2", []) == (Reason(Obstacle.TURN, "A", "waits for A#1, which comes first", ref_of("A#1")),)


# -- a turn ------------------------------------------------------------------------------------------------------------------


def test_runs_of_one_job_wait_for_all_before_them() -> None:
    w = world("app -> A")
    for _ in range(3):
        w.push()
    w.claim()
    assert [str(reason.ref) for reason in in_the_way(w, "A#3")] == ["A#1", "A#2"]
    assert in_the_way(w, "A#1") == ()


def test_runs_of_a_parallel_job_wait_for_none_of_their_own() -> None:
    w = world("app -> A", A={"parallel": True})
    w.push()
    w.push()
    assert asked(w, "A#2") == (FREE,)


def two_lanes(line: str, **options: object) -> World:
    """A#1 of main queued, A#2 of a pull request behind it."""
    w = world(line, **options)
    w.push()
    w.pull_request(7, "change")
    return w


@pytest.mark.parametrize("line", ["app => A", "app => A -> conf", "app => A; shelf -> A"])
def test_runs_of_a_job_in_two_lanes_do_not_wait_for_each_other(line: str) -> None:
    assert in_the_way(two_lanes(line), "A#2") == ()


@pytest.mark.parametrize("line", ["app => A -> shelf", "app => A -> conf; A -> shelf", "app => A -> shelf; A -> conf"])
def test_runs_of_a_job_that_writes_a_state_wait_for_each_other_over_all_lanes(line: str) -> None:
    assert in_the_way(two_lanes(line), "A#2") == (Reason(Obstacle.TURN, "A", "waits for A#1, which comes first", ref_of("A#1")),)


def test_a_run_of_another_lane_hides_none_of_its_own_behind_it() -> None:
    w = world("app => A -> J")
    w.pull_request(7, "change")
    w.push()
    w.push()
    assert in_the_way(w, "A#3") == (Reason(Obstacle.TURN, "A", "waits for A#2, which comes first", ref_of("A#2")),)
    w.trigger("J")
    assert running("A#2", "is still to run") in in_the_way(w, "J#1")


def test_runs_of_a_job_with_a_gate_wait_for_each_other_over_all_lanes() -> None:
    w = two_lanes("app => A", A=Gate())
    for candidate in list(w.ledger.candidates.values()):
        w.approve("A", digest=candidate.digest)
    assert [str(reason.ref) for reason in in_the_way(w, "A#2")] == ["A#1"]


def test_a_run_that_waits_for_a_fork_to_be_allowed_is_in_nobodys_way() -> None:
    w = world("app => A -> shelf")
    w.pull_request(7, "change", fork=True)
    w.push()
    assert in_the_way(w, "A#2") == ()
    assert asked(w, "A#1") == (Reason(Obstacle.ALLOW, sha("change"), "waits until somebody allows this commit, which comes from a fork"),)


@pytest.mark.parametrize(
    ("strict", "status", "held", "none"),
    [
        (False, Status.WAITING, "", False),
        (False, Status.QUEUED, "", False),
        (True, Status.WAITING, "", True),
        (True, Status.QUEUED, "", False),
        (False, Status.WAITING, "allow", True),
        (False, Status.QUEUED, "allow", True),
    ],
)
def test_a_strict_entry_and_a_held_run_have_no_turn_that_others_wait_for(strict: bool, status: Status, held: str, none: bool) -> None:
    w = world("app -> A")
    w.push()
    assert waits_for_no_turn(replace(w.get("A#1"), strict=strict, status=status, held=held)) is none


# -- chrono: what is around it -----------------------------------------------------------------------------------------------


def test_chrono_names_the_neighbour_that_runs() -> None:
    w = world("app -> A -> J -> C; lib -> C")
    w.push("app")
    w.drain()
    w.push("lib")
    assert w.claim() == "C#2"
    w.trigger("J")
    assert in_the_way(w, "J#2") == (running("C#2"),)


def test_chrono_names_the_upstream_run_that_was_asked_for_earlier_or_by_the_same_event() -> None:
    w = world("app -> A -> J; app -> J")
    w.push()
    w.drain()
    w.push()
    assert in_the_way(w, "J#2") == (running("A#2", "is still to run"),)


def test_chrono_lets_a_run_that_was_asked_for_earlier_pass_its_upstream_and_a_queued_one_downstream_too() -> None:
    w = world("app -> A -> J -> C; lib -> J; conf -> C")
    w.push("lib")
    w.push("app")
    w.drain()
    w.trigger("J")
    w.push("app")
    w.post("conf", params={"COLOUR": "red"})
    assert {run: state for run, state in w.unfinished().items() if run[0] in "JC"} == {"J#2": "queued", "C#2": "waiting"}
    assert in_the_way(w, "J#2") == ()


def test_chrono_does_not_look_into_other_lanes() -> None:
    w = world("app => A => J; app => J")
    w.push()
    w.drain()
    w.push()
    assert w.claim() == "A#2"
    w.trigger("J", lane=MAIN)
    w.pull_request(7, "change")
    ours = [str(run.ref) for run in w.ledger.runs.values() if run.lane == pr(7) and run.ref.job == "A"]
    assert all("A#2" not in str(reason.ref) or reason.kind is not Obstacle.RUN for reason in in_the_way(w, ours[0]))


def test_immediate_and_released_strict_runs_look_at_no_neighbour() -> None:
    w = world("app -> J -> C", J="immediate")
    w.trigger("C")
    w.claim()
    w.push()
    assert in_the_way(w, "J#1") == ()


# -- strict: whether all that it comes from is settled -----------------------------------------------------------------------

ENDINGS = [
    (Status.UNSTABLE, "is unstable"),
    (Status.FAILED, "failed"),
    (Status.ERRORED, "ended with an error"),
    (Status.TIMED_OUT, "timed out"),
]


@pytest.mark.parametrize(("status", "said"), ENDINGS)
def test_an_in_job_that_ended_badly_is_named_with_its_end(status: Status, said: str) -> None:
    w = world("app -> A -> J", J="strict")
    w.push()
    w.run("A#1", status)
    assert loose(w) == (failed("A", said=said),)
    assert sick(w) == (failed("A", said=said),)


def test_an_in_job_that_was_lost_is_named() -> None:
    w = world("app -> A -> J")
    w.push()
    w.claim()
    w.lose("A#1")
    assert sick(w) == (failed("A", said="was lost"),)


def test_an_in_job_that_was_cancelled_counts_by_the_run_before() -> None:
    w = world("app -> A -> J")
    w.push()
    w.run("A#1", Status.CANCELLED)
    assert sick(w) == (never("A"),)
    w.push()
    w.drain()
    w.push()
    w.run("A#3", Status.CANCELLED)
    assert sick(w) == ()


def test_an_in_job_that_never_ran_is_named_without_a_run() -> None:
    w = world("app -> A -> J; lib -> B -> J")
    assert sick(w) == (never("A"), never("B"))
    assert loose(w) == (never("A"), never("B"))


def test_an_in_job_that_failed_does_no_harm_where_failures_are_followed() -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True}})
    w.push()
    w.run("A#1", Status.FAILED)
    assert sick(w) == ()


def test_an_in_job_that_runs_is_named_by_strict_only() -> None:
    w = world("app -> A -> J")
    w.push()
    w.drain()
    w.push()
    w.claim()
    assert loose(w) == (running("A#2", "is not over"),)
    assert sick(w) == ()


def test_a_queued_strict_run_upstream_is_not_over_and_a_waiting_entry_is_no_run() -> None:
    w = world("app -> A -> J; lib -> B -> A", A="strict")
    w.push("lib")
    w.push("app")
    w.run("B#1")
    assert w.runs()["A#1"] == "queued"
    assert loose(w) == (running("A#1", "is not over"), never("A"))
    w = world("app -> A -> J; lib -> B -> A", A="strict")
    w.push("app")
    assert w.runs() == {"A#1": "waiting"}
    assert loose(w) == (never("A"),)


@pytest.mark.parametrize(("name", "kind"), [("A", Obstacle.JOB), ("app", Obstacle.RESOURCE)])
def test_what_is_inconsistent_is_named_with_the_first_reason(name: str, kind: Obstacle) -> None:
    w = world("A -> J; app -> J")
    w.trigger("A")
    w.drain()
    w.ledger.inconsistent[name] = ("its integration is unknown", "and more")
    expected = (Reason(kind, name, f"{name} is inconsistent: its integration is unknown"),)
    assert sick(w) == expected
    assert loose(w) == expected


def test_strict_looks_at_each_producer_of_an_in_resource() -> None:
    w = world("conf -> J; lib -> P -> conf; app -> Q -> conf; pic -> R -> conf", J="strict")
    w.push("lib")
    w.run("P#1", Status.FAILED)
    w.push("app")
    w.claim()
    w.ledger.inconsistent["R"] = ("nothing it needs is there",)
    assert loose(w) == (
        failed("P"),
        running("Q#1", "is not over"),
        Reason(Obstacle.JOB, "R", "R is inconsistent: nothing it needs is there"),
    )
    assert sick(w) == ()


def test_a_producer_that_never_ran_or_succeeded_counts_as_settled() -> None:
    w = world("conf -> J; lib -> P -> conf; app -> Q -> conf", J="strict")
    assert loose(w) == ()
    w.push("lib")
    w.run("P#1")
    assert loose(w) == ()


def test_the_producer_of_a_state_does_not_count_nor_does_the_job_itself() -> None:
    w = world("shelf -> J; conf -> J -> conf; lib -> P -> shelf", J="strict")
    w.push("lib")
    w.claim()
    w.trigger("J")
    assert loose(w) == ()


def test_a_producer_counts_by_its_runs_in_the_lane() -> None:
    w = world("conf => J; app => P => conf", J="strict")
    w.push()
    w.run("P#1", Status.FAILED)
    assert loose(w, lane=pr(7)) == ()
    w.pull_request(7, "change")
    assert loose(w, lane=pr(7)) == (running("P#2", "is not over"),)
    w.run("P#2", Status.ERRORED)
    assert loose(w, lane=pr(7)) == (failed("P", 2, "ended with an error"),)


def test_switched_off_ins_count_for_chrono_only() -> None:
    w = world("app -> A -/> J; lib -> J")
    w.push("app")
    w.run("A#1", Status.FAILED)
    assert sick(w) == (failed("A"),)
    assert loose(w) == ()


# -- lanes: with no run there, main's last success counts --------------------------------------------------------------------


def test_a_neighbour_without_a_run_in_the_lane_counts_by_mains_last_success() -> None:
    w = world("app -> A -> J")
    assert sick(w, lane=pr(7)) == (never("A"),)
    w.push()
    w.run("A#1", Status.FAILED)
    assert sick(w, lane=pr(7)) == (never("A"),)
    w.push()
    w.drain()
    w.push()
    w.run("A#3", Status.FAILED)
    assert sick(w, lane=pr(7)) == ()
    assert loose(w, lane=pr(7)) == ()
    assert sick(w) == (failed("A", 3),)


def test_where_failures_are_followed_any_run_of_main_will_do() -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True}})
    assert sick(w, lane=pr(7)) == (never("A"),)
    w.push()
    w.run("A#1", Status.FAILED)
    assert sick(w, lane=pr(7)) == ()


def test_a_neighbour_with_an_unfinished_run_in_the_lane_counts_by_that_lane() -> None:
    w = world("app => A -> J")
    w.push()
    w.drain()
    w.pull_request(7, "change")
    assert sick(w, lane=pr(7)) == (never("A"),)
    w.run("A#2", Status.FAILED)
    assert sick(w, lane=pr(7)) == (failed("A", 2),)


# -- pins --------------------------------------------------------------------------------------------------------------------


def pin(w: World, job: str, resource: str, number: int) -> None:
    w.happen(PinChanged(**w.key(), by=actor("bob"), via="cli", job=job, resource=resource, version=f"#{number}"))
    assert w.denied() == ""


def test_a_pin_to_a_run_that_succeeded_makes_the_jobs_later_failure_harmless() -> None:
    w = world("app -> A -> J; lib -> J")
    for status in (Status.SUCCEEDED, Status.FAILED):
        w.push("app")
        w.claim()
        w.end(str(w.ledger.runs_by_job["A"][-1]), status)
        w.drain()
    assert sick(w) == (failed("A", 2),)
    pin(w, "J", "A", 1)
    assert sick(w) == ()
    pin(w, "J", "A", 2)
    assert sick(w) == (failed("A", 2),)


def test_the_files_pin_of_an_in_job_names_a_run_of_the_lane_by_its_label() -> None:
    w = world("app => A -> J", J={"A": {"pin": Pin(name="v1")}})
    for number, status in ((1, Status.SUCCEEDED), (2, Status.FAILED)):
        w.pull_request(7, f"change {number}", action="updated")
        run = w.get(w.claim())
        own = Left(keys=(("versionName", f"v{number}"),))
        w.happen(RunEnded(**w.key(), job="A", number=number, token=run.token, status=status, own=own))
    assert sick(w, lane=pr(7)) == ()
    assert sick(w) == (never("A"),)


def test_strict_looks_past_the_producers_of_what_people_pinned() -> None:
    w = world("conf -> J; lib -> P -> conf", J="strict")
    pin(w, "J", "conf", 1)
    w.push("lib")
    w.claim()
    assert loose(w) == ()


def test_the_producers_of_a_pinned_resource_do_not_count() -> None:
    w = world("conf -> J; lib -> P -> conf", J={"mode": Mode.STRICT, "conf": {"pin": Pin(number=1)}})
    w.push("lib")
    w.claim()
    assert loose(w) == ()


def taken(w: World, resource: str, lane: Lane = MAIN) -> tuple[bool, str]:
    """Whether J's input is pinned, and the version that this gives, as `name#number` ("" for none)."""
    node = w.ask(lambda line: line.node("J"))
    step = node.input(resource)
    version = w.ask(lambda line: pinned_version(line, node, step, lane))
    return pinned(node, step), f"{version.ref.name}#{version.ref.number}" if version else ""


def test_a_pin_that_people_set_goes_before_the_files() -> None:
    w = world("pic -> J", J={"pic": {"pin": Pin(name="2")}})
    w.post("pic", "2")
    w.post("pic", "3")
    assert taken(w, "pic") == (True, "pic#2")
    pin(w, "J", "pic", 3)
    assert taken(w, "pic") == (True, "pic#3")


def test_an_input_that_nobody_pinned_is_free() -> None:
    w = world("pic -> J")
    assert taken(w, "pic") == (False, "")


@pytest.mark.parametrize(("by", "version"), [(Pin(number=2), "pic#2"), (Pin(name="2"), "pic#2"), (Pin(number=9), ""), (Pin(name="no"), "")])
def test_a_pin_of_the_file_names_a_version_by_number_or_label(by: Pin, version: str) -> None:
    w = world("pic -> J", J={"pic": {"pin": by}})
    w.post("pic", "2")
    assert taken(w, "pic") == (True, version)


def test_a_label_is_looked_up_in_the_lane_and_a_number_everywhere() -> None:
    w = world("app => J", J={"app": {"pin": Pin(name=sha("change"))}})
    w.pull_request(7, "change")
    assert taken(w, "app", pr(7)) == (True, "app#1")
    assert taken(w, "app") == (True, "")


# -- in few rounds (architecture.md section 6, rule 10) ----------------------------------------------------------------------


def rounds(line: str, last: str, **options: object) -> int:
    """Rounds of loading in which the end of the run `last` of a pull request is decided, when all others are over."""
    w = world(line, **options)
    w.pull_request(7, "change")
    while (run := w.claim()) != last:
        w.end(run)
    w.end(last)
    return w.rounds


@pytest.mark.parametrize("mode", ["chrono", "immediate", "strict"])
def test_a_decision_takes_no_more_rounds_for_more_in_jobs(mode: str) -> None:
    few, many = ("; ".join(f"app => A{n} => J" for n in range(count)) for count in (2, 8))
    assert rounds(many, "A7#1", J=mode) == rounds(few, "A1#1", J=mode)


@pytest.mark.parametrize("question", [unhealthy, partial(unsettled, kinds=kinds())], ids=["chrono", "strict"])
def test_a_question_takes_no_more_rounds_for_more_in_jobs(question: Callable[..., Iterator[Reason]]) -> None:
    def asked_in(count: int) -> int:
        w = world("; ".join(f"app => A{n} => J" for n in range(count)))
        w.pull_request(7, "change")
        w.drain()
        asks: list[None] = []

        def ask(line: Line) -> tuple[Reason, ...]:
            asks.append(None)
            return tuple(question(line, w.ledger.jobs["J"], pr(7)))

        assert w.ask(ask) == ()
        return len(asks)

    assert asked_in(8) == asked_in(2)


@pytest.mark.parametrize("mode", ["chrono", "immediate", "strict"])
def test_a_decision_takes_no_more_rounds_for_more_producers(mode: str) -> None:
    few, many = ("app => A => J; conf => J; " + "; ".join(f"pic -> P{n} -> conf" for n in range(count)) for count in (2, 8))
    assert rounds(many, "A#1", J=mode) == rounds(few, "A#1", J=mode)
