"""One source's workflow files as a fragment of a workflow: the contract is spec/workflow-language.md sections 1 to 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.workflow._documents import documents_of
from app.workflow._faults import name_of, not_a_map
from app.workflow._jobs import read_job
from app.workflow._keys import Findings, nearest
from app.workflow._nodes import Entry, List, Map, Node, Scalar, described
from app.workflow._resources import read_resource
from app.workflow.ci.automatic import CI_JOB, with_ci
from app.workflow.ci.configuration import FILES as CI_FILES
from app.workflow.ci.read import asks_for_ci
from app.workflow.definition import Fragment, Job, Place, Problem, Resource, Severity
from app.workflow.files import TEMPLATES, is_triggers_file, is_workflow_file, near_miss
from app.workflow.kinds import Kinds
from app.workflow.reading import MOST_BYTES
from app.workflow.references import KEY as EXTERNAL

__all__ = ["MOST_BYTES", "Parsed", "is_workflow_file", "near_miss", "parse"]

_SECTIONS = ("resources", "jobs", "triggers")


@dataclass(frozen=True, slots=True)
class Parsed:
    """`fragment` is None when any file cannot be read at all: then nothing that is stored may change (section 10 #35).

    A definition with an error is left out of the fragment and named in `left_out`, so that an adoption can tell it from one that
    was removed; the others stand. `problems` are in order of place.
    """

    fragment: Fragment | None
    problems: tuple[Problem, ...]
    left_out: frozenset[str] = frozenset()

    def keeping(self, before: Fragment | None) -> Fragment | None:
        """The fragment, with what is written but wrong as it was `before`: a typo removes no job and ends no waiting work."""
        if self.fragment is None or before is None:
            return self.fragment
        jobs = tuple(job for job in before.jobs if job.name in self.left_out)
        resources = tuple(resource for resource in before.resources if resource.name in self.left_out)
        return replace(self.fragment, jobs=(*self.fragment.jobs, *jobs), resources=(*self.fragment.resources, *resources))


@dataclass(slots=True)
class _Definitions:
    """What the files of one source define, as they are read one after the other."""

    source: str
    kinds: Kinds
    jobs: list[Job] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    named: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False

    def read_section(self, section: str, node: Node) -> None:
        if not isinstance(node, List):
            self.unreadable = True
            sentence = f"`{section}` must be a list (each item begins with `- `), not {described(node)}; nothing of it is read"
            self.problems.append(Problem(node.place, Severity.ERROR, sentence))
            return
        for item in node.items:
            self._read(section, item)

    def _read(self, section: str, item: Node) -> None:
        noun = "job" if section == "jobs" else "resource"
        if not isinstance(item, Map):
            if not (isinstance(item, Scalar) and item.null):
                self.problems.append(Problem(item.place, Severity.ERROR, not_a_map(item, noun)))
            return
        name = name_of(item)
        findings = Findings(name)
        if self._new(name, item, findings):
            if section == "jobs":
                job = read_job(item, name, self.source, self.kinds, findings)
                self.jobs += [job] if job else []
            else:
                default = "trigger" if section == "triggers" else ""
                resource = read_resource(item, name, self.source, self.kinds, findings, default)
                self.resources += [resource] if resource else []
        self.problems += findings.problems

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset(self.named) - {job.name for job in self.jobs} - {resource.name for resource in self.resources} - {""}

    def _new(self, name: str, item: Map, findings: Findings) -> bool:
        """Whether the name is free; the first definition keeps it, even when something is wrong with it."""
        entry = item.entry("name")
        place = entry.place if entry else item.place
        if name and name in self.named:
            findings.error(place, f"`{name}` is defined twice; first at {self.named[name]}. Rename or remove one of them")
            return False
        self.named[name] = place
        return True


def parse(source: str, commit: str, files: Mapping[str, bytes], kinds: Kinds, imported: Mapping[str, bytes] | None = None) -> Parsed:
    """`files`: path -> content of all workflow files of the source `source` (its key) at `commit`, the templates file among them.

    `imported`: URL -> text of its `externalReferences`, as far as they were fetched. Of others a warning is given, and aliases that
    nothing defines then stand for nothing: nobody adopts that.
    """
    documents, problems = documents_of(files, imported or {})
    unreadable = any(problem.severity is Severity.ERROR for problem in problems)
    definitions = _Definitions(source, kinds, problems=problems, unreadable=unreadable)
    for path, root in documents:
        for section, node in _sections(path, root, definitions):
            definitions.read_section(section, node)
    found = tuple(sorted(problems, key=lambda problem: problem.place))
    if definitions.unreadable:
        return Parsed(None, found)
    ci = next((root.place for path, root in documents if path in CI_FILES and asks_for_ci(root)), None)
    jobs = with_ci(source, definitions.jobs, definitions.named, ci) if CI_JOB in kinds.jobs else definitions.jobs
    fragment = Fragment(source, commit, tuple(jobs), tuple(definitions.resources))
    return Parsed(fragment, found, definitions.left_out)


def _sections(path: str, root: Node, definitions: _Definitions) -> Iterator[tuple[str, Node]]:
    """The sections of a file with their nodes. Other top-level keys are CI keys or hold anchors, and are passed over."""
    if isinstance(root, List) and is_triggers_file(path):
        yield "triggers", root
    elif not isinstance(root, Map):
        definitions.unreadable = True
        sentence = f"a workflow file is a map with `resources`, `jobs` or `triggers`, not {described(root)}"
        definitions.problems.append(Problem(root.place, Severity.ERROR, sentence))
    else:
        for entry in root.entries:
            if entry.key in _SECTIONS and path not in TEMPLATES:
                if not (isinstance(entry.value, Scalar) and entry.value.null):
                    yield entry.key, entry.value
            elif sentence := _unread(path, entry):
                guess = nearest(entry.key, _SECTIONS)
                definitions.problems.append(Problem(entry.place, Severity.WARNING, sentence, nearest=guess))


def _unread(path: str, entry: Entry) -> str:
    """A sentence for a top-level key that is not read although it looks meant to be; "" for all others."""
    if path not in TEMPLATES and isinstance(entry.value, List) and nearest(entry.key, _SECTIONS):
        return f"`{entry.key}` is not a section of a workflow file; nothing of it is read"
    if path not in TEMPLATES and entry.key == EXTERNAL:
        return f"`{EXTERNAL}` belongs into {TEMPLATES[0]} at the root of the repository; here it is ignored"
    return ""
