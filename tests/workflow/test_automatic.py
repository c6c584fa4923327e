"""Resources that nobody declares: spec/workflow-language.md sections 1.2, 1.3, 2.2 and 10 #31."""

from __future__ import annotations

from app.wire import kinds
from app.workflow.automatic import offered
from app.workflow.definition import Fragment, Input, Job, Output, Pin, Resource
from app.workflow.link import Linked, link

APP, WEB, OTHER = "github:acme/app@main", "github:acme/web@next", "github:acme/app@dev"
KINDS = kinds()


def a_job(*steps: Input | Output, source: str = WEB, name: str = "j") -> Job:
    return Job(name, "runSh", source, steps)


def linked(*definitions: Job | Resource, sources: tuple[str, ...] = (APP, WEB)) -> Linked:
    fragments = {
        source: Fragment(
            source,
            "c0ffee",
            tuple(each for each in definitions if isinstance(each, Job) and each.source == source),
            tuple(each for each in definitions if isinstance(each, Resource) and each.source == source),
        )
        for source in sources
    }
    return link(fragments, kinds=KINDS)


def sentences(result: Linked) -> list[str]:
    return [problem.sentence for problem in result.problems]


def test_a_ci_repo_that_a_step_names_is_there_with_the_defaults_of_ci_and_belongs_to_its_source() -> None:
    result = linked(a_job(Input("app_ciRepo")))
    assert result.problems == ()
    (repo,) = result.workflow.resources.values()
    assert (repo.name, repo.type, repo.source) == ("app_ciRepo", "ciRepo", APP)
    assert repo.content == {"sourceName": "acme/app", "buildOnCommit": True, "buildOnPullRequest": True}


def test_what_no_step_names_is_not_there() -> None:
    assert linked(a_job(Input("app_main"))).workflow.resources.keys() == {"app_main"}


def test_a_sync_repo_watches_the_branch_that_its_source_was_added_with() -> None:
    (repo,) = linked(a_job(Input("web_next"))).workflow.resources.values()
    assert (repo.type, repo.content) == ("syncRepo", {"sourceName": "acme/web", "branch": "next"})


def test_of_two_sources_that_offer_one_name_the_earlier_has_it() -> None:
    result = linked(a_job(Input("app_ciRepo"), source=OTHER), sources=(OTHER, APP))
    assert result.workflow.resources["app_ciRepo"].source == OTHER


def test_who_declares_a_name_has_it() -> None:
    mine = Resource("app_ciRepo", "params", WEB, content={"params": {"A": "1"}})
    assert linked(mine, a_job(Input("app_ciRepo"))).workflow.resources == {"app_ciRepo": mine}


def test_a_ci_repo_of_no_source_is_missing_with_what_to_do() -> None:
    (sentence,) = sentences(linked(a_job(Input("lib_ciRepo"))))
    assert sentence == "IN `lib_ciRepo` is there once a repository `lib` is a source: `gateline source add`"


def test_a_declared_sync_repo_adds_its_flags_to_what_is_there_by_itself() -> None:
    result = linked(Resource("web_next", "syncRepo", WEB, flags=("team-a",)))
    repo = result.workflow.resources["web_next"]
    assert (repo.flags, repo.content) == (("team-a",), {"sourceName": "acme/web", "branch": "next"})


def test_a_ci_repo_cannot_be_pinned() -> None:
    (sentence,) = sentences(linked(a_job(Input("app_ciRepo", pin=Pin(number=1)), source=APP)))
    assert sentence.startswith("`app_ciRepo` is a ciRepo, whose versions cannot be pinned")


def test_a_ci_repo_is_an_out_only_where_it_copies_a_commit() -> None:
    repo = Resource("src", "gitRepo", APP, content={"sourceName": "acme/other"})
    (sentence,) = sentences(linked(repo, a_job(Input("src"), Output("app_ciRepo"), source=APP)))
    assert sentence == "OUT `app_ciRepo` is a ciRepo, which no job can write"
    assert sentences(linked(repo, a_job(Input("src"), Output("app_ciRepo", replicate="src"), source=APP))) == []


def test_an_in_git_repo_of_the_same_repository_is_copied_without_asking() -> None:
    repo = Resource("src", "gitRepo", APP, content={"sourceName": "Acme/App"})
    result = linked(repo, a_job(Input("src"), Output("app_ciRepo"), source=APP))
    assert (sentences(result), result.workflow.jobs["j"].outputs[0].replicate) == ([], "src")


def test_a_trigger_is_no_out_even_where_it_copies() -> None:
    clock, other = (Resource(name, "trigger", APP, content={"counter": 1}) for name in ("one", "two"))
    (sentence,) = sentences(linked(clock, other, a_job(Input("one"), Output("two", replicate="one"), source=APP)))
    assert sentence == "OUT `two` is a trigger, which no job can write"


def test_what_a_source_has_is_called_after_its_repository_wherever_that_lies() -> None:
    assert list(offered("gitlab:group/sub/app@release-1")) == ["app_ciRepo", "app_release-1"]
    assert list(offered("file:../app")) == ["app_ciRepo"]
