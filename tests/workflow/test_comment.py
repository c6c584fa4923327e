"""Comments: which lines are commands, and what they say (product.md section 3; spec/forges.md traps 5 to 9)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.commands import Command
from app.registry import load
from app.workflow.comment import MOST, Call, Mistake, Syntax, alike, fold, named, read

VERBS = {name: Syntax.of(plugin.usage) for name, plugin in load("app.commands").items() if hasattr(plugin, "usage")}
ALL = frozenset(VERBS)


def said(text: str, bare: frozenset[str] = ALL) -> list[tuple[str, ...]]:
    """Each command as (verb, job), each mistake as its sentence's first word in full: short enough for tables."""
    return [(each.verb, each.job) if isinstance(each, Call) else ("mistake", each.sentence) for each in read(text, "gateline", bare, VERBS)]


def only(text: str) -> Call:
    (call,) = read(text, "gateline", ALL, VERBS)
    assert isinstance(call, Call), call
    return call


def mistake(text: str) -> Mistake:
    (wrong,) = read(text, "gateline", ALL, VERBS)
    assert isinstance(wrong, Mistake), wrong
    return wrong


@pytest.mark.parametrize(
    "text",
    [
        "/gateline approve deploy",
        "@gateline approve deploy",
        "@gateline[bot] approve deploy",
        "/approve deploy",
        "  /approve deploy",
        "   /Gateline   APPROVE\tdeploy  ",
        "looks good\n/approve deploy",
        "looks good\r\n\r\n/approve deploy\r\n",
        "/approve deploy\rthanks",
        '/approve "deploy"',
        "/approve 'deploy'",
        "/approve “deploy”",
        "/approve „deploy“",
        "/approve\u00a0deploy",
        "\u200b/approve dep\u200bloy\ufeff",
        "／ａｐｐｒｏｖｅ ｄｅｐｌｏｙ",
        "- an item\n/approve deploy",
        "/approve deploy\n-- \nBob\nsent from my phone",
        "On Mon, 3 May 2027, Ann wrote:\n> please approve\n\n/approve deploy",
        "<b>well</b> done\n/approve deploy",
        "a <name> is missing\n\n/approve deploy",
        "> what of the gate?\n\n/approve deploy",
        "```\nlog\n```\n/approve deploy",
        "/approve deploy\n===",
    ],
)
def test_a_line_that_says_a_command_is_one_whatever_its_dress(text: str) -> None:
    assert said(text) == [("approve", "deploy")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please /approve deploy",
        "/approved deploy",
        "/approve-gate deploy",
        "/approve/deploy",
        "/lgtm",
        "/hold until tomorrow",
        "//approve deploy",
        "# /approve deploy",
        "- /approve deploy",
        "1. /approve deploy",
        "gateline approve deploy",
        "@gatelines approve deploy",
        "/gateline-two approve deploy",
        "> /approve deploy",
        "> quoted\n/approve deploy",
        "> > /approve deploy",
        "> - item\n>   /approve deploy",
        "```\n/approve deploy\n```",
        "~~~sh\n/approve deploy",
        "````\n```\n/approve deploy\n````",
        "    /approve deploy",
        "\t/approve deploy",
        "`/approve deploy`",
        "see `a\n/approve deploy\n`",
        "see ``a`\n/approve deploy\n``",
        "<!-- /approve deploy -->",
        "<!--\n\n/approve deploy\n\n-->",
        "x <!-- y\n/approve deploy -->",
        "<details>\n\n/approve deploy\n\n</details>",
        "<details><summary>x</summary>\n\n/approve deploy",
        "<DETAILS open>\n\n<details>\n\n</details>\n\n/approve deploy\n</details>",
        "<blockquote>\n\n/approve deploy\n\n</blockquote>",
        "<pre>\n/approve deploy\n</pre>",
        "x <del>\n/approve deploy\n</del>",
        '[a](b "\n/approve deploy\n")',
        "![a\n/approve deploy\n](b)",
        "[a](<b`c>) `\n/approve deploy\n`",
        "<https://x/`> `\n/approve deploy\n`",
        "[x]: y '\n/approve deploy'",
        "-- \n/approve deploy",
        "bye\n--\nAnn\n\n/approve deploy",
        "On Mon, 3 May 2027, Ann wrote:\n\n/approve deploy",
        "On Mon, 3 May 2027,\nAnn <ann@example.org> wrote:\n\n/approve deploy",
        "Am 3. Mai 2027 schrieb Ann:\n\n/approve deploy",
        "-----Original Message-----\n/approve deploy",
        "``x ｀｀\n/approve deploy\n``",
    ],
)
def test_what_is_quoted_coded_hidden_or_somebody_elses_says_nothing(text: str) -> None:
    assert said(text) == []


def test_several_lines_are_several_commands_in_order() -> None:
    text = "/gateline pause nightly\nand then\n@gateline trigger smoke\n\n/nonsense\n/cancel"
    calls = read(text, "gateline", ALL, VERBS)
    assert [(call.index, call.line) for call in calls] == [
        (0, "/gateline pause nightly"),
        (1, "@gateline trigger smoke"),
        (2, "/cancel"),
    ]


def test_a_bare_verb_counts_only_where_it_is_allowed_and_a_prefixed_one_everywhere() -> None:
    assert said("/approve deploy\n/retry", frozenset({"retry"})) == [("retry", "")]
    assert said("/gateline approve deploy", frozenset()) == [("approve", "deploy")]


def test_the_bots_name_is_the_settings() -> None:
    assert [each.line for each in read("/gateline help\n/acme-bot help", "acme-bot", ALL, VERBS)] == ["/acme-bot help"]


@pytest.mark.parametrize(
    ("text", "word", "suggestion"),
    [
        ("/gateline aprove deploy", "`approve`", "/gateline approve JOB [DIGEST] [-- REASON]"),
        ("@gateline retrry", "`retry`", "/gateline retry [JOB]"),
        ("/gateline frobnicate", "`frobnicate`", "/gateline help"),
        ("@gateline", "my name", "/gateline help"),
        ("/approve", "needs JOB", "/gateline approve JOB [DIGEST] [-- REASON]"),
        ("/gateline pin deploy image", "needs VERSION", "/gateline pin JOB RESOURCE VERSION"),
        ("/gateline approve deploy prod now", "`now`", "/gateline approve JOB [DIGEST] [-- REASON]"),
        ("/gateline status now", "`now`", "/gateline status"),
        ('/approve "deploy', "quotation mark", "/gateline approve JOB [DIGEST] [-- REASON]"),
        ("/approve `deploy`", "inline code", "/gateline approve JOB [DIGEST] [-- REASON]"),
        ("/approve deploy <!-- x -->", "HTML", "/gateline approve JOB [DIGEST] [-- REASON]"),
        ("/trigger smoke A-B=1", "`A-B=1`", "/gateline trigger JOB [KEY=VALUE ...]"),
    ],
)
def test_a_command_that_cannot_be_read_is_a_mistake_that_says_why_and_what_to_type(text: str, word: str, suggestion: str) -> None:
    wrong = mistake(text)
    assert word in wrong.sentence
    assert wrong.type == suggestion


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("/trigger smoke REGION=eu", (("REGION", "eu"),)),
        ("/trigger smoke A=1 B=2", (("A", "1"), ("B", "2"))),
        ('/trigger smoke NOTE="two words" B=x', (("NOTE", "two words"), ("B", "x"))),
        ("/trigger smoke NOTE='say \"hi\"'", (("NOTE", 'say "hi"'),)),
        ("/trigger smoke NOTE=“smart – words”", (("NOTE", "smart – words"),)),
        ("/trigger smoke A=b=c D=", (("A", "b=c"), ("D", ""))),
        ("/trigger smoke A=don't", (("A", "don't"),)),
        ("/trigger smoke A=*b* C=_d_ E=\\x", (("A", "*b*"), ("C", "_d_"), ("E", "\\x"))),
        ("/trigger smoke A=&amp; B=$(x)", (("A", "&amp;"), ("B", "$(x)"))),
        ("/trigger A=1 smoke", (("A", "1"),)),
    ],
)
def test_values_are_taken_as_they_are_typed(text: str, values: tuple[tuple[str, str], ...]) -> None:
    call = only(text)
    assert (call.job, call.values) == ("smoke", values)


@pytest.mark.parametrize(
    ("text", "digest", "reason"),
    [
        ("/approve deploy 3f9a1c2b", "3f9a1c2b", ""),
        ("/approve deploy 3f9a1c2b -- checked it's fine", "3f9a1c2b", "checked it's fine"),
        ("/approve deploy -- ok -- really", "", "ok -- really"),
        ("/approve deploy — autocorrected", "", "autocorrected"),
        ("/approve deploy – en dash", "", "en dash"),
        ("/approve deploy --", "", ""),
        ('/approve deploy -- an "unclosed quote', "", 'an "unclosed quote'),
    ],
)
def test_a_digest_and_a_reason_may_follow(text: str, digest: str, reason: str) -> None:
    call = only(text)
    assert (call.job, call.digest, call.reason) == ("deploy", digest, reason)


def test_a_comment_of_very_many_commands_is_read_so_far_and_told() -> None:
    found = read("/retry\n" * (MOST + 5), "gateline", ALL, VERBS)
    assert [type(each) for each in found] == [Call] * MOST + [Mistake]


def test_what_help_shows_is_what_is_read() -> None:
    assert VERBS["approve"] == Syntax("approve JOB [DIGEST] [-- REASON]", ("job",), ("digest",))
    assert VERBS["trigger"] == Syntax("trigger JOB [KEY=VALUE ...]", ("job",), (), values=True)
    assert VERBS["pin"].required == ("job", "resource", "version")


def test_every_example_of_every_command_can_be_read() -> None:
    for verb, plugin in load("app.commands").items():
        command: Command = plugin  # type: ignore[assignment]
        for example in command.examples:
            (call,) = read(f"/gateline {example}", "gateline", frozenset(), VERBS)
            assert isinstance(call, Call), (example, call)
            assert call.verb == verb


def test_names_match_whatever_their_case_and_dashes_and_exact_spelling_wins() -> None:
    assert named("DEPLOY–prod", ["deploy-prod", "deploy"]) == ("deploy-prod",)
    assert named("Deploy", ["deploy", "Deploy"]) == ("Deploy",)
    assert named("DEPLOY", ["deploy", "Deploy"]) == ("deploy", "Deploy")
    assert named("x", ["deploy"]) == ()
    assert list(alike("deploy-prd", ["deploy-prod", "build"])) == ["deploy-prod"]
    assert fold("Ｄeploy\u200b—Prod") == "deploy-prod"


# -- properties ------------------------------------------------------------------------------------------------------------

unhurried = settings(deadline=None)
"""A busy machine is no failure."""

_MARKS = ["`", "```", "~~~", ">", "> ", "-- ", "<details>", "</details>", "<!--", "-->", "- ", "\\", "[a](", ")", "<", "<![CDATA["]
_BLANKS = ["\n", "\n\n", "\r\n", " ", "    ", "\0", "\u2028"]
_WORDS = ["/approve deploy", "/gateline retry", "@gateline", '"', "'", "=", "A=", "é", "￼", "On x wrote:"]
_PIECES = st.sampled_from(_MARKS + _BLANKS + _WORDS)


@unhurried
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=30).map("".join)))
def test_reading_never_raises_and_every_line_read_was_typed(text: str) -> None:
    for each in read(text, "gateline", ALL, VERBS):
        assert each.line
        assert "\n" not in each.line


@unhurried
@given(st.lists(_PIECES, max_size=12).map("".join), st.sampled_from(["```", "~~~", "`````"]))
def test_what_stands_in_a_fence_is_never_read(inside: str, fence: str) -> None:
    safe = inside.replace("`", "").replace("~", "")
    assert read(f"hello\n{fence}\n{safe}\n{fence}\n", "gateline", ALL, VERBS) == ()


@unhurried
@given(st.lists(_PIECES, max_size=12).map("".join))
def test_what_is_quoted_is_never_read(inside: str) -> None:
    lines = inside.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert read("\n".join(f"> {line}" for line in lines), "gateline", ALL, VERBS) == ()


@unhurried
@given(st.lists(_PIECES, max_size=12).map("".join))
def test_what_is_indented_as_code_is_never_read(inside: str) -> None:
    lines = inside.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert read("\n".join(f"     {line}" for line in lines), "gateline", ALL, VERBS) == ()
