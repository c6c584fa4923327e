"""`gateline import`: one `gateline.yml` from the workflow files of a repository that ran on Shippable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from app.cli.command import command
from app.cli.offline import Repository, check, repositories
from app.cli.printout import Printout
from app.wire import kinds
from app.workflow.definition import Json, Workflow
from app.workflow.diff import diff
from app.workflow.files import TEMPLATES
from app.workflow.importing import NotMergeable, Rest, left_behind, merged
from app.workflow.kinds import Field

TARGET = "gateline.yml"
DEAD = "Accepted from old files"
"""How the help of a key begins that is read and means nothing here."""


@command("import", "gateline import", "gateline import ../old-app --output -")
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", default=TARGET, show_default=True, help="The file to write, in FOLDER; `-` for standard output.")
def import_(folder: Path, output: str) -> Printout:
    """Merge a Shippable repository's workflow files into one gateline.yml, and say what has no equivalent."""
    (found,) = repositories([folder])
    before = check([found])
    unreadable = [each for each in before.errors if not before.fragments]
    if not found.files or unreadable or TARGET in found.files:
        sentence = f"{TARGET} is there already: nothing was written." if TARGET in found.files else "There is nothing to import."
        return Printout({"written": None}, (*(each.text() for each in unreadable), sentence), False)
    try:
        text, staying = merged(found.files), left_behind(found.files)
    except NotMergeable as problem:
        raise click.ClickException(f"nothing was written: {problem}") from None
    templates = {path: content for path, content in found.files.items() if path in TEMPLATES and staying}
    others = {path: rest.text.encode() for path, rest in staying.items()} | templates
    after = check([Repository(folder, {TARGET: text.encode(), **others})])
    if lost := _lost(before.workflow, after.workflow):
        raise click.ClickException(f"nothing was written: merged, these files mean something else ({lost})")
    notes = (*_no_equivalent(before.workflow), *_todo(found, staying))
    if output == "-":
        click.echo(text, nl=False)
    else:
        (folder / output).write_text(text, encoding="utf-8")
    told: dict[str, Json] = {"written": output, "findings": [each.told for each in after.findings], "notes": list(notes), "text": text}
    if output == "-":
        for note in notes:
            click.echo(note, err=True)
        return Printout(told)
    return Printout(told, (*(each.text() for each in after.findings), *notes))


def _lost(before: Workflow, after: Workflow) -> str:
    """What the merged file says otherwise, "" for nothing."""
    names = [[*each.jobs, *each.resources] for each in (before, after)]
    if sorted(names[0]) != sorted(names[1]):
        return ", ".join(sorted(set(names[0]) ^ set(names[1])))
    return ", ".join(each.name for each in diff(before, after, kinds()).changes)


def _no_equivalent(workflow: Workflow) -> Iterator[str]:
    """Keys that are read and mean nothing here, by where they stand."""
    known = kinds()
    for resource in workflow.resources.values():
        kind = known.resources.get(resource.type)
        yield from _dead(resource.name, resource.content, kind.fields if kind else {})
    for job in workflow.jobs.values():
        kind_of_job = known.jobs[job.type]
        yield from _dead(job.name, job.attributes, kind_of_job.fields)
        for step in job.inputs:
            yield from _dead(f"{job.name}, IN {step.name}", step.attributes, kind_of_job.input_fields)
        for output in job.outputs:
            yield from _dead(f"{job.name}, OUT {output.name}", output.attributes, kind_of_job.output_fields)


def _dead(where: str, held: object, fields: object) -> Iterator[str]:
    if isinstance(held, dict) and isinstance(fields, dict):
        for key in held:
            field = fields.get(key)
            if isinstance(field, Field) and field.help.startswith(DEAD):
                yield f"no equivalent: `{key}` of {where}: {field.help.removeprefix(DEAD).lstrip('; :,')}"


def _todo(found: Repository, staying: Mapping[str, Rest]) -> Iterator[str]:
    """What is left to do by hand."""
    gone = [path for path in found.files if path not in staying and not (staying and path in TEMPLATES)]
    if gone:
        yield f"to do: remove {', '.join(gone)}; {TARGET} says what they said"
    for path, rest in staying.items():
        yield f"to do: remove `resources`, `jobs` and `triggers` from {path}, if they are there; its CI keys stay: {', '.join(rest.keys)}"
    if any(path in TEMPLATES and b"externalReferences" in content for path, content in found.files.items()):
        yield f"no equivalent in one file: `externalReferences`: keep {TEMPLATES[0]} beside {TARGET}"
