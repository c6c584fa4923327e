"""The environment of a CI cell beside that of every job (spec/ci-integrations-deploy.md sections 1.3 and 1.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from app.jobs._dependency import Dependency
from app.workflow.ci.configuration import Entry
from app.workflow.ci.language import VARIABLES
from app.workflow.ci.matrix import cells
from app.workflow.definition import JsonMap
from app.workflow.plan import JOB_PATH, CiInputs, PlanInputs, Sealed, Value
from app.workflow.variables import text_of

Env: TypeAlias = tuple[tuple[str, Value], ...]

_LOCALE = dict.fromkeys(("LANG", "LC_ALL", "LC_CTYPE"), "C.UTF-8")
_CONSTANTS = {
    "CI": "true",
    "CONTINUOUS_INTEGRATION": "true",
    "SHIPPABLE": "true",
    "DEBIAN_FRONTEND": "noninteractive",
    **_LOCALE,
    **dict.fromkeys(("RAILS_ENV", "RACK_ENV", "MERB_ENV"), "test"),
    "SERVICE_SKIP": "false",
    "SHIPPABLE_ARCHIVE": "true",
    "SHIPPABLE_OS_NAME": "linux",
    "SHIPPABLE_SELENIUM_PORT": "4444",
    "SHIPPABLE_CONTAINER_NAME": "",
    "CACHE_CONTAINER": "false",
    "TRAVIS": "true",
    "TRAVIS_OS_NAME": "linux",
}
"""The locale is the one that every Linux has: en_US.UTF-8, which the original promised, is not generated everywhere."""

_TRAVIS = {
    "TRAVIS_BUILD_DIR": "SHIPPABLE_BUILD_DIR",
    "TRAVIS_REPO_SLUG": "REPO_FULL_NAME",
    "TRAVIS_COMMIT": "COMMIT",
    "TRAVIS_COMMIT_RANGE": "SHIPPABLE_COMMIT_RANGE",
    "TRAVIS_BRANCH": "BRANCH",
    "TRAVIS_PULL_REQUEST": "PULL_REQUEST",
    "TRAVIS_BUILD_NUMBER": "BUILD_NUMBER",
    "TRAVIS_BUILD_ID": "SHIPPABLE_BUILD_ID",
    "TRAVIS_JOB_NUMBER": "JOB_NUMBER",
    "TRAVIS_JOB_ID": "JOB_ID",
}
"""Names of Travis CI -> ours of the same value."""


def ci_variables(inputs: PlanInputs, ci: CiInputs, source: Dependency) -> dict[str, Value]:
    """All but those of `env` in the file, by name. `source` is the repository that is built."""
    found = {
        **_CONSTANTS,
        **_ref(source.bag),
        **_request(source.bag),
        **_repository(inputs, source.bag),
        **_run(inputs, ci),
        **_folders(inputs, source),
        "CACHE_DIR": text_of(ci.cell.build.cache),
        "SHIPPABLE_SUBMODULE_ENABLED": text_of(ci.configuration.submodules),
        "SHIPPABLE_BUNDLER_ARGS": ci.configuration.bundler_args,
        **{name: value for axis, value in ci.cell.versions for name in VARIABLES[axis]},
    }
    return {**found, **{alias: found[name] for alias, name in _TRAVIS.items()}}


def _ref(bag: JsonMap) -> dict[str, str]:
    sha, url = text_of(bag.get("sha")), text_of(bag.get("url"))
    since = text_of(bag.get("baseSha")) or text_of(bag.get("before"))
    compared = since and url.endswith(f"/commit/{sha}")
    return {
        "BRANCH": text_of(bag.get("branchName")),
        "COMMIT": sha,
        "COMMIT_MESSAGE": text_of(bag.get("message")),
        "COMMITTER": text_of(bag.get("committer")),
        "LAST_AUTHOR": text_of(bag.get("author")),
        "COMPARE_URL": f"{url.removesuffix(f'/commit/{sha}')}/compare/{since}...{sha}" if compared else url,
        "SHIPPABLE_COMMIT_RANGE": f"{since}...{sha}" if since else sha,
    }


def _request(bag: JsonMap) -> dict[str, str]:
    number, event = bag.get("pullRequest"), bag.get("event")
    base = text_of(bag.get("baseBranch"))
    return {
        "IS_PULL_REQUEST": text_of(number is not None),
        "PULL_REQUEST": "false" if number is None else text_of(number),
        "BASE_BRANCH": base,
        "PULL_REQUEST_BASE_BRANCH": base,
        "HEAD_BRANCH": text_of(bag.get("headBranch")),
        "PULL_REQUEST_REPO_FULL_NAME": "" if number is None else text_of(bag.get("headFullName")),
        "IS_FORK": text_of(bag.get("fork") is True),
        "IS_GIT_TAG": text_of(event == "tag"),
        "GIT_TAG_NAME": text_of(bag.get("tagName")),
        "IS_RELEASE": text_of(event == "release"),
        "IS_PRERELEASE": "false",
        "RELEASE_NAME": text_of(bag.get("releaseName")),
        "RELEASED_AT": text_of(bag.get("releasedAt")),
    }


def _repository(inputs: PlanInputs, bag: JsonMap) -> dict[str, str]:
    full_name = text_of(bag.get("fullName"))
    owner, _, name = full_name.rpartition("/")
    return {
        "ORG_NAME": owner,
        "REPO_NAME": name,
        "REPO_FULL_NAME": full_name,
        "SHIPPABLE_REPO_SLUG": full_name,
        "REPOSITORY_URL": text_of(bag.get("cloneUrl")),
        "PROJECT_ID": text_of(bag.get("repository")),
        "SUBSCRIPTION_ID": inputs.account,
    }


def _run(inputs: PlanInputs, ci: CiInputs) -> dict[str, str]:
    number, cell = str(inputs.run.ref.number), str(ci.cell.index)
    return {
        "BUILD_NUMBER": number,
        "SHIPPABLE_BUILD_NUMBER": number,
        "SHIPPABLE_BUILD_ID": inputs.run_id,
        "JOB_ID": f"{inputs.run_id}.{cell}",
        "BUILD_JOB_ID": f"{inputs.run_id}.{cell}",
        **dict.fromkeys(("BUILD_JOB_NUMBER", "JOB_NUMBER", "SHIPPABLE_JOB_NUMBER", "SHIPPABLE_JOB_ID"), cell),
        "SHIPPABLE_JOB_COUNT": str(len(cells(ci.configuration))),
        "LAST_SUCCESSFUL_BUILD_TIMESTAMP": "false" if ci.last_success is None else str(int(ci.last_success)),
    }


def _folders(inputs: PlanInputs, source: Dependency) -> dict[str, str]:
    clone = f"{JOB_PATH}/{source.state}"
    return {
        "SHIPPABLE_BUILD_DIR": clone,
        "SHIPPABLE_REPO_DIR": clone,
        "SHIPPABLE_DATA_DIR": f"{JOB_PATH}/shared",
        "SHIPPABLE_VE_DIR": f"{JOB_PATH}/shared/ve",
        "SHIPPABLE_GOPATH": f"{JOB_PATH}/shared/go",
        "SHIPPABLE_WWW_URL": inputs.urls.get("www", ""),
    }


def exports(ci: CiInputs) -> tuple[str, ...]:
    """Lines that set the plain texts of `env` in the cell's shell, which evaluates them."""
    return tuple(f"export {entry.text}" for entry in _entries(ci) if entry.text)


def sealed(ci: CiInputs, repository: str) -> Env:
    """The encrypted texts of `env`, by the key of the repository that has them."""
    texts = (text for entry in _entries(ci) for text in entry.secure)
    return tuple((f"secure_{number}", Sealed(text, repository=repository)) for number, text in enumerate(texts))


def boot_variables(ci: CiInputs) -> Mapping[str, str]:
    """What `pre_ci_boot` asks for, under the names that tasks of runSh have it (texts may hold `$NAME`)."""
    boot = ci.cell.build.boot
    image = boot.image if boot else None
    return {
        "TASK_IN_CONTAINER": "false",
        "TASK_CONTAINER_OPTIONS": image.options if image else "",
        "TASK_CONTAINER_IMAGE": f"{image.name}:{image.tag or 'latest'}" if image and image.name else "",
        "TASK_CONTAINER_IMAGE_SHOULD_PULL": text_of(bool(image and image.name and image.pull)),
    }


def _entries(ci: CiInputs) -> Iterator[Entry]:
    """What a cell sets, weakest first: `env.global`, its own entries, those of the container."""
    yield from ci.configuration.globals
    yield from ci.cell.env
    if ci.cell.build.boot:
        yield from ci.cell.build.boot.env
