"""What the CI keys of a `shippable.yml` say, as frozen values (spec/ci-integrations-deploy.md section 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from app.workflow.definition import Image, JsonMap

FILES = ("shippable.yml", ".shippable.yml")
"""Where CI keys are read, at the root of a repository; the first that is there counts (spec/workflow-language.md section 1.1)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of `env`: assignments as a shell reads them (`A=1 B="x y"`), and ciphertexts that hold such assignments."""

    text: str = ""
    secure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branches:
    """`branches`: globs of branches and tags; no `only` admits all, and `except` takes away from it."""

    only: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    def admit(self, name: str) -> bool:
        wanted = not self.only or any(fnmatchcase(name, glob) for glob in self.only)
        return wanted and not any(fnmatchcase(name, glob) for glob in self.excepted)


@dataclass(frozen=True, slots=True)
class Boot:
    """`build.pre_ci_boot`: the container that `ci` asks for; texts may hold `$NAME` of variables known before it starts."""

    image: Image
    env: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """`build`: script lines by phase, the container and the cache. `ci` None stands for the language's own commands."""

    pre_ci: tuple[str, ...] = ()
    boot: Boot | None = None
    ci: tuple[str, ...] | None = None
    post_ci: tuple[str, ...] = ()
    on_success: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    push: tuple[str, ...] = ()
    cache: bool = False
    cache_folders: tuple[str, ...] = ()


NO_BUILD = Build()


@dataclass(frozen=True, slots=True)
class Pool:
    """One item of `runtime`: cells of it run in the pool `name` ("" is the default) with `build`."""

    name: str
    build: Build


@dataclass(frozen=True, slots=True)
class Match:
    """One item of `matrix.include`, `exclude` or `allow_failures`: values by axis; `env` and `pool` None when it does not name them."""

    axes: tuple[tuple[str, str], ...] = ()
    env: tuple[Entry, ...] | None = None
    pool: str | None = None


class Policy(StrEnum):
    """When a notification is sent. CHANGE: when the status differs from that of the branch's run before."""

    ALWAYS = "always"
    CHANGE = "change"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Notification:
    """One item of `integrations.notifications` (section 1.9). `options` are keys that only its kind of notifier reads."""

    integration: str
    type: str
    recipients: tuple[str, ...] = ()
    branches: Branches = Branches()
    on_success: Policy = Policy.CHANGE
    on_failure: Policy = Policy.ALWAYS
    on_cancel: Policy = Policy.ALWAYS
    on_start: Policy = Policy.NEVER
    on_pull_request: Policy = Policy.ALWAYS
    options: JsonMap = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hub:
    """One item of `integrations.hub`: a registry to log in to before the commands run; `agent_only`: for `pre_ci` and `push` alone."""

    integration: str
    type: str
    region: str = ""
    agent_only: bool = False
    branches: Branches = Branches()


@dataclass(frozen=True, slots=True)
class Configuration:
    """The CI of one commit. `versions` are the language's axes in the order of section 1.6, `entries` the axis of `env`.

    `keys` and `generic` are names of integrations. `services` are names with an optional tag (`postgres:16`).
    """

    language: str
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    globals: tuple[Entry, ...] = ()
    entries: tuple[Entry, ...] = ()
    build: Build = NO_BUILD
    pools: tuple[Pool, ...] = ()
    include: tuple[Match, ...] = ()
    exclude: tuple[Match, ...] = ()
    allow_failures: tuple[Match, ...] = ()
    branches: Branches = Branches()
    bundler_args: str = ""
    depth: int = 0
    submodules: bool = True
    git_config: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    notifications: tuple[Notification, ...] = ()
    hubs: tuple[Hub, ...] = ()
    keys: tuple[str, ...] = ()
    generic: tuple[str, ...] = ()

    @property
    def integrations(self) -> tuple[str, ...]:
        """Those that the commands get, each once."""
        return tuple(dict.fromkeys((*(hub.integration for hub in self.hubs if hub.integration), *self.keys, *self.generic)))
