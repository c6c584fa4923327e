"""The cache of a CI cell: a tar of folders in the workspace, one a repository, last writer wins (spec/ci-integrations-deploy.md 1.8).

The cell's own shell unpacks and packs it, because it alone knows what `$HOME/x` or `$(command)` in a path means; files that are there
already, such as those of the clone, are never replaced by cached ones.
"""

from __future__ import annotations

import re

from app.workflow.plan import NEW_CACHE, OLD_CACHE, CiInputs, PlannedCache, PlannedTask

CACHE = OLD_CACHE.rpartition("/")[0]
"""The folder of both archives."""

CLEARING = ("[reset cache]", "[reset_cache]", "[cache reset]", "[cache_reset]", "[reset minion]", "[reset_minion]")
"""In a commit message: this once nothing is restored (section 1.11, both families)."""

UNPACK = f'if [ -f "$JOB_PATH/{OLD_CACHE}" ]; then tar -xf "$JOB_PATH/{OLD_CACHE}" -C "$JOB_PATH" --skip-old-files; fi'
_PACK = (
    'kept=(); for folder in "${folders[@]}"; do '
    'if [ -e "$folder" ] && [[ "$folder" = "$JOB_PATH"/* ]]; then kept+=("${folder#"$JOB_PATH"/}"); '
    'else echo "$folder is not cached: there is no such folder in the workspace"; fi; done; if [ "${#kept[@]}" -gt 0 ]; then '
    f'tar -cf "$JOB_PATH/{NEW_CACHE}" -C "$JOB_PATH" --exclude=.git "${{kept[@]}}" || rm -f "$JOB_PATH/{NEW_CACHE}"; fi'
)


def cache_of(ci: CiInputs, repository: str, message: str, trusted: bool) -> PlannedCache | None:
    """None without `cache: true`. A run of a fork's commit writes none (product.md section 8)."""
    if not ci.cell.build.cache:
        return None
    return PlannedCache(repository, restore=not any(text in message.lower() for text in CLEARING), save=trusted)


def packing(ci: CiInputs, cache: PlannedCache | None) -> tuple[PlannedTask, ...]:
    """What packs the cache when all else has passed; by default the clone."""
    if cache is None or not cache.save:
        return ()
    folders = ci.cell.build.cache_folders or ("$SHIPPABLE_BUILD_DIR",)
    return (PlannedTask("cache", (f"folders=({' '.join(_quoted(folder) for folder in folders)})", _PACK)),)


def _quoted(folder: str) -> str:
    """The path as one word in which `$NAME` and `$(command)` still mean something."""
    return '"' + re.sub(r'(["\\`])', r"\\\1", folder) + '"'
