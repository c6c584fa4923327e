"""What each language brings: its axes, the variables that tell a cell its versions, its default commands (sections 1.2 and 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`axes`: the version key first. `commands` stand in for an absent `build.ci`."""

    axes: tuple[str, ...]
    commands: tuple[str, ...]


_YARN = "if [ -f yarn.lock ] && command -v yarn >/dev/null; then yarn install; else npm install; fi"
_PIP = "if [ -f requirements.txt ]; then pip install -r requirements.txt; fi"
_JAVA = (
    "if [ -f pom.xml ]; then mvn install -DskipTests=true && mvn test; "
    "elif [ -f build.gradle ]; then gradle assemble && gradle check; "
    "else ant test; fi"
)

LANGUAGES: Mapping[str, Language] = {
    "c": Language(("compiler",), ("./configure && make && make test",)),
    "clojure": Language(("lein", "jdk"), ("lein test",)),
    "go": Language(("go",), ("go get ./...", "go build ./...", "go test ./...")),
    "java": Language(("jdk",), (_JAVA,)),
    "node_js": Language(("node_js",), (_YARN, "npm test")),
    "php": Language(("php",), ("phpunit",)),
    "python": Language(("python",), (_PIP,)),
    "ruby": Language(("rvm", "jdk", "gemfile"), ('bundle install --gemfile="$SHIPPABLE_GEMFILE" $SHIPPABLE_BUNDLER_ARGS',)),
    "scala": Language(("scala", "jdk"), ('sbt "++$SHIPPABLE_SCALA_VERSION" test',)),
    "none": Language((), ()),
}

AXES = ("node_js", "python", "rvm", "go", "php", "scala", "lein", "compiler", "jdk", "gemfile")
"""All keys that may be axes."""

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "node_js": ("SHIPPABLE_NODE_VERSION", "TRAVIS_NODE_VERSION"),
    "python": ("SHIPPABLE_PYTHON_VERSION", "TRAVIS_PYTHON_VERSION"),
    "rvm": ("SHIPPABLE_RUBY", "TRAVIS_RUBY_VERSION"),
    "go": ("SHIPPABLE_GO_VERSION",),
    "php": ("SHIPPABLE_PHP_VERSION", "TRAVIS_PHP_VERSION"),
    "scala": ("SHIPPABLE_SCALA_VERSION", "TRAVIS_SCALA_VERSION"),
    "lein": ("SHIPPABLE_LEIN_VERSION",),
    "compiler": ("CC",),
    "jdk": ("SHIPPABLE_JDK_VERSION",),
    "gemfile": ("SHIPPABLE_GEMFILE",),
}
"""Axis -> the variables that hold a cell's value of it."""
