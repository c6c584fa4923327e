"""Names that the documents drop in passing: settings, commands, log events and metrics that they speak of exist."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from prometheus_client import Metric

from app.cli.main import gateline
from app.web.metrics import StoreGauges
from config.settings import Settings
from tests.docs.test_examples import PAGES, ROOT
from tests.docs.test_reference import described, page

TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES if path.name != "CHANGELOG.md"}
BESIDE_SETTINGS = {"GATELINE_CONFIG", "GATELINE_USER", "GATELINE_LANE", "GATELINE_OUTPUT", "GATELINE_SUMMARY"}
"""The file of settings, who asks on the command line, and what a script finds."""
EVENT = re.compile(r"\.(?:info|warning|error|exception)\(\"([a-z_.]+)\"")


def test_every_setting_that_is_spoken_of_exists() -> None:
    known = {f"GATELINE_{name.upper()}" for name in Settings.model_fields} | BESIDE_SETTINGS
    spoken = {name.removesuffix("_FILE") for text in TEXTS.values() for name in re.findall(r"GATELINE_[A-Z_]+[A-Z]", text)}
    assert spoken - known == set()


def lines() -> list[str]:
    """Whole lines of shell blocks, and inline code, that call `gateline`."""
    found = []
    for text in TEXTS.values():
        blocks = "\n".join(re.findall(r"^```(?:sh)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        inline = "\n".join(re.findall(r"`([^`\n]+)`", text))
        found += re.findall(r"^(?:GATELINE_\w+=\S+ |KEEP=1 |\.venv/bin/)*(gateline [a-z].*)$", f"{blocks}\n{inline}", re.MULTILINE)
    return sorted(set(found))


@pytest.mark.parametrize("line", lines())
def test_every_command_that_is_spoken_of_exists_with_its_options(line: str) -> None:
    words = shlex.split(re.split(r"  #| \| ", line)[0])[1:]
    context = click.Context(gateline, info_name="gateline")
    command: click.Command = gateline
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    assert {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)} <= known


def test_the_log_events_that_are_explained_exist() -> None:
    said = {
        event for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "workers").rglob("*.py")] for event in EVENT.findall(path.read_text())
    }
    explained = {name for name in described("operations.md") if re.fullmatch(r"(run|errand|clock|up|worker)\.[a-z_]+", name)}
    assert explained
    assert explained - said == set()


def test_every_metric_is_explained() -> None:
    class Empty:
        def runs(self, live: bool, limit: int) -> tuple[()]:
            return ()

        stuck = candidates = tuple

        def workers(self, present: bool) -> tuple[()]:
            return ()

    told: list[Metric] = list(StoreGauges(Empty()).collect())  # type: ignore[arg-type]  # all that the gauges ask
    explained = set(re.findall(r"`(gateline_\w+)\{", page("reference/api.md")))
    assert {metric.name for metric in told} | {"gateline_hooks_total"} == explained
