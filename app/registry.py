"""Finds plugins: every module of a plugin package offers one object called `plugin`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Protocol


class Named(Protocol):
    """What every plugin has: the name that users or the database know it by."""

    @property
    def name(self) -> str: ...


@cache
def load(package: str) -> Mapping[str, Named]:
    """Imports all modules of `package` and returns name -> plugin, sorted by name.

    Modules whose name starts with an underscore are private parts of the package and are passed over.
    Raises TypeError when a module has no `plugin` or two plugins share a name.
    """
    parent: ModuleType = import_module(package)
    found: dict[str, Named] = {}
    for module in iter_modules(parent.__path__):
        if module.name.startswith("_"):
            continue
        plugin = getattr(import_module(f"{package}.{module.name}"), "plugin", None)
        if plugin is None:
            raise TypeError(f"{package}.{module.name} offers no `plugin`")
        if plugin.name in found:
            raise TypeError(f"two plugins of {package} are called {plugin.name!r}")
        found[plugin.name] = plugin
    return MappingProxyType(dict(sorted(found.items())))
