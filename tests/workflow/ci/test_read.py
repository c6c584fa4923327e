"""The CI keys of a `shippable.yml`: spec/ci-integrations-deploy.md sections 1.2, 1.4 and 1.9."""

from __future__ import annotations

import pytest

from app.workflow.ci.configuration import Branches, Configuration, Entry, Policy
from app.workflow.ci.language import LANGUAGES
from app.workflow.ci.read import read_ci
from app.workflow.definition import Severity


def of(text: str) -> Configuration:
    found = read_ci("shippable.yml", text.encode())
    assert found.configuration, found.problems
    return found.configuration


def warnings(text: str) -> list[str]:
    found = read_ci("shippable.yml", text.encode())
    assert all(problem.severity is Severity.WARNING for problem in found.problems)
    assert found.configuration is not None
    return [str(problem) for problem in found.problems]


def errors(text: str) -> list[str]:
    found = read_ci("shippable.yml", text.encode())
    assert found.configuration is None
    return [str(problem) for problem in found.problems if problem.severity is Severity.ERROR]


def test_a_file_without_language_and_build_asks_for_no_ci() -> None:
    found = read_ci("shippable.yml", b"resources: []\njobs: []\n")
    assert (found.configuration, found.problems) == (None, ())


def test_surprise_10_the_text_of_a_version_is_kept() -> None:
    assert of("language: node_js\nnode_js: 0.10\n").versions == {"node_js": ("0.10",)}


def test_surprise_37_scalars_stand_where_lists_are_usual() -> None:
    found = of("language: c\ncompiler: gcc\nservices: redis\nbranches: {only: main}\nbuild: {ci: make, cache_dir_list: /tmp/x}\n")
    assert found.versions == {"compiler": ("gcc",)}
    assert found.services == ("redis",)
    assert found.branches == Branches(("main",))
    assert (found.build.ci, found.build.cache_folders) == (("make",), ("/tmp/x",))


def test_surprise_37_empty_keys_say_nothing() -> None:
    found = of("language: python\nservices:\nenv:\nmatrix:\nbuild:\n  ci:\n")
    assert (found.services, found.entries, found.build.ci) == ((), (), None)


def test_surprise_1_on_and_off_are_truth_values_of_the_cache() -> None:
    assert of("language: none\nbuild: {cache: on}\n").build.cache


def test_surprise_35_the_boot_image_keeps_its_variables_and_may_have_options_only() -> None:
    boot = of("language: none\nbuild: {pre_ci_boot: {image_name: $IMG, image_tag: $TAG, pull: false, options: '-e A=1'}}\n").build.boot
    assert boot
    assert (boot.image.name, boot.image.tag, boot.image.pull, boot.image.options) == ("$IMG", "$TAG", False, "-e A=1")
    only = of('language: none\nbuild: {pre_ci_boot: {options: "--privileged=false"}}\n').build.boot
    assert only
    assert (only.image.name, only.image.options) == ("", "--privileged=false")


def test_lists_of_templates_are_flattened_to_any_depth() -> None:
    text = "a: &a [x, [y]]\nb: &b\n  - *a\n  - z\nlanguage: none\nbuild: {ci: [first, *b]}\n"
    assert of(text).build.ci == ("first", "x", "y", "z")
    assert warnings(text) == []


def test_anchors_of_the_templates_file_may_be_used() -> None:
    found = read_ci("shippable.yml", b"language: none\nbuild: {ci: [*t]}\n", {"shippable.templates.yml": b"t: &t [make]\n"})
    assert found.configuration
    assert found.configuration.build.ci == ("make",)


def test_each_item_of_a_plain_env_is_an_entry_of_its_own() -> None:
    assert of("language: none\nenv: [A=1 B=2, {A: 3}]\n").entries == (Entry("A=1 B=2"), Entry("A=3"))


def test_global_env_is_kept_apart_from_the_axis() -> None:
    found = of("language: none\nenv: {global: [G=1, {H: 2}], matrix: [M=1]}\n")
    assert (found.globals, found.entries) == ((Entry("G=1"), Entry("H=2")), (Entry("M=1"),))


def test_ciphertexts_stand_in_either_and_blanks_in_them_do_not_count() -> None:
    found = of("language: none\nenv:\n  global:\n    - secure: |\n        ab\n        cd\n  matrix: [{secure: xy}]\n")
    assert (found.globals, found.entries) == ((Entry("", ("abcd",)),), (Entry("", ("xy",)),))


@pytest.mark.parametrize(
    "text",
    ['A="x y" B=$C', "A='x y'", "BRANCH_NAME=\"$(sed 's/a/b/g' <<< $BRANCH).$N\"", "A=`date +%s`", "A=", "A=$(echo a b)", r"A=x\ y"],
)
def test_the_text_of_an_entry_is_kept_as_shell(text: str) -> None:
    assert of("language: none\nenv:\n  - >-\n    " + text + "\n").entries == (Entry(text),)


def test_a_value_of_a_map_stands_for_itself_but_for_variables() -> None:
    assert of("language: none\nenv: {global: [{URL: 's3://a b/', D: $HOME/x}]}\n").globals == (Entry('URL="s3://a b/" D=$HOME/x'),)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("A=it's", 'shippable.yml:2:7: error: a quote in `A=it\'s` is never closed: write NAME=value, or NAME="a value with blanks"'),
        ("A=b c", "shippable.yml:2:7: error: `c` in `env` is no assignment: write NAME=value, and quotes around blanks"),
        ("1A=b", "shippable.yml:2:7: error: `1A=b` in `env` is no assignment: write NAME=value, and quotes around blanks"),
    ],
)
def test_an_entry_that_no_shell_could_export_is_an_error(entry: str, sentence: str) -> None:
    assert errors(f"language: none\nenv: [{entry}]\n") == [sentence]


def test_a_hostile_entry_is_read_in_no_time() -> None:
    assert errors('language: none\nenv:\n  - >-\n    A="' + "$(" * 20_000 + "\n")


def test_a_missing_language_is_none_and_a_warning() -> None:
    assert of("build: {ci: [make]}\n").language == "none"
    assert "`language` is not given: it counts as `none`" in warnings("build: {ci: [make]}\n")[0]


def test_a_misspelt_language_is_none_and_a_warning_with_the_nearest() -> None:
    assert of("language: pyton\n").language == "none"
    assert warnings("language: pyton\n")[0].endswith("(did you mean python?)")


def test_a_version_key_of_another_language_makes_no_cells_and_is_a_warning() -> None:
    found = of("language: python\nnode_js: [8, 10]\n")
    assert found.versions == {}
    assert "`node_js` makes no cells when `language` is python" in warnings("language: python\nnode_js: [8, 10]\n")[0]


def test_surprise_25_a_misspelt_key_is_a_warning_with_the_nearest() -> None:
    text = "language: none\nbuild: {post-ci: [x], advancedReportinsg: true}\nservces: [redis]\n"
    assert warnings(text) == [
        "shippable.yml:2:9: warning: `post-ci` is not a key of `build`; it is ignored (did you mean post_ci?)",
        "shippable.yml:2:23: warning: `advancedReportinsg` is not a key of `build`; it is ignored (did you mean advancedReporting?)",
        "shippable.yml:3:1: warning: `servces` is not a key of a CI file; it is ignored (did you mean services?)",
    ]


@pytest.mark.parametrize("key", ["archive", "isolation", "sudo"])
def test_an_unknown_key_warns_and_never_fails(key: str) -> None:
    assert warnings(f"language: none\n{key}: true\n") == [f"shippable.yml:2:1: warning: `{key}` is not a key of a CI file; it is ignored"]


def test_a_key_of_travis_is_a_warning_that_names_its_place_here() -> None:
    assert warnings("language: none\nscript: make\n") == [
        "shippable.yml:2:1: warning: `script` is a key of Travis CI, which is not read here; its place is `build.ci`"
    ]


def test_a_script_line_that_yaml_reads_as_a_map_is_an_error_with_the_place() -> None:
    (error,) = errors("language: none\nbuild:\n  ci:\n    - echo a: b\n")
    assert error.startswith("shippable.yml:4:7: error: a script line must be text, not a map")


def test_branches_are_globs_except_takes_away() -> None:
    branches = of("language: none\nbranches: {only: [main, feature/*, v*], except: [feature/x]}\n").branches
    assert [name for name in ("main", "feature/a/b", "feature/x", "v1.0", "dev") if branches.admit(name)] == ["main", "feature/a/b", "v1.0"]


def test_every_language_of_the_contract_is_known() -> None:
    assert sorted(LANGUAGES) == ["c", "clojure", "go", "java", "node_js", "none", "php", "python", "ruby", "scala"]


def test_notifications_have_the_defaults_of_section_1_9() -> None:
    (found,) = of("language: none\nintegrations: {notifications: [{type: email}]}\n").notifications
    assert found.integration == "email"
    assert (found.on_success, found.on_failure, found.on_cancel, found.on_start, found.on_pull_request) == (
        *(Policy.CHANGE, Policy.ALWAYS, Policy.ALWAYS),
        *(Policy.NEVER, Policy.ALWAYS),
    )


def test_a_cancelled_run_is_told_as_a_failed_one_unless_said_otherwise() -> None:
    (found,) = of("language: none\nintegrations: {notifications: [{type: irc, on_failure: never}]}\n").notifications
    assert found.on_cancel is Policy.NEVER


def test_a_policy_that_is_none_warns_and_the_default_holds() -> None:
    text = "language: none\nintegrations: {notifications: [{type: irc, on_success: chnge, on_start: change}]}\n"
    first, second = warnings(text)
    assert first.endswith(
        "`on_success` of a notification is one of always, change, never, not `chnge`: change holds (did you mean change?)"
    )
    assert "`on_start` of a notification is one of always, never, not `change`: never holds" in second


def test_hubs_keys_and_generic_integrations_are_read() -> None:
    found = of(
        "language: none\nintegrations:\n  hub: [{integrationName: h, type: ecr, agent_only: true, branches: {only: [main]}}]\n"
        "  key: [{integrationName: k, type: sshKey}]\n  keys: [{integrationName: l, type: pemKey}]\n  generic: {integrationName: g}\n"
    )
    (hub,) = found.hubs
    assert (hub.integration, hub.type, hub.agent_only, hub.branches.only) == ("h", "ecr", True, ("main",))
    assert (found.keys, found.generic) == (("k", "l"), ("g",))


def test_clone_settings_are_read() -> None:
    found = of("language: none\ndepth: 5\ngit: {submodules: false}\ngitConfig: [core.longpaths true]\n")
    assert (found.depth, found.submodules, found.git_config) == (5, False, ("core.longpaths true",))
