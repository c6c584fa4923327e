"""The cells of a CI run: the matrix rules of spec/ci-integrations-deploy.md section 1.6, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import prod

from app.workflow.ci.configuration import NO_BUILD, Build, Configuration, Entry, Match, Pool
from app.workflow.ci.env import joined

MOST_CELLS = 500


class TooManyCells(ValueError):
    """The matrix is larger than MOST_CELLS: the text is the sentence that the user reads."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One leg of the matrix: `<run>.<index>`, from 1. `env` are its own entries, those of `env.global` apart."""

    index: int
    versions: tuple[tuple[str, str], ...] = ()
    env: tuple[Entry, ...] = ()
    pool: str = ""
    build: Build = NO_BUILD
    allow_failure: bool = False

    @property
    def title(self) -> str:
        """What tells the cell from others: `python 3.6, TEST=unit`; "" when it is the only one."""
        own = joined(self.env)
        texts = (*(f"{axis} {value}" for axis, value in self.versions), own.text, "encrypted env" if own.secure else "", self.pool)
        return ", ".join(text for text in texts if text)


@dataclass(frozen=True, slots=True)
class _Leg:
    versions: tuple[tuple[str, str], ...]
    env: tuple[Entry, ...]
    pool: str

    def matches(self, match: Match) -> bool:
        """Whether the leg has every value that `match` names; what it does not name matches all."""
        own = dict(self.versions)
        return (
            all(own.get(axis) == value for axis, value in match.axes)
            and (match.env is None or joined(match.env) == joined(self.env))
            and (match.pool is None or match.pool == self.pool)
        )


def cells(configuration: Configuration) -> tuple[Cell, ...]:
    """All cells in order: the product of the axes without those excluded, then those included. Raises TooManyCells."""
    legs = [leg for leg in _base(configuration) if not any(leg.matches(match) for match in configuration.exclude)]
    legs += [_included(match, configuration) for match in configuration.include]
    if len(legs) > MOST_CELLS:
        raise TooManyCells(_sentence(len(legs)))
    builds = {pool.name: pool.build for pool in configuration.pools}
    return tuple(
        Cell(
            index,
            leg.versions,
            leg.env,
            leg.pool,
            builds.get(leg.pool, configuration.build),
            any(leg.matches(match) for match in configuration.allow_failures),
        )
        for index, leg in enumerate(legs, 1)
    )


def _base(configuration: Configuration) -> Iterable[_Leg]:
    """The product: version x jdk x gemfile x env x pool. Nothing when only `include` says what runs (rule 3)."""
    axes = [[(axis, value) for value in values] for axis, values in configuration.versions.items() if values]
    if not axes and not configuration.entries and not configuration.pools and configuration.include:
        return ()
    envs: list[tuple[Entry, ...]] = [(entry,) for entry in configuration.entries] or [()]
    pools = configuration.pools or (Pool("", configuration.build),)
    size = prod(len(values) for values in axes) * len(envs) * len(pools)
    if size > 10 * MOST_CELLS:
        raise TooManyCells(_sentence(size))
    return (_Leg(versions, env, pool.name) for versions in product(*axes) for env in envs for pool in pools)


def _included(match: Match, configuration: Configuration) -> _Leg:
    """An axis of versions that `match` does not name has its first value; without a pool it runs in the first one."""
    named = dict(match.axes)
    versions = {axis: values[0] for axis, values in configuration.versions.items() if values} | named
    first = configuration.pools[0].name if configuration.pools else ""
    return _Leg(tuple(versions.items()), match.env or (), first if match.pool is None else match.pool)


def _sentence(count: int) -> str:
    return f"the matrix has {count} cells; at most {MOST_CELLS} are run: take values off its axes, or exclude some"
