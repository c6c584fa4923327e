"""The documents against the code: generated blocks are current, links lead somewhere, and whatever can be used is described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.reference.blocks import BLOCKS, filled, named, pages
from app.errors import NotFound
from app.wire import kinds
from app.workflow.definition import Image, Job, Task
from app.workflow.parse import parse
from tests.docs.test_examples import PAGES, ROOT
from tests.jobs.planning import env, give, held, integration, job, plan, take, upstream, version

DOCS = ROOT / "docs"
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


# -- generated blocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", pages(DOCS), ids=lambda path: path.relative_to(DOCS).as_posix())
def test_generated_blocks_are_up_to_date(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert filled(text) == text, "run `make docs`"


def test_everything_that_is_generated_stands_on_exactly_one_page() -> None:
    assert sorted(named(path.read_text(encoding="utf-8") for path in pages(DOCS))) == sorted(BLOCKS)


def test_a_block_that_nothing_generates_is_refused() -> None:
    with pytest.raises(NotFound, match="nonsense"):
        filled("<!-- generated: nonsense -->\n<!-- end -->")


# -- links --------------------------------------------------------------------------------------------------------------------


def links() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        yield from ((path, found["target"]) for found in LINK.finditer(path.read_text(encoding="utf-8")))


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


@pytest.mark.parametrize(("path", "target"), [each for each in links() if "://" not in each[1]], ids=str)
def test_a_link_leads_to_a_file_and_a_heading_that_exist(path: Path, target: str) -> None:
    file, _, fragment = target.partition("#")
    found = path.parent / file if file else path
    assert found.exists()
    if fragment:
        assert fragment in {anchor(each["text"]) for each in HEADING.finditer(found.read_text(encoding="utf-8"))}


def test_pictures_are_small() -> None:
    assert [path.name for path in (DOCS / "images").iterdir() if path.stat().st_size > 200_000] == []


# -- what a script finds ------------------------------------------------------------------------------------------------------


def described(name: str) -> frozenset[str]:
    """Everything in inline code on a page."""
    return frozenset(CODE.findall(FENCED.sub("", page(name))))


def variables() -> frozenset[str]:
    """The variables of a run that has one of everything, under the names that the page gives them."""
    git = version("app", "sha", sha="a" * 40, repository="github:1", fullName="acme/app", sourceName="acme/app")
    of = job(take("app"), take("conf"), take("keys"), take("up"), give("out"), name="this", integrations=("kv", "pem"))
    given = (
        held("app", "gitRepo", git, branches={"only": ["main"]}, sourceName="acme/app"),
        held("conf", "params", version("conf", params={"KEY": "1"}), params={"KEY": "1"}),
        held("keys", "integration", integration="ssh"),
        upstream("up", None),
        held("out", "params"),
    )
    known = (
        integration("kv", "keyValuePair", "KEY"),
        integration("pem", "pemKey", "key"),
        integration("ssh", "sshKey", "privateKey", "publicKey"),
    )
    made = env(of, *given, integrations=known)
    prefixes = {
        "APP": "<NAME>",
        "CONF": "<NAME>",
        "KEYS": "<NAME>",
        "UP": "<NAME>",
        "OUT": "<NAME>",
        "KV": "<NAME>",
        "PEM": "<NAME>",
        "THIS": "<JOB>",
    }
    found = set()
    for name in made:
        first, _, rest = name.partition("_")
        found.add(f"{prefixes[first]}_{rest}" if first in prefixes and rest else name)
    return frozenset(found)


ANY = (("_POINTER_", "<NAME>_POINTER_<KEY>"), ("_SEED_", "<NAME>_SEED_<KEY>"), ("_PARAMS_", "<NAME>_PARAMS_<KEY>"))


def generic(name: str) -> str:
    """`<NAME>_POINTER_BRANCH` is one of `<NAME>_POINTER_<KEY>`."""
    for part, shown in ANY:
        if part in name:
            return shown
    if "_INTEGRATION_" in name and not name.endswith("_INTEGRATION_NAME"):
        return "<NAME>_INTEGRATION_<FIELD>"
    return "<KEY>" if name == "KEY" else name


@pytest.mark.parametrize("name", sorted(variables()))
def test_every_variable_of_a_run_is_described(name: str) -> None:
    assert generic(name) in described("reference/environment.md")


def test_every_variable_of_a_task_is_described() -> None:
    task = Task("go", ("make",), image=Image("", "", False, ""), env=())
    (planned,) = plan(Job("this", "runSh", "s", (task,))).tasks
    assert {name for name, _ in planned.env} <= described("reference/environment.md")


def test_every_folder_of_a_workspace_is_described() -> None:
    folders = {folder.partition("/")[0] for folder in plan(job()).folders} - {"IN", "OUT", "integrations"}
    assert {f"{folder}/" for folder in folders} <= described("reference/environment.md")


def test_shipctl_is_described_whole_as_it_shows_itself() -> None:
    listed = re.search(r"cat <<'END'\n(.*?)\nEND\n", (ROOT / "app/executors/shipctl").read_text(encoding="utf-8"), re.DOTALL)
    assert listed is not None
    usages = {re.sub(r"^(\S+) \S+ \S+ ", r"\1 ", line) for line in listed[1].splitlines()}
    rows = re.findall(r"^\| `((?:[^`]|\\\|)+)` \|", page("reference/shipctl.md"), re.MULTILINE)
    assert {row.replace("\\|", "|") for row in rows} == usages


# -- what may be written --------------------------------------------------------------------------------------------------------

EVERY_KEY = """
jobs:
  - name: all
    type: runSh
    dependencyMode: chrono
    triggerMode: serial
    priority: 1
    runtime: {nodePool: default, timeoutMinutes: 5, container: false}
    integrations: [a]
    gate: {approvers: [b], required: 1, allow_author: true, timeout: 1h, on_timeout: expire, reviews: true}
    supersede: never
    flags: [c]
    on_start: {NOTIFY: n}
    on_cancel: {NOTIFY: n}
    on_success: {script: x, NOTIFY: n}
    on_failure: {script: x}
    always: {script: x}
    steps:
      - {IN: i, switch: off, versionNumber: 1, dependencyMode: strict, triggerOnSuccess: true, triggerOnFailure: true, lanes: all}
      - {IN: j, versionName: v}
      - TASK: {name: t, script: x, runtime: {container: false, options: {env: {K: v}, imageName: m, imageTag: g, pull: false, options: o}}}
      - {OUT: o, replicate: i, replicateOnPullRequest: true, overwrite: true, on_failure: true, lanes: ["pr/*"]}
"""


def test_every_key_of_jobs_steps_and_gates_is_described_and_known() -> None:
    assert parse("s", "", {"gateline.yml": EVERY_KEY.encode()}, kinds()).problems == ()
    keys = set(re.findall(r"([A-Za-z_]+):(?= |\n)", EVERY_KEY)) - {"jobs", "K"}
    assert keys <= described("reference/jobs.md")


def test_every_key_of_a_resource_is_described() -> None:
    words = set(re.findall(r"[A-Za-z]+", page("reference/resources.md")))
    assert {"name", "type", "accepts", "flags", "integration", "versionTemplate", "pointer", "seed", "version"} <= words
