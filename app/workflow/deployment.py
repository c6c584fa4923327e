"""What is deployed, as values: manifests and their parts, and what a deploy job asks of a cluster (spec/workflow-language.md 3.5, 3.7).

Versions of manifest, release and deploy jobs hold manifests as JSON: `Manifest.json` writes one, `read` reads it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.workflow.definition import Json, JsonMap


@dataclass(frozen=True, slots=True)
class Part:
    """One image or file of a manifest: the IN's name, what it refers to (`source` and its tag or `label`, at `version`), and what was
    merged into it: `options` of its container, `env` by name. `integration` is needed to fetch it, "" when it is public."""

    name: str
    source: str
    label: str
    version: int
    integration: str = ""
    options: JsonMap = field(default_factory=dict)
    env: JsonMap = field(default_factory=dict)

    @property
    def json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "sourceName": self.source,
            "versionName": self.label,
            "versionNumber": self.version,
            "integration": self.integration,
            "dockerOptions": dict(self.options),
            "params": dict(self.env),
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """One deployable unit: all `image`s or all `file`s (`kind`), deployed as a whole. `name` is the manifest job, `version` its version's
    number; in that very version, which cannot know its number, it is 0."""

    name: str
    kind: str
    parts: tuple[Part, ...]
    replicas: JsonMap = field(default_factory=dict)
    version: int = 0

    @property
    def json(self) -> dict[str, Json]:
        return {
            "manifest": self.name,
            "versionNumber": self.version,
            "kind": self.kind,
            "parts": [part.json for part in self.parts],
            "replicas": dict(self.replicas),
        }

    @property
    def described(self) -> str:
        named = f"{self.name} version {self.version}" if self.version else self.name
        return f"{named}: {', '.join(f'{part.source}:{part.label}' for part in self.parts)}"


def read(value: Json) -> Manifest:
    """The manifest that `Manifest.json` wrote. Raises ValueError when it is something else."""
    if not isinstance(value, dict) or not isinstance(value.get("parts"), list):
        raise ValueError("this is no manifest")
    parts = value["parts"]
    assert isinstance(parts, list)  # noqa: S101 - for the type checker: that was looked at
    return Manifest(
        name=_text(value, "manifest"),
        kind=_text(value, "kind"),
        parts=tuple(_part(part) for part in parts if isinstance(part, dict)),
        replicas=_map(value, "replicas"),
        version=_number(value, "versionNumber"),
    )


def manifests_in(bag: JsonMap) -> tuple[Manifest, ...]:
    """Those that a version of a release or deploy job holds, in order."""
    held = bag.get("manifests")
    return tuple(read(each) for each in held) if isinstance(held, list) else ()


def merged(lists: Iterable[Iterable[Manifest]]) -> tuple[Manifest, ...]:
    """One of each name: a later one takes the place of an earlier."""
    return tuple({manifest.name: manifest for each in lists for manifest in each}.values())


def _part(value: JsonMap) -> Part:
    return Part(
        name=_text(value, "name"),
        source=_text(value, "sourceName"),
        label=_text(value, "versionName"),
        version=_number(value, "versionNumber"),
        integration=_text(value, "integration"),
        options=_map(value, "dockerOptions"),
        env=_map(value, "params"),
    )


def _text(value: Mapping[str, Json], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _number(value: Mapping[str, Json], key: str) -> int:
    found = value.get(key)
    return found if isinstance(found, int) else 0


def _map(value: Mapping[str, Json], key: str) -> JsonMap:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


# -- what a deploy or provision job asks for -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """A resource at a provider, such as a cluster or a load balancer: its `settings` are its version's bag."""

    name: str
    integration: str
    settings: JsonMap


@dataclass(frozen=True, slots=True)
class Unit:
    """A manifest to be deployed as a service called `name`. `former` is the name of the service that runs an older one, "" for none:
    another name is removed when the new one is stable (blueGreen), the same is updated (upgrade) or removed first (replace)."""

    manifest: Manifest
    name: str
    former: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Balancing:
    """One of the `applyTo` of a load balancer: it sends to `port` of `image` in the service of `manifest`."""

    balancer: Target
    manifest: str
    image: str
    port: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deploy run changes on a cluster. `units` in order, one after the other or in `parallel`; `kept` services stay as they are,
    `removed` ones go afterwards. Seconds: `wait` at most for each to be stable, `stability` for which it must hold (blueGreen).

    `resources` are other INs that are needed to get there, such as a bastion's key.
    """

    cluster: Target
    method: str
    units: tuple[Unit, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    balancers: tuple[Balancing, ...] = ()
    resources: tuple[Target, ...] = ()
    parallel: bool = False
    wait: int = 600
    stability: int = 0

    @property
    def integrations(self) -> frozenset[str]:
        targets = (self.cluster, *self.resources, *(each.balancer for each in self.balancers))
        fetched = (part.integration for unit in self.units for part in unit.manifest.parts)
        return frozenset({*(target.integration for target in targets), *fetched} - {""})

    @property
    def sealed(self) -> frozenset[str]:
        """Encrypted texts among the params of what is deployed."""
        envs = (part.env for unit in self.units for part in unit.manifest.parts)
        return frozenset(text for env in envs for text in secure_texts(env))


@dataclass(frozen=True, slots=True)
class Provision:
    """The services that a provision run makes or updates, and the names of those that it removes."""

    services: tuple[Target, ...]
    removed: tuple[str, ...] = ()

    @property
    def integrations(self) -> frozenset[str]:
        return frozenset(service.integration for service in self.services if service.integration)

    @property
    def sealed(self) -> frozenset[str]:
        return frozenset()


SECURE = "secure"
"""The key of params under which encrypted texts stand: one, or in a manifest a list of them."""


def secure_texts(env: JsonMap) -> tuple[str, ...]:
    """The encrypted texts among params."""
    value = env.get(SECURE)
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
