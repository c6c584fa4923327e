"""The page of a run: what it says, that it stays private, and how it is kept up to date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.errors import Temporary
from app.store import RunView, WorkerRow
from app.web.log_text import Section, newest
from app.workflow.ci.outcome import CellRun
from app.workflow.ci.reports import Report
from app.workflow.definition import Job
from app.workflow.line import MAIN, Actor, Approval, Candidate, Cause, Node, Run, RunRef, Status, Taken, Version, VersionRef
from tests.web.world import NOW, MemoryStore, a_context, a_view, chunks, lines

KEY = "k" * 22
PUSH = Cause(
    "push",
    "e1",
    "local:1",
    "acme/app",
    "abcdef0123456789" * 2 + "01234567",
    "refs/heads/main",
    None,
    (Actor("local:1", "alice"),),
    "Faster",
)
RUN = Run(
    RunRef("deploy", 12),
    MAIN,
    Status.FAILED,
    (PUSH,),
    NOW - 100,
    trigger="build",
    inputs=(Taken("app", VersionRef("app", 3)), Taken("none", None)),
    started=NOW - 90,
    ended=NOW - 30,
    reason="The task `ship it` ended with exit code 3.",
    code=3,
)


def test_the_page_tells_state_reason_causes_inputs_and_times(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.labels[VersionRef("app", 3)] = Version(VersionRef("app", 3), MAIN, NOW, label="abcdef0")
    text = client.get(f"/runs/{KEY}").text
    for part in [
        "deploy#12",
        "failed",
        "Set off by build.",
        "The task `ship it` ended with exit code 3.",
        "acme/app abcdef012345",
        "Faster · alice",
        "version 3",
        "abcdef0",
        "none yet",
        "2023-11-14 22:11:40 UTC",
        "ran 1 min 0 s",
    ]:
        assert part in text, part


def test_the_page_shows_what_the_run_wrote_about_itself_and_which_try_it_is(client: FlaskClient, store: MemoryStore) -> None:
    view = a_view(replace(RUN, attempt=2, retry_of=11))
    store.views, store.summaries = [view], {view.id: "# Two failed\n<b>x</b>"}
    text = client.get(f"/runs/{KEY}").text
    for part in ["<h1>Two failed</h1>", "&lt;b&gt;x&lt;/b&gt;", "This is try 2, after deploy#11."]:
        assert part in text, part


@pytest.mark.parametrize("path", ["/runs/unknown", "/runs/unknown/log", "/runs/unknown/live", f"/runs/{KEY[:-1]}"])
def test_an_unknown_key_is_404(client: FlaskClient, store: MemoryStore, path: str) -> None:
    store.views = [a_view(RUN)]
    assert client.get(path).status_code == 404


def test_what_people_and_programs_wrote_is_never_markup(client: FlaskClient, store: MemoryStore) -> None:
    evil = "<script>alert(1)</script>"
    cause = replace(PUSH, title=evil, full_name=evil)
    store.views = [a_view(replace(RUN, reason=evil, causes=(cause,), ref=RunRef(evil, 1)))]
    store.logs[7] = chunks((evil, lines([evil])))
    text = client.get(f"/runs/{KEY}").text
    assert evil not in text
    assert "&lt;script&gt;" in text


def test_answers_forbid_foreign_scripts_caching_and_referrers(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    for path in (f"/runs/{KEY}", f"/runs/{KEY}/log", "/runs/unknown"):
        headers = client.get(path).headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_needs_nothing_inline(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(replace(RUN, status=Status.RUNNING, ended=None))]
    text = client.get(f"/runs/{KEY}").text
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == text.count('<script src="/static/live.js" defer></script>') == 1
    for asset in ("live.js", "style.css", "icon.svg"):
        with client.get(f"/static/{asset}") as answer:
            assert answer.status_code == 200


def test_the_log_is_shown_by_sections_without_terminal_colours(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.logs[7] = chunks(("set up", "one\n"), ("set up", "two\n"), ("task", "\x1b[31;1mred\x1b[0m\n"), ("set up", "three\n"))
    text = client.get(f"/runs/{KEY}").text
    assert text.count("<summary>") == 3
    assert "one\ntwo\n</pre>" in text
    assert "<pre>red\n</pre>" in text


def test_lines_show_the_time_of_day_and_the_plain_log_the_whole_moment(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.logs[7] = chunks(("task", "2023-11-14T22:12:01.250Z at 2023-11-14T22:12:01.250Z\n"))
    assert "<pre>22:12:01 at 2023-11-14T22:12:01.250Z\n</pre>" in client.get(f"/runs/{KEY}").text
    assert client.get(f"/runs/{KEY}/log").text == "2023-11-14T22:12:01.250Z at 2023-11-14T22:12:01.250Z\n"


def test_a_run_behind_a_gate_names_who_opened_it(client: FlaskClient, store: MemoryStore) -> None:
    digest = "3f9a1c2b7d4e" + "0" * 52
    approval = Approval(Actor("local:2", "bob"), digest, NOW - 120, "comment 9")
    job = Job("deploy", "runSh", "local:acme/app@main")
    store.gates["deploy", 4] = Candidate("deploy", 4, MAIN, digest, (), job, (PUSH,), NOW - 200, approvals=(approval,))
    store.views = [a_view(replace(RUN, candidate=4))]
    assert "Approved by bob (2023-11-14 22:11:20 UTC), digest 3f9a1c2b7d4e." in client.get(f"/runs/{KEY}").text


@pytest.mark.parametrize(("label", "shown"), [("ab12" * 10, "ab12ab12ab12"), ("ab12" * 16, "ab12ab12ab12"), ("v2.3.1", "v2.3.1")])
def test_a_hash_is_shown_by_its_first_digits(client: FlaskClient, store: MemoryStore, label: str, shown: str) -> None:
    store.views = [a_view(RUN)]
    store.labels[VersionRef("app", 3)] = Version(VersionRef("app", 3), MAIN, NOW, label=label)
    assert f'<span class="detail">{shown}</span>' in client.get(f"/runs/{KEY}").text


def test_the_plain_log_is_whole_and_goes_on_behind_a_chunk(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.logs[7] = chunks(*((f"s{number}", f"{number}\n") for number in range(1, 451)))
    answer = client.get(f"/runs/{KEY}/log")
    assert answer.content_type.startswith("text/plain")
    assert answer.text == "".join(f"{number}\n" for number in range(1, 451))
    assert client.get(f"/runs/{KEY}/log?after=449").text == "450\n"
    assert client.get(f"/runs/{KEY}/log?after=450").text == ""


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "9" * 30, ""])
def test_an_after_that_is_no_number_is_400(client: FlaskClient, store: MemoryStore, after: str) -> None:
    store.views = [a_view(RUN)]
    assert client.get(f"/runs/{KEY}/live", query_string={"after": after}).status_code == 400


def test_a_poll_brings_what_is_new_and_ends_when_all_of_a_final_run_is_there(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.logs[7] = chunks(("task", "one\n"), ("task", "two\n"), ("hooks", "three\n"))
    first = client.get(f"/runs/{KEY}/live?after=1").get_json()
    assert first == {
        "status": "failed",
        "live": True,
        "after": 3,
        "sections": [{"name": "task", "text": "two\n"}, {"name": "hooks", "text": "three\n"}],
    }
    assert client.get(f"/runs/{KEY}/live?after=3").get_json() == {"status": "failed", "live": False, "after": 3, "sections": []}


def test_a_finished_page_asks_for_nothing_more(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    assert "live.js" not in client.get(f"/runs/{KEY}").text


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [(("default",), "waits for a free worker of the pool default"), (("big",), "no worker serves the pool default")],
)
def test_a_queued_run_says_whether_anybody_serves_its_pool(
    client: FlaskClient, store: MemoryStore, pools: tuple[str, ...], sentence: str
) -> None:
    store.nodes["deploy"] = Node("deploy", Job("deploy", "runSh", "local:acme/app@main", parallel=True))
    store.rows.append(WorkerRow("w", "host", pools, NOW, NOW))
    store.views = [a_view(Run(RunRef("deploy", 13), MAIN, Status.QUEUED, (PUSH,), NOW, pool="default"))]
    assert sentence in client.get(f"/runs/{KEY}").text


def test_a_waiting_run_says_what_it_waits_for(client: FlaskClient, store: MemoryStore) -> None:
    run = Run(RunRef("deploy", 13), MAIN, Status.WAITING, (PUSH,), NOW)
    earlier = replace(run, ref=RunRef("deploy", 12), status=Status.RUNNING)
    store.nodes["deploy"] = Node("deploy", Job("deploy", "runSh", "local:acme/app@main"), active=(earlier, run))
    store.views = [a_view(run)]
    assert "Waits for deploy#12" in client.get(f"/runs/{KEY}").text


@pytest.mark.parametrize(
    ("most", "kept", "cut"),
    [
        (100, [("a", "1\n2\n"), ("b", "3\n4\n")], False),
        (6, [("a", "2\n"), ("b", "3\n4\n")], True),
        (4, [("b", "3\n4\n")], True),
        (3, [("b", "4\n")], True),
        (0, [], True),
        (1, [], True),
    ],
)
def test_of_a_long_log_the_newest_whole_lines_are_shown(most: int, kept: list[tuple[str, str]], cut: bool) -> None:
    found = (Section("a", "1\n2\n"), Section("b", "3\n4\n"))
    assert newest(found, most) == (tuple(Section(*each) for each in kept), cut)


class BusyStore(MemoryStore):
    def run_by_key(self, key: str) -> RunView | None:
        raise Temporary("The database does not answer.", after=7)


def test_when_the_database_does_not_answer_a_page_says_when_to_come_again(tmp_path: Path) -> None:
    answer = create_app(a_context(tmp_path, BusyStore())).test_client().get(f"/runs/{KEY}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert answer.content_type.startswith("text/html")
    assert "The database does not answer." in answer.text


def test_a_ci_runs_page_shows_its_cells_with_their_tests_and_logs(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.ci[7] = (
        CellRun(1, "python 3.11", status=Status.SUCCEEDED, started=NOW - 60, ended=NOW - 18, report=Report(41, coverage=0.87)),
        CellRun(2, "python 3.12", status=Status.FAILED, reason="ci failed with exit code 1.", allow_failure=True),
        CellRun(3, "python 3.13", status=Status.SUCCEEDED, copied=True),
    )
    text = client.get(f"/runs/{KEY}").text
    for part in ["python 3.11", "42 s · 41 passed, coverage 87%", "ci failed with exit code 1. · may fail", "copied"]:
        assert part in text, part
    assert text.count(f"/runs/{KEY}/cells/") == 2


def test_the_only_cell_of_a_run_is_told_by_the_run_but_for_its_tests(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.ci[7] = (CellRun(1, status=Status.SUCCEEDED),)
    assert "Cells" not in client.get(f"/runs/{KEY}").text
    store.ci[7] = (CellRun(1, status=Status.SUCCEEDED, report=Report(3)),)
    assert "3 passed" in client.get(f"/runs/{KEY}").text


def test_the_log_of_a_cell_is_plain_text_and_of_no_other_cell(client: FlaskClient, store: MemoryStore) -> None:
    store.views = [a_view(RUN)]
    store.ci[7] = (CellRun(1, "a"), CellRun(2, "b"))
    store.cell_logs[7, 2] = tuple(chunks(("ci", lines(["hello"]))))
    assert "hello" in client.get(f"/runs/{KEY}/cells/2/log").text
    assert client.get(f"/runs/{KEY}/cells/1/log").text == ""
    assert client.get(f"/runs/{KEY}/cells/3/log").status_code == 404
