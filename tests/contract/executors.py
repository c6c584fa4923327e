"""What every executor does: one suite; an executor is done when it passes. Subclass `ExecutorContract` and provide `executor`."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from app.executors import Executor, Materials
from app.workflow.line import Status
from app.workflow.plan import Collect, Joined, Plan, PlannedFile, PlannedTask, Restore, Result, Sealed, Secret


@dataclass
class RecordedLog:
    """Keeps what it is given: text by section, in order."""

    sections: list[tuple[str, str]] = field(default_factory=list)

    def section(self, name: str) -> None:
        self.sections.append((name, ""))

    def write(self, output: bytes) -> None:
        name, text = self.sections[-1]
        self.sections[-1] = (name, text + output.decode(errors="replace"))

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.sections)

    @property
    def said(self) -> list[str]:
        """The lines of output, without the commands that are shown before them and what a shell says of a signal."""
        return [line for line in self.text.splitlines() if not line.startswith(("$ ", "> ")) and line != "Terminated"]


@dataclass
class StateShelf:
    """State files as path -> (content, mode) by key; a small working model of the store's."""

    shelves: dict[str, dict[str, tuple[bytes, int]]] = field(default_factory=dict)

    def keep(self, folder: Path) -> str | None:
        files = {
            str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode & 0o777)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        key = f"files-{len(self.shelves)}"
        self.shelves[key] = files
        return key if files else None

    def fetch(self, key: str, folder: Path) -> None:
        for name, (content, mode) in self.shelves[key].items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            (folder / name).chmod(mode)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true in time."""
    ends = monotonic() + seconds
    while not condition():
        if monotonic() > ends:
            return False
        Event().wait(0.02)
    return True


def living(mark: str) -> list[int]:
    """Processes, other than this one, whose environment holds `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue  # it has just ended, or is a kernel's
    return found


def task(*script: str, name: str = "Task 0") -> PlannedTask:
    return PlannedTask(name, script)


class Bench:
    """An executor with what a run needs: `run` executes tasks, `log` is that of the last run."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.log = RecordedLog()
        self.shelf = StateShelf()
        self.mark = f"MARK-{uuid.uuid4()}"
        self.secrets: dict[str, dict[str, str]] = {}
        self.sealed: dict[str, dict[str, str]] = {}
        self.mask: tuple[str, ...] = ()
        self.stop: Callable[[], str] = lambda: ""

    def run(self, *tasks: PlannedTask, **rest: object) -> Result:
        env = (("MARK", self.mark), *rest.pop("env", ()))
        self.log = RecordedLog()
        materials = Materials(self.secrets, {}, self.shelf.fetch, self.shelf.keep, self.mask, sealed=self.sealed)
        return self.executor.run(Plan("build", 7, env, tasks=tasks, **rest), materials, self.log, self.stop)

    def stop_once_said(self, word: str, reason: str = "cancelled by alice") -> None:
        self.stop = lambda: reason if word in self.log.said else ""


DAEMONS = "(setsid bash -c 'trap \"\" TERM HUP; echo up; while :; do sleep 1000; done' &) ; sleep 1000 & echo started"

SCRIPTS = [
    # tasks, on_success, on_failure, always -> status, code, said
    ("each line runs in order in one shell", [["x=1", "cd /", 'echo "$x $PWD"']], [], [], [], "succeeded", 0, ["1 /"]),
    ("the first non-zero status stops the task", [["echo a", "(exit 3)", "echo b"]], [], [], [], "failed", 3, ["a"]),
    ("a failing line inside a block stops it", [["echo a\nfalse\necho b"]], [], [], [], "failed", 1, ["a"]),
    ("a block without ERR trap counts by its last line", [["trap - ERR", "false\necho b"]], [], [], [], "succeeded", 0, ["b"]),
    ("without ERR trap a failing last line stops", [["trap - ERR", "echo b\nfalse", "echo c"]], [], [], [], "failed", 1, ["b"]),
    ("a failing condition is no failure", [["if false; then echo x; fi", "false || echo b"]], [], [], [], "succeeded", 0, ["b"]),
    ("later tasks are skipped", [["echo a"], ["exit 4"], ["echo c"]], [], [], [], "failed", 4, ["a"]),
    ("each task has a shell of its own", [["x=1"], ['echo "<$x>"']], [], [], [], "succeeded", 0, ["<>"]),
    ("exit 0 ends a task and is no failure", [["echo a", "exit 0", "echo b"], ["echo c"]], [], [], [], "succeeded", 0, ["a", "c"]),
    ("EXIT reset then exit 0 is a failure", [["trap - EXIT", "exit 0"]], ["echo s"], ["echo f"], [], "failed", 1, []),
    ("a shell that replaced itself is a failure", [["exec true"]], ["echo s"], ["echo f"], [], "failed", 1, []),
    ("a user's own EXIT trap does not hurt", [["trap 'echo bye' EXIT", "echo a"]], ["echo s"], [], [], "succeeded", 0, ["a", "s", "bye"]),
    ("set -e is the user's right", [["set -e", "false"]], [], ["echo f"], [], "failed", 1, ["f"]),
    ("set -u is too", [["set -u", 'echo "$none"', "echo b"]], [], ["echo f"], [], "failed", 1, ["f"]),
    ("a syntax error is a failure", [["if then"]], [], ["echo f"], [], "failed", None, ["f"]),
    ("on_success runs once in the last shell, then always",
        [["x=1"], ["x=2"]], ["echo s$x"], ["echo f"], ["echo a$x"], "succeeded", 0, ["s2", "a2"]),
    ("on_failure runs in the failing shell, then always",
        [["x=1; false"], ["x=2"]], ["echo s"], ["echo f$x"], ["echo a$x"], "failed", 1, ["f1", "a1"]),
    ("plain failures in on_success are ignored", [["true"]], ["false", "echo s"], [], ["false", "echo a"], "succeeded", 0, ["s", "a"]),
    ("a failing line in a block of on_success too", [["true"]], ["false\necho s"], [], [], "succeeded", 0, ["s"]),
    ("exit N in on_success fails, and skips always", [["true"]], ["exit 5"], [], ["echo a"], "failed", 5, []),
    ("exit N in always fails", [["true"]], ["echo s"], [], ["exit 6"], "failed", 6, ["s"]),
    ("exit 0 in on_success skips always", [["true"]], ["exit 0"], [], ["echo a"], "succeeded", 0, []),
    ("on_failure cannot rescue", [["exit 2"]], [], ["exit 0"], [], "failed", 2, []),
    ("always cannot rescue", [["exit 2"]], [], [], ["exit 0"], "failed", 2, []),
    ("plain failures in on_failure are ignored", [["exit 2"]], [], ["false", "echo f"], ["false", "echo a"], "failed", 2, ["f", "a"]),
    ("a signal is an exit code", [["kill -9 $$"]], ["echo s"], ["echo f"], ["echo a"], "failed", 137, []),
    ("noglob does not stop sections", [["set -f"]], ["echo s"], [], [], "succeeded", 0, ["s"]),
    ("there is nothing to read", [["cat"], ["read x || echo none"]], [], [], [], "succeeded", 0, ["none"]),
]  # fmt: skip


class ExecutorContract:
    """Rules of `app/executors/__init__.py` and spec/workflow-language.md section 3.2."""

    @pytest.fixture
    def executor(self, tmp_path: Path) -> Executor:
        raise NotImplementedError

    @pytest.fixture
    def bench(self, executor: Executor) -> Iterator[Bench]:
        bench = Bench(executor)
        yield bench
        assert living(bench.mark) == []

    @pytest.mark.parametrize(
        ("tasks", "on_success", "on_failure", "always", "status", "code", "said"),
        [row[1:] for row in SCRIPTS],
        ids=[row[0] for row in SCRIPTS],
    )
    def test_scripts_run_as_the_language_says(self, bench, tasks, on_success, on_failure, always, status, code, said):
        result = bench.run(
            *(task(*script) for script in tasks),
            on_success=tuple(on_success),
            on_failure=tuple(on_failure),
            always=tuple(always),
        )
        assert result.status == status
        assert code is None or result.code == code
        assert [line for line in bench.log.said if not line.startswith(("Task 0 ", "The shell of", "/run/gateline", "/"))] == said

    def test_output_comes_in_sections(self, bench):
        bench.run(task("echo a", name="first"), task("printf b", name="second"), on_success=("echo s",), always=("echo z",))
        assert [name for name, _ in bench.log.sections] == ["Setup", "first", "second", "on_success", "always"]
        assert bench.log.sections[2][1] == "$ printf b\nb"

    def test_a_task_may_have_sections_within_its_shell(self, bench):
        bench.run(PlannedTask("ci", ("a=1", "echo $a", "echo $a$a"), sections=((2, "post_ci"),)))
        assert [name for name, _ in bench.log.sections] == ["Setup", "ci", "post_ci"]
        assert bench.log.sections[2][1] == "$ echo $a$a\n11\n"

    def test_what_comes_afterwards_follows_the_hooks_and_has_none(self, bench):
        result = bench.run(task("echo a"), on_success=("echo s",), always=("echo w",), afterwards=(task("echo p; exit 3", name="push"),))
        assert (bench.log.said[:4], result.status, result.code) == (["a", "s", "w", "p"], Status.FAILED, 3)
        assert [name for name, _ in bench.log.sections] == ["Setup", "Task 0", "on_success", "always", "push"]

    def test_nothing_comes_afterwards_when_a_task_failed(self, bench):
        bench.run(task("exit 1"), always=("echo w",), afterwards=(task("echo p"),))
        assert "p" not in bench.log.said

    def test_a_section_cannot_be_told_without_the_nonce(self, bench):
        bench.run(task(r"printf '\036%s:section:evil\n' 0000; printf '\036end\n'"))
        assert [name for name, _ in bench.log.sections] == ["Setup", "Task 0"]
        assert "\x1eend\n" in bench.log.text

    def test_standard_error_is_output_too_and_in_order(self, bench):
        bench.run(task("echo a; echo b >&2; echo c"))
        assert bench.log.said == ["a", "b", "c"]

    def test_output_is_streamed_while_the_script_runs(self, bench):
        bench.stop_once_said("early")
        assert bench.run(task("echo early", "sleep 1000")).status is Status.CANCELLED

    def test_the_environment_is_built_from_nothing(self, bench, monkeypatch):
        monkeypatch.setenv("GATELINE_SECRET_KEY", "canary")
        bench.run(task("env"), env=(("A", "$B `x` \\ \"'"), ("P", "@JOB_PATH@/x")))
        names = {line.partition("=")[0] for line in bench.log.said}
        assert names == {"MARK", "A", "P", "PATH", "PWD", "SHLVL", "_", "OLDPWD"} - ({"OLDPWD"} - names)
        assert "A=$B `x` \\ \"'" in bench.log.said
        bench.run(task('test "$P" = "$PWD/x"'), env=(("P", "@JOB_PATH@/x"),))
        assert bench.log.said == []

    def test_a_tasks_env_is_stronger_than_the_plans(self, bench):
        bench.run(PlannedTask("t", ("echo $A $B",), (("A", "2"),)), env=(("A", "1"), ("B", "1")))
        assert bench.log.said == ["2 1"]

    def test_shipctl_is_on_the_path_under_all_its_names(self, bench):
        replaced = "export JOB=build; echo '$JOB' >f; shippable_replace f; cat f"
        bench.run(task("shipctl to_uppercase abc; gateline-ctl to_uppercase def; shippable_retry echo x", replaced))
        assert bench.log.said == ["ABC", "DEF", "x", "build"]

    def test_a_jdk_that_is_not_there_does_not_end_the_tasks_shell(self, bench):
        bench.run(task("source shipctl jdk set openjdk99 || echo $? $-"))
        assert bench.log.said[-1].startswith("99 ")

    def test_files_folders_and_secrets_are_laid_down(self, bench):
        bench.secrets = {"key": {"a": 'x"y', "b": "$z"}}
        files = (
            PlannedFile("IN/r/version.json", '{"at": "@JOB_PATH@"}'),
            PlannedFile("IN/r/integration.json", Secret("key", form="json")),
            PlannedFile("IN/r/integration.env", Secret("key", form="env")),
            PlannedFile("IN/r/r_key", Secret("key", "a"), 0o600),
        )
        bench.run(
            task(
                'grep -q "\\"$PWD\\"" IN/r/version.json',
                "cat IN/r/integration.json; echo; . IN/r/integration.env; echo $a $b",
                "stat -c %a IN/r/r_key; test -d state/x && echo folder",
            ),
            files=files,
            folders=("state/x",),
        )
        assert bench.log.said == ['{"a": "x\\"y", "b": "$z"}', 'x"y $z', "600", "folder"]

    def test_sealed_texts_become_variables_and_lines_of_a_file(self, bench):
        bench.sealed = {"cipher": {"Color": "dark red", "LD_PRELOAD": "evil", "my-key": "k"}}
        bench.run(
            task('echo "$Color|$mykey|$X_PARAMS_COLOR|$X_PARAMS_MYKEY|$X_PARAMS_LD_PRELOAD|${LD_PRELOAD-}|${CIPHER-}"', "cat IN/x"),
            env=(("Color", "blue"), ("CIPHER", Sealed("cipher", "X_PARAMS_"))),
            files=(PlannedFile("IN/x", Joined(("A=1\n", Sealed("cipher")))),),
        )
        assert bench.log.said == ["dark red|k|dark red|k|evil||", "A=1", "Color=dark red", "LD_PRELOAD=evil", "my-key=k"]

    def test_a_sealed_text_whose_values_were_not_given_ends_as_an_error_before_anything_runs(self, bench):
        result = bench.run(task("echo ran"), env=(("CIPHER", Sealed("cipher")),))
        assert (result.status, bench.log.said) == (Status.ERRORED, ["The run needs a `secure` text, which it may not see."])

    @pytest.mark.parametrize(
        ("form", "written"), [("raw", 'u:p"/é'), ("base64", "dTpwIi/DqQ=="), ("url", "u%3Ap%22%2F%C3%A9"), ("json", 'u:p\\"/\\u00e9')]
    )
    def test_values_are_joined_in_the_form_asked_for(self, bench, form, written):
        bench.secrets = {"key": {"user": "u", "password": 'p"/é'}}
        value = Joined((Secret("key", "user"), ":", Secret("key", "password")), form)
        bench.run(task("cat IN/x"), files=(PlannedFile("IN/x", Joined(("<", value, ">"))),))
        assert bench.log.said == [f"<{written}>"]

    def test_a_secret_that_was_not_given_ends_it_before_anything_starts(self, bench):
        result = bench.run(task("echo ran"), env=(("TOKEN", Secret("slack", "token")),))
        assert result.status is Status.ERRORED
        assert "'slack'" in result.reason
        assert "ran" not in bench.log.said

    def test_a_cancelled_run_runs_no_sections(self, bench):
        bench.stop_once_said("go")
        result = bench.run(task("echo go", "sleep 1000"), on_failure=("echo f",), always=("echo a",))
        assert (result.status, result.reason) == (Status.CANCELLED, "cancelled by alice")
        assert bench.log.said == ["go", "cancelled by alice"]

    def test_a_script_hears_term_before_it_is_killed(self, bench):
        bench.stop_once_said("go")
        bench.run(task("bash -c 'trap \"echo asked; exit\" TERM; echo go; while :; do sleep 0.05; done'"))
        assert "asked" in bench.log.said

    def test_cancel_reaches_daemons_that_ignore_term(self, bench):
        bench.stop_once_said("up")
        began = monotonic()
        assert bench.run(task(DAEMONS, "sleep 1000")).status is Status.CANCELLED
        assert living(bench.mark) == []
        assert monotonic() - began < 15

    def test_a_timeout_counts_and_runs_no_sections(self, bench):
        result = bench.run(task("echo go", "sleep 1000"), on_failure=("echo f",), always=("echo a",), timeout=0.7)
        assert result.status is Status.TIMED_OUT
        assert "0.7 s" in result.reason
        assert bench.log.said[:-1] == ["go"]

    def test_nothing_that_a_task_left_running_survives_it(self, bench):
        assert bench.run(task(DAEMONS)).status is Status.SUCCEEDED
        assert living(bench.mark) == []

    def test_a_run_that_is_stopped_before_it_starts_runs_nothing(self, bench):
        bench.stop = lambda: "too late"
        assert bench.run(task("echo ran")).status is Status.CANCELLED
        assert "ran" not in bench.log.said

    def test_keys_are_collected_in_order_split_at_the_first_equals_sign(self, bench):
        script = r"""printf 'versionName=v1\nA=b=c\n# no\nB="x \"y\" \$z"\nC='"'"'q'"'"'\n\nnothing\nA=last\n' >state/build.env"""
        result = bench.run(task(script), collects=(Collect("", "state/build.env", files="state"),), folders=("state",))
        assert result.own.keys == (("versionName", "v1"), ("A", "b=c"), ("B", 'x "y" $z'), ("C", "q"), ("A", "last"))
        assert result.own.files is None

    def test_an_edited_version_json_counts_an_untouched_one_does_not(self, bench):
        text = '{"name": "app", "version": {"versionName": "1", "propertyBag": {"tag": "1"}}}'
        files = (PlannedFile("OUT/a/version.json", text), PlannedFile("OUT/b/version.json", text))
        collects = (Collect("a", "state/a.env", "OUT/a/version.json"), Collect("b", "state/b.env", "OUT/b/version.json"))
        result = bench.run(task('sed -i \'s/"1"/"2"/g\' OUT/b/version.json'), files=files, collects=collects)
        assert result.outputs["a"].bag is None
        assert result.outputs["a"].keys == ()
        assert result.outputs["b"].bag == {"tag": "2"}
        assert result.outputs["b"].keys == (("versionName", "2"),)

    def test_output_version_json_is_the_jobs_own_version(self, bench):
        script = """echo '{"versionName": "n", "propertyBag": {"a": [1]}}' >state/outputVersion.json"""
        collect = Collect("", "state/build.env", files="state", output="state/outputVersion.json")
        own = bench.run(task(script), collects=(collect,), folders=("state",)).own
        assert (own.keys, own.bag, own.files) == ((("versionName", "n"),), {"a": [1]}, None)

    def test_lines_of_gateline_output_come_after_the_env_file(self, bench):
        script = r"""echo A=1 >state/build.env; printf 'A=2\nB=x=y "z"\nC<<END\none\n\ntwo\nEND\nno line\n' >>gateline/output"""
        collect = Collect("", "state/build.env", lines="gateline/output", summary="gateline/summary.md")
        result = bench.run(task(script), collects=(collect,), folders=("state", "gateline"))
        assert result.own.keys == (("A", "1"), ("A", "2"), ("B", 'x=y "z"'), ("C", "one\n\ntwo"))
        assert "line 8 is neither KEY=VALUE nor KEY<<WORD, and is ignored: no line" in bench.log.text

    def test_a_value_without_an_end_fails_the_run(self, bench):
        collect = Collect("", "state/build.env", lines="gateline/output")
        result = bench.run(task("printf 'C<<END\\none\\n' >gateline/output"), collects=(collect,), folders=("gateline",))
        assert (result.status, result.own.keys) == (Status.FAILED, ())
        assert result.reason == "$GATELINE_OUTPUT cannot be read: no line after line 1 ends it with END."

    def test_a_summary_is_kept_of_failed_runs_too_and_is_bounded(self, bench):
        collect = Collect("", "state/build.env", summary="gateline/summary.md")
        folders = ("gateline",)
        assert (
            bench.run(task("echo '# 2 failed' >gateline/summary.md; exit 1"), collects=(collect,), folders=folders).own.summary
            == "# 2 failed"
        )
        long = bench.run(task("head -c 50000 /dev/zero | tr '\\0' x >gateline/summary.md"), collects=(collect,), folders=folders)
        assert len(long.own.summary) == 40_000
        larger = bench.run(task("head -c 2000000 /dev/zero | tr '\\0' x >gateline/summary.md"), collects=(collect,), folders=folders)
        assert (larger.status, larger.own.summary) == (Status.SUCCEEDED, "")

    def test_state_files_keep_bytes_modes_and_folders_and_come_back(self, bench):
        files = (PlannedFile("state/build.env", ""),)
        collect = Collect("", "state/build.env", files="state")
        script = task("printf '\\000\\377' >state/bin", "mkdir -p state/d/e; echo x >state/d/e/run.env; chmod 750 state/d/e/run.env")
        key = bench.run(script, collects=(collect,), files=files).own.files
        assert bench.shelf.shelves[key] == {"bin": (b"\0\xff", 0o644), "d/e/run.env": (b"x\n", 0o750)}
        bench.run(task("stat -c %a previousState/d/e/run.env"), restores=(Restore(key, "previousState"),))
        assert bench.log.said == ["750"]

    def test_a_secret_in_a_text_file_of_a_state_is_masked_and_the_log_says_so(self, bench):
        bench.mask = ("s3cret-token",)
        script = task("""printf '{"é": "%s"}' s3cret-token >state/a.json; printf plain >state/b; printf s3cret-token | base64 >state/c""")
        key = bench.run(script, collects=(Collect("", "state/build.env", files="state"),), folders=("state",)).own.files
        kept = {name: content.decode() for name, (content, _) in bench.shelf.shelves[key].items()}
        assert "s3cret" not in kept["a.json"]
        assert (kept["a.json"], kept["b"], kept["c"][:3]) == ('{"é": "***"}', "plain", "***")
        notes = [line.partition(":")[0] for line in bench.log.said if "holds a secret" in line]
        assert notes == ["state/a.json holds a secret", "state/c holds a secret"]

    def test_a_secret_in_a_file_that_is_no_text_is_refused(self, bench):
        bench.mask = ("s3cret-token",)
        collects = (Collect("s", "state/s.env", "OUT/s/version.json", "OUT/s/state"),)
        script = task("printf '\\377\\000s3cret-token\\000' >OUT/s/state/bin")
        result = bench.run(script, collects=collects, folders=("OUT/s/state", "state"))
        assert result.status is Status.FAILED
        assert result.reason.startswith("OUT/s/state/bin holds a secret and is no text")
        assert bench.shelf.shelves == {}

    def test_a_short_secret_in_a_file_that_is_no_text_is_there_by_chance(self, bench):
        bench.mask = ("abc",)
        script = task("printf '\\377\\000abc' >state/bin")
        key = bench.run(script, collects=(Collect("", "state/build.env", files="state"),), folders=("state",)).own.files
        assert bench.shelf.shelves[key]["bin"][0] == b"\xff\0abc"

    def test_a_failed_run_keeps_its_keys_and_takes_its_previous_files_again(self, bench):
        collect = Collect("", "state/build.env", files="state")
        script = task("echo K=1 >state/build.env; echo x >state/file; exit 3")
        result = bench.run(script, collects=(collect,), folders=("state",), previous_files="old")
        assert (result.status, result.own.keys, result.own.files) == (Status.FAILED, (("K", "1"),), "old")

    @pytest.mark.parametrize(
        ("script", "sentence"),
        [
            ("head -c 1048577 /dev/zero >OUT/s/state/big", "OUT/s/state/big is larger than 1 MiB"),
            ("for i in 0 1 2 3 4 5 6 7 8 9 10; do head -c 1048576 /dev/zero >OUT/s/state/$i; done", "larger than 10 MiB"),
            ("echo '{' >OUT/s/version.json", "OUT/s/version.json is no valid JSON"),
        ],
    )
    def test_an_output_that_cannot_be_taken_fails_a_passed_run(self, bench, script, sentence):
        collects = (Collect("s", "state/s.env", "OUT/s/version.json", "OUT/s/state"),)
        result = bench.run(task(script), collects=collects, folders=("OUT/s/state", "state"))
        assert result.status is Status.FAILED
        assert sentence in result.reason

    def test_exactly_one_mebibyte_is_taken(self, bench):
        collects = (Collect("s", "state/s.env", files="OUT/s/state"),)
        result = bench.run(task("head -c 1048576 /dev/zero >OUT/s/state/big"), collects=collects, folders=("OUT/s/state",))
        assert result.status is Status.SUCCEEDED
        assert result.outputs["s"].files

    def test_links_out_of_the_workspace_are_not_followed(self, bench, tmp_path):
        canary = tmp_path / "canary"
        canary.mkdir()
        (canary / "key").write_text("KEY=canary")
        script = task(
            f"ln -s {canary}/key state/build.env; ln -s {canary}/key state/f; ln -s {canary} state/d; mkfifo state/p; echo k >state/ok",
            f"rm -rf OUT; ln -s {canary} OUT",
        )
        collects = (Collect("", "", files="state"), Collect("a", "OUT/key", files="OUT"))
        result = bench.run(script, collects=collects, folders=("state", "OUT"))
        assert result.outputs["a"].keys == ()
        assert result.outputs["a"].files is None
        assert bench.shelf.shelves[result.own.files] == {"ok": (b"k\n", 0o644)}
        assert "state/d is no regular file: it is not kept." in bench.log.said
        assert (canary / "key").exists()
