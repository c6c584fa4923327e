"""The `gateline` command: lists what there is, and loads a command's module only when it is used."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword

import click

from app.cli.here import Here

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Serve": {
        "up": ("serving", "Serve: the web process, workers and the clock, kept alive until Ctrl-C or SIGTERM."),
        "demo": ("serving", "Show a real line on this machine: push, gate, approval, deploy."),
        "migrate": ("serving", "Bring the database up to this version; `up` does it by itself."),
    },
    "Set up": {
        "validate": ("validate", "Check workflow files without a server: folders (default: this one) or single files."),
        "graph": ("graph", "Draw the line that workflow files make: solid triggers, dotted does not."),
        "plan": ("plan", "Show what changing the workflow files from OLD to NEW changes: each a folder, a file or a git revision."),
        "simulate": ("simulate", "Play events to the line of workflow files: what starts, what does not, and why."),
        "run": ("run", "Run one job on this machine as a worker would; nothing is reported anywhere."),
        "schema": ("schema", "Print the JSON Schema of workflow files, with which editors complete and check them."),
        "import": ("import_", "Merge a Shippable repository's workflow files into one gateline.yml, and say what has no equivalent."),
        "source": ("source", "Add, list and remove the repositories that make up the line."),
        "secret": ("secret", "Set, list, remove and re-encrypt the values of integrations."),
        "encrypt": ("keys", "Encrypt KEY=VALUE pairs, from TEXT or standard input, for `params` or `env`."),
        "decrypt": ("keys", "Decrypt a `secure` text, as the administrator of this installation."),
        "key": ("keys", "Show, reset and import the key pairs of `secure` texts."),
        "token": ("token", "Create, list and revoke tokens for the API."),
    },
    "Look": {
        "show": ("showing", "Show the line, or one job, run or commit of it."),
        "logs": ("showing", "Print the log of a run; of a job: of its newest run."),
        "why": ("acting", "Say what JOB or RUN waits for, or why it did not run."),
        "audit": ("showing", "List who asked for what, and whether it was done."),
    },
    "Act": {
        "approve": ("gates", "Open the gate of JOB for exactly what is shown."),
        "reject": ("gates", "End what waits at the gate of JOB."),
        "trigger": ("acting", "Run JOB by hand; a job with a gate only waits for approval."),
        "retry": ("acting", "Run again what failed for a commit, with the same inputs."),
        "cancel": ("acting", "Cancel what is not final of JOB, or of a commit."),
        "pause": ("acting", "No automatic runs of JOB until it is resumed."),
        "resume": ("acting", "Let JOB run automatically again."),
        "pin": ("acting", "Fix the VERSION of RESOURCE that runs of JOB take."),
        "unpin": ("acting", "Let runs of JOB take the latest version of RESOURCE again."),
        "redo": ("redo", "Do an errand again that failed or is put off; `show --problems` lists them."),
    },
    "The local forge": {
        "repo": ("local", "Make and list repositories on the local forge: plain git, no service."),
        "user": ("local", "Add and list the people of the local forge."),
        "pr": ("local", "Open, merge, close and list pull requests of the local forge."),
        "comment": ("local", "Write a comment on a pull request or a commit of the local forge."),
    },
}
"""Section -> command -> (module of `app.cli`, its short help, which a test compares with the command's own)."""

HIDDEN = {"web": "serving", "worker": "serving", "clock": "serving"}
"""Processes that `up` starts."""


class Gateline(click.Group):
    """The commands of `SECTIONS`, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        module = next((commands[cmd_name][0] for commands in SECTIONS.values() if cmd_name in commands), HIDDEN.get(cmd_name))
        if module is None:
            return None
        found: click.Command = getattr(import_module(f"app.cli.{module}"), f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])


@click.group(cls=Gateline, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="gateline")
@click.pass_context
def gateline(ctx: click.Context) -> None:
    """Joins your islands of automation into one assembly line, run and approved from the pull request."""
    ctx.ensure_object(Here)


def main() -> None:
    """Exit codes: 0 fine, 1 a no or problems, 2 wrong usage or settings."""
    gateline(prog_name="gateline")


if __name__ == "__main__":
    main()
