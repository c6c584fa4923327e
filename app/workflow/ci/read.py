"""Reads the CI keys of one `shippable.yml` (spec/ci-integrations-deploy.md section 1.2): a configuration and all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.workflow._keys import Findings, Keys, nearest
from app.workflow._nodes import Entry, List, Map, Node
from app.workflow._scripts import lines
from app.workflow.ci._axes import read_language, read_matches, read_versions
from app.workflow.ci._build import read_build, read_pools
from app.workflow.ci._integrations import read_branches, read_hubs, read_names, read_notifications
from app.workflow.ci.configuration import FILES, Configuration
from app.workflow.ci.env import read_env
from app.workflow.ci.language import AXES
from app.workflow.ci.matrix import TooManyCells, cells
from app.workflow.definition import Problem
from app.workflow.files import TEMPLATES
from app.workflow.reading import read

_MARKS = ("language", "build")
"""A file with one of these asks for CI."""
_ELSEWHERE = ("resources", "jobs", "triggers", "templates", "vote")
"""Keys of the assembly line, of anchors, and of Gerrit."""
_KEYS = (
    *("language", "runtime", "branches", "depth", "git", "gitConfig", "services", "addons", "env", "matrix", "build", "integrations"),
    *AXES,
    *("bundler_args", *_ELSEWHERE),
)
_TRAVIS = {
    "before_install": "build.ci",
    "install": "build.ci",
    "before_script": "build.ci",
    "script": "build.ci",
    "after_success": "build.on_success",
    "after_failure": "build.on_failure",
    "after_script": "build.always",
    "notifications": "integrations.notifications",
    "cache": "build.cache",
}
"""Keys of Travis CI, and where what they say belongs here."""


@dataclass(frozen=True, slots=True)
class ReadCi:
    """`configuration` is None when the file asks for no CI, or when `problems` have an error."""

    configuration: Configuration | None = None
    problems: tuple[Problem, ...] = ()


def asks_for_ci(root: Node | None) -> bool:
    """Whether a file has CI keys beside, or instead of, those of an assembly line."""
    return isinstance(root, Map) and any(root.entry(key) for key in _MARKS)


def read_ci_of(files: Mapping[str, bytes]) -> ReadCi:
    """The CI keys of a repository's `files` (path -> content): those of its root's CI file, with the templates among them in front."""
    file = next((path for path in FILES if path in files), None)
    templates = {path: content for path, content in files.items() if path in TEMPLATES or "://" in path}
    return read_ci(file, files[file], templates) if file else ReadCi()


def read_ci(file: str, content: bytes, templates: Mapping[str, bytes] | None = None) -> ReadCi:
    """Reads `content` of `file`; anchors of the `templates` files (path -> content) may be used as if they stood in front."""
    anchors: dict[str, Node] = {}
    problems: list[Problem] = []
    for path, text in (templates or {}).items():
        document = read(path, text, anchors)
        problems += document.problems
        anchors |= document.anchors
    document = read(file, content, anchors)
    problems += document.problems
    if problems or not isinstance(document.root, Map) or not asks_for_ci(document.root):
        return ReadCi(None, tuple(problems))
    findings = Findings()
    found = _configuration(document.root, findings)
    _warn_of_unread(document.root, document.anchors, findings)
    _check_size(found, document.root, findings)
    ordered = tuple(sorted(findings.problems, key=lambda problem: problem.place))
    return ReadCi(None if findings.failed else found, ordered)


def _configuration(root: Map, findings: Findings) -> Configuration:
    keys = Keys(root, "a CI file", findings)
    language = read_language(keys)
    env = read_env(keys.take("env"), findings)
    build = read_build(keys.map("build"), findings)
    matrix = Keys(keys.map("matrix") or Map((), root.place), "`matrix`", findings)
    integrations = Keys(keys.map("integrations") or Map((), root.place), "`integrations`", findings)
    services = keys.take("services")
    found = Configuration(
        language=language,
        versions=read_versions(keys, language),
        globals=env.everywhere,
        entries=env.cells,
        build=build,
        pools=read_pools(keys, build),
        include=read_matches(matrix, "include"),
        exclude=read_matches(matrix, "exclude"),
        allow_failures=read_matches(matrix, "allow_failures"),
        branches=read_branches(keys),
        bundler_args=keys.text("bundler_args") or "",
        depth=keys.whole("depth", 1) or 0,
        submodules=_submodules(keys),
        git_config=keys.texts("gitConfig") or (),
        services=lines(services, findings) if services else (),
        notifications=read_notifications(integrations),
        hubs=read_hubs(integrations),
        keys=read_names(integrations, "key", "keys"),
        generic=read_names(integrations, "generic"),
    )
    if integrations.take("deploy") is not None:
        findings.warning(integrations.place("deploy"), "`integrations.deploy` (Elastic Beanstalk) is not supported: nothing is deployed")
    matrix.close()
    integrations.close()
    return found


def _submodules(keys: Keys) -> bool:
    git = keys.map("git")
    if git is None:
        return True
    inner = Keys(git, "`git`", keys.findings)
    found = inner.truth("submodules", default=True) is True
    inner.close()
    return found


def _check_size(found: Configuration, root: Map, findings: Findings) -> None:
    """The matrix has to have cells, and not too many."""
    place = root.entry("matrix") or root.entry("env") or root.entries[0]
    try:
        count = len(cells(found))
    except TooManyCells as problem:
        findings.error(place.place, str(problem))
        return
    if not count and not findings.failed:
        findings.error(place.place, "`matrix.exclude` leaves no cell to run: exclude less, or add cells with `matrix.include`")


def _warn_of_unread(root: Map, anchors: Mapping[str, Node], findings: Findings) -> None:
    """An unknown key warns, and never fails; one that holds anchors is meant to be nothing else (data/workflow-facts.md, fact 8)."""
    holders = {id(node) for node in anchors.values()}
    for entry in root.entries:
        if entry.key in _KEYS or _holds(entry, holders):
            continue
        if entry.key in _TRAVIS:
            sentence = f"`{entry.key}` is a key of Travis CI, which is not read here; its place is `{_TRAVIS[entry.key]}`"
            findings.warning(entry.place, sentence)
        else:
            findings.warning(entry.place, f"`{entry.key}` is not a key of a CI file; it is ignored", nearest(entry.key, _KEYS))


def _holds(entry: Entry, anchors: set[int]) -> bool:
    return any(id(node) in anchors for node in _within(entry.value))


def _within(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, List):
        for item in node.items:
            yield from _within(item)
    elif isinstance(node, Map):
        for entry in node.entries:
            yield from _within(entry.value)
