"""`gateline run`: one job on this machine, as a worker would run it; nothing is reported anywhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import click
import yaml

from app.cli.acting import pair
from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.offline import check, repositories
from app.cli.printout import Printout
from app.cli.rerun import again, next_one
from app.cli.scratch import Given, run_from_files
from app.cli.shown import Shown
from app.cli.who import account_of, account_option
from app.cli.words import run_ref
from app.forges.local.git import BareRepository, GitFailed
from app.workflow.definition import Json, Workflow
from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Result

REMOTE = re.compile(r"(?P<name>[^/:]+/[^/:]+?)(\.git)?/?$")
IN_FILE = ("versions", "integrations", "values")


@command("run", "gateline run deploy#12", "gateline run smoke REGION=eu", "gateline run build --from . --inputs inputs.yml")
@click.argument("job", metavar="JOB[#NUMBER]")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--from", "folder", type=click.Path(exists=True, path_type=Path), help="Run it from the files here, without the service.")
@click.option("--inputs", type=click.File(), help="With --from: YAML with `versions`, `integrations` and `values`.")
@click.option("--repo", "trees", multiple=True, metavar="NAME=PATH", help="With --from: the working tree of a repository OWNER/REPO.")
@click.option("--no-sandbox", "bare", is_flag=True, help="With --from: run it as plain processes.")
@account_option
@pass_here
def run(
    here: Here,
    job: str,
    values: tuple[str, ...],
    folder: Path | None,
    inputs: TextIO | None,
    trees: tuple[str, ...],
    bare: bool,
    account: str | None,
) -> Printout:
    """Run one job on this machine as a worker would; nothing is reported anywhere.

    JOB#NUMBER runs what that run ran, JOB what a run of it by hand would take now. The log goes to standard output.
    """
    pairs = tuple(pair(each) for each in values)
    out = sys.stderr if here.json else sys.stdout
    if folder is not None:
        workflow = check(repositories([folder])).workflow
        given = _given(workflow, folder, inputs, dict(pair(each) for each in trees), pairs)
        return _told(run_from_files(workflow, job, given, not bare, out))
    if inputs or trees or bare:
        raise click.UsageError("--inputs, --repo and --no-sandbox go with --from: the service knows what its jobs take.")
    context, ref = here.served, run_ref(job)
    where = account_of(context, account, ref.job if ref else job)
    if ref and pairs:
        raise click.UsageError(f"{job} has its values: name the job without #{ref.number} to give others.")
    carried_out = again(context, where, ref) if ref else next_one(context, where, job, pairs)
    return _told(carried_out(Shown(context.executors["local"], context.settings.max_log, out)))


def _given(workflow: Workflow, folder: Path, inputs: TextIO | None, trees: Mapping[str, str], pairs: tuple[tuple[str, str], ...]) -> Given:
    """What --inputs and --repo say, and the working tree around the files for the repository that it is a clone of."""
    told = _read(inputs) if inputs else {}
    places = {name.lower(): Path(path) for name, path in trees.items()}
    watched = {str(each.content["sourceName"]).lower() for each in workflow.resources.values() if each.content.get("sourceName")}
    if unknown := places.keys() - watched:
        raise click.UsageError(f"no resource here is about {', '.join(sorted(unknown))}, but about {', '.join(sorted(watched)) or 'none'}.")
    origin = _origin(folder)
    if origin in watched:
        places.setdefault(origin, folder if folder.is_dir() else folder.parent)
    values = {**{str(key): str(value) for key, value in told.get("values", {}).items()}, **dict(pairs)}
    return Given(told.get("versions", {}), told.get("integrations", {}), places, tuple(values.items()))


def _read(inputs: TextIO) -> dict[str, Any]:
    told = yaml.safe_load(inputs) or {}
    if not isinstance(told, dict) or any(key not in IN_FILE or not isinstance(told[key], dict) for key in told):
        raise click.UsageError(f"{inputs.name} has to be a map of {', '.join(IN_FILE)}, each a map of names.")
    return told


def _origin(folder: Path) -> str:
    """`owner/name`, in lower case, that the working tree's remote `origin` has; "" for none."""
    try:
        url = BareRepository(folder if folder.is_dir() else folder.parent).run("remote", "get-url", "origin").decode().strip()
    except GitFailed:
        return ""
    found = REMOTE.search(url)
    return found["name"].lower() if found else ""


def _told(result: Result) -> Printout:
    """How it ended and what it left, on standard error for people: standard output is the log's."""
    left = {"": result.own, **result.outputs}
    for name, each in left.items():
        for key, value in each.keys:
            click.echo(f"{name or 'the job'} would have {key}={value}", err=True)
    reason = f": {result.reason}" if result.reason else ""
    click.secho(f"== {result.status}{reason}", err=True, fg="green" if result.status is Status.SUCCEEDED else "red")
    outputs: dict[str, Json] = {name or "own": _left(each) for name, each in left.items()}
    told: dict[str, Json] = {"status": result.status.value, "reason": result.reason, "code": result.code, "left": outputs}
    return Printout(told, (), result.status is Status.SUCCEEDED)


def _left(left: Left) -> Json:
    return {"keys": dict(left.keys), "bag": dict(left.bag) if left.bag is not None else None, "files": left.files}
