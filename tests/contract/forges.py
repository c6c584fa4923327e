"""The contract of `app/forges/__init__.py` as tests: subclass `ForgeContract` and offer a fixture `world` (a `ForgeWorld`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

import pytest

from app.errors import NotFound, Permanent
from app.forges import Comment, CommitState, Conversation, Forge, Level
from app.workflow.events import Repository
from app.workflow.line import Actor

UNKNOWN_SHA = "0123456789abcdef0123456789abcdef01234567"
FULL_SHA = re.compile(r"[0-9a-f]{40}")


class ForgeWorld(Protocol):
    """What happens on a forge behind Gateline's back. Each test gets a world of its own."""

    @property
    def forge(self) -> Forge: ...

    def repository(self, name: str = "app") -> Repository:
        """A new, empty repository `acme/<name>` with default branch `main`, as the forge's API would tell it."""
        ...

    def person(self, login: str) -> Actor:
        """Somebody with this login; the same one when asked again."""
        ...

    def grant(self, repository: str, login: str, level: Level) -> None:
        """Gives a person this level there (a forge may know it only for all its repositories). READ, WRITE or ADMIN."""
        ...

    def commit(self, repository: str, branch: str, files: Mapping[str, bytes], message: str = "A commit") -> str:
        """A commit of `files` over what the branch has, made without a hook; a new branch starts at main's tip. The SHA."""
        ...

    def symlink(self, repository: str, branch: str, path: str, target: str) -> str:
        """A commit that adds a symbolic link."""
        ...

    def tag(self, repository: str, name: str, sha: str) -> None:
        """An annotated tag."""
        ...

    def pull_request(self, repository: str, head: str, author: str, title: str) -> int:
        """Opens a request of branch `head` against main."""
        ...

    def merge(self, repository: str, number: int) -> str:
        """Merges a request; the merge commit's SHA."""
        ...

    def comment(self, conversation: Conversation, author: str, body: str) -> Comment:
        """A person comments there."""
        ...

    def statuses(self, repository: str, sha: str) -> Mapping[str, tuple[str, str, str]]:
        """Context -> (state as the forge shows it, description, url) of a commit."""
        ...

    def reactions(self, comment: Comment) -> frozenset[str]:
        """What somebody reacted with: eyes, rocket, -1."""
        ...


class ForgeContract:
    """One suite over every forge."""

    # -- repositories ------------------------------------------------------------------------------------------------------

    def test_a_repository_is_found_by_name_and_by_id(self, world: ForgeWorld) -> None:
        made = world.repository()
        assert made.id.startswith(f"{world.forge.name}:")
        assert world.forge.repository("acme/app") == made
        assert world.forge.repository(made.id) == made
        assert made.full_name == "acme/app"
        assert made.default_branch == "main"

    @pytest.mark.parametrize("name", ["acme/nowhere", "nobody/app", "{forge}:999999999"])
    def test_a_repository_that_does_not_exist_is_not_found(self, world: ForgeWorld, name: str) -> None:
        with pytest.raises(NotFound):
            world.forge.repository(name.format(forge=world.forge.name))

    def test_an_empty_repository_has_no_tip_and_no_tips(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        assert world.forge.tip(repository, "main") is None
        assert dict(world.forge.tips(repository)) == {}

    def test_a_tip_is_the_newest_commit_of_its_branch(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        world.commit(repository, "main", {"a": b"1"})
        newest = world.commit(repository, "main", {"a": b"2"}, message="Second\n\nWhy.")
        tip = world.forge.tip(repository, "main")
        assert tip is not None
        assert (tip.sha, tip.message.rstrip("\n")) == (newest, "Second\n\nWhy.")
        assert world.forge.tip(repository, "nowhere") is None

    @pytest.mark.parametrize("branch", ["feature/deep/er", "odd#name", "per%20cent", "semi;colon", "$(id)", "it's", "a&b"])
    def test_trap_20_branches_of_any_spelling_are_found(self, world: ForgeWorld, branch: str) -> None:
        repository = world.repository().id
        world.commit(repository, "main", {"a": b"1"})
        sha = world.commit(repository, branch, {"b": b"1"})
        tip = world.forge.tip(repository, branch)
        assert tip is not None
        assert tip.sha == sha
        assert world.forge.tips(repository)[f"refs/heads/{branch}"] == sha

    def test_trap_21_and_24_tips_are_by_full_ref_and_tags_are_peeled(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        first = world.commit(repository, "main", {"a": b"1"})
        world.tag(repository, "release", first)
        second = world.commit(repository, "release", {"a": b"2"})
        assert dict(world.forge.tips(repository)) == {
            "refs/heads/main": first,
            "refs/heads/release": second,
            "refs/tags/release": first,
        }
        tip = world.forge.tip(repository, "release")
        assert tip is not None
        assert tip.sha == second

    # -- files at a commit -------------------------------------------------------------------------------------------------

    def test_files_are_read_at_a_commit_not_at_a_branch(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        old = world.commit(repository, "main", {"gateline.yml": b"old\n", ".gateline/a.yml": b"a"})
        new = world.commit(repository, "main", {"gateline.yml": b"new\n"})
        assert world.forge.read(repository, old, "gateline.yml", 100) == b"old\n"
        assert world.forge.read(repository, new, "gateline.yml", 100) == b"new\n"
        assert world.forge.read(repository, new, ".gateline/a.yml", 100) == b"a"
        assert world.forge.read(repository, new, "missing.yml", 100) is None
        assert world.forge.read(repository, new, ".gateline/missing.yml", 100) is None

    def test_a_tree_names_every_file_with_its_blob(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        old = world.forge.tree(repository, world.commit(repository, "main", {"a/b.yml": b"1", "c": b"2"}))
        new = world.forge.tree(repository, world.commit(repository, "main", {"c": b"3"}))
        assert set(old.blobs) == set(new.blobs) == {"a/b.yml", "c"}
        assert old.complete
        assert old.blobs["a/b.yml"] == new.blobs["a/b.yml"]
        assert old.blobs["c"] != new.blobs["c"]

    def test_bytes_that_are_no_text_come_back_as_they_are(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        content = bytes(range(256))
        assert world.forge.read(repository, world.commit(repository, "main", {"x": content}), "x", 256) == content

    def test_trap_53_a_file_larger_than_asked_for_is_refused_with_its_name(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        sha = world.commit(repository, "main", {"gateline.yml": b"x" * 1001})
        assert world.forge.read(repository, sha, "gateline.yml", 1001) is not None
        with pytest.raises(Permanent, match=r"gateline\.yml.*1000"):
            world.forge.read(repository, sha, "gateline.yml", 1000)

    def test_trap_53_a_symbolic_link_is_no_file(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        world.commit(repository, "main", {"real.yml": b"1"})
        sha = world.symlink(repository, "main", "gateline.yml", "real.yml")
        with pytest.raises(Permanent, match=r"gateline\.yml"):
            world.forge.read(repository, sha, "gateline.yml", 100)
        assert "gateline.yml" not in world.forge.tree(repository, sha).blobs

    def test_a_folder_is_no_file(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        sha = world.commit(repository, "main", {".gateline/a.yml": b"a"})
        with pytest.raises(Permanent, match=r"\.gateline"):
            world.forge.read(repository, sha, ".gateline", 100)

    # -- history -----------------------------------------------------------------------------------------------------------

    def test_a_commit_is_found_by_its_full_sha(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        sha = world.commit(repository, "main", {"a": b"1"}, message="Say why")
        assert world.forge.commit(repository, sha).message.rstrip("\n") == "Say why"
        with pytest.raises(NotFound):
            world.forge.commit(repository, UNKNOWN_SHA)

    def test_ancestry(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        first = world.commit(repository, "main", {"a": b"1"})
        side = world.commit(repository, "side", {"b": b"1"})
        second = world.commit(repository, "main", {"a": b"2"})
        cases = {
            (first, second): True,
            (first, first): True,
            (second, first): False,
            (side, second): False,
            (UNKNOWN_SHA, second): False,
            (first, UNKNOWN_SHA): False,
        }
        assert {pair: world.forge.is_ancestor(repository, *pair) for pair in cases} == cases

    def test_where_two_branches_parted(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        first = world.commit(repository, "main", {"a": b"1"})
        side = world.commit(repository, "side", {"b": b"1"})
        second = world.commit(repository, "main", {"a": b"2"})
        cases = {(second, side): first, (side, second): first, (first, second): first, (second, second): second, (UNKNOWN_SHA, side): ""}
        assert {pair: world.forge.merge_base(repository, *pair) for pair in cases} == cases

    def test_which_files_a_history_changed(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        first = world.commit(repository, "main", {"a": b"1", "b/c d": b"1"})
        side = world.commit(repository, "side", {"e": b"1"})
        second = world.commit(repository, "main", {"b/c d": b"2", "b/\u00fc": b"1"})
        third = world.commit(repository, "main", {"f": b"1"})
        cases = {
            (first, second): {"b/c d", "b/\u00fc"},
            (first, third): {"b/c d", "b/\u00fc", "f"},
            (third, third): set(),
            (third, first): None,
            (side, third): None,
            (UNKNOWN_SHA, third): None,
            (first, UNKNOWN_SHA): None,
        }
        assert {pair: world.forge.changed(repository, *pair) for pair in cases} == cases

    def test_commits_between_are_told_oldest_first(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        made = [world.commit(repository, "main", {"a": str(n).encode()}, message=f"Number {n}") for n in range(4)]
        found = world.forge.commits_between(repository, made[0], made[3])
        assert [commit.sha for commit in found] == made[1:]
        assert [commit.message.rstrip("\n") for commit in found] == ["Number 1", "Number 2", "Number 3"]
        assert world.forge.commits_between(repository, made[3], made[3]) == ()

    # -- people ------------------------------------------------------------------------------------------------------------

    def test_a_person_is_found_by_login_and_known_by_id(self, world: ForgeWorld) -> None:
        alice = world.person("alice")
        assert alice.id.startswith(f"{world.forge.name}:")
        assert world.forge.person("alice") == alice
        assert world.forge.person("ALICE") == alice
        assert world.forge.person("nobody-at-all") is None

    @pytest.mark.parametrize("level", [Level.READ, Level.WRITE, Level.ADMIN])
    def test_rights_are_what_the_forge_says_now(self, world: ForgeWorld, level: Level) -> None:
        repository = world.repository().id
        alice = world.person("alice")
        world.grant(repository, "alice", level)
        assert world.forge.permission(repository, alice) == level
        world.grant(repository, "alice", Level.READ)
        assert world.forge.permission(repository, alice) == Level.READ

    def test_trap_44_rights_are_asked_by_id_not_by_login(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        alice = world.person("alice")
        world.grant(repository, "alice", Level.WRITE)
        assert world.forge.permission(repository, Actor(alice.id, "somebody-else")) == Level.WRITE
        assert world.forge.permission(repository, Actor(f"{world.forge.name}:999999999", "alice")) == Level.NONE
        assert world.forge.permission(repository, Actor("", "alice")) == Level.NONE

    def test_an_unknown_team_has_no_members(self, world: ForgeWorld) -> None:
        assert not world.forge.in_team("@acme/ops", world.person("alice"))
        assert not world.forge.in_team("no team at all", world.person("alice"))

    # -- what the forge shows ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("state", list(CommitState))
    def test_a_status_may_be_repeated_and_the_last_one_counts(self, world: ForgeWorld, state: CommitState) -> None:
        repository = world.repository().id
        sha = world.commit(repository, "main", {"a": b"1"})
        world.forge.set_status(repository, sha, "gateline/build", CommitState.PENDING, "queued", "https://gate.example/runs/1")
        for _ in range(2):
            world.forge.set_status(repository, sha, "gateline/build", state, "as it is", "https://gate.example/runs/1")
        shown = world.statuses(repository, sha)
        assert set(shown) == {"gateline/build"}
        assert shown["gateline/build"][1:] == ("as it is", "https://gate.example/runs/1")

    def test_a_status_for_a_commit_that_is_nowhere_is_told_as_such(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        sha = world.commit(repository, "main", {"a": b"1"})
        assert world.forge.set_status(repository, sha, "gateline/build", CommitState.SUCCESS, "fine", "")
        assert not world.forge.set_status(repository, "f" * 40, "gateline/build", CommitState.SUCCESS, "fine", "")

    def test_trap_11_a_long_description_is_cut_not_refused(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        sha = world.commit(repository, "main", {"a": b"1"})
        world.forge.set_status(repository, sha, "gateline/build", CommitState.FAILURE, "ä" * 10_000, "")
        description = world.statuses(repository, sha)["gateline/build"][1]
        assert description.startswith("ä" * 100)
        assert len(description) < 10_000

    def test_a_comment_is_created_found_by_its_marker_and_edited(self, world: ForgeWorld) -> None:
        for conversation in self._conversations(world):
            marker = "<!-- gateline:line pr/1 -->"
            made = world.forge.create_comment(conversation, f"{marker}\nfirst")
            assert made.conversation == conversation
            assert made.author == world.forge.me()
            assert world.forge.find_comment(conversation, marker) == made
            assert world.forge.find_comment(conversation, "<!-- another -->") is None
            assert world.forge.edit_comment(conversation, made.id, f"{marker}\nsecond") is True
            now = world.forge.comment(conversation, made.kind, made.id)
            assert now is not None
            assert now.body == f"{marker}\nsecond"

    def test_a_marker_in_somebody_elses_comment_is_not_ours(self, world: ForgeWorld) -> None:
        for conversation in self._conversations(world):
            world.comment(conversation, "mallory", "<!-- gateline:line -->\nmine")
            assert world.forge.find_comment(conversation, "<!-- gateline:line -->") is None

    def test_of_several_comments_with_the_marker_the_oldest_is_found(self, world: ForgeWorld) -> None:
        for conversation in self._conversations(world):
            first = world.forge.create_comment(conversation, "<!-- m -->")
            world.forge.create_comment(conversation, "<!-- m -->")
            found = world.forge.find_comment(conversation, "<!-- m -->")
            assert found is not None
            assert found.id == first.id

    def test_a_comment_that_is_gone_is_none_and_cannot_be_edited(self, world: ForgeWorld) -> None:
        for conversation in self._conversations(world):
            made = world.forge.create_comment(conversation, "here")
            gone = re.sub(r"\d+$", "987654321", made.id)
            assert world.forge.comment(conversation, made.kind, gone) is None
            assert world.forge.edit_comment(conversation, gone, "there") is False

    def test_trap_11_a_body_beyond_the_limit_is_cut_not_refused(self, world: ForgeWorld) -> None:
        for conversation in self._conversations(world):
            made = world.forge.create_comment(conversation, "<!-- m -->\n```\n" + "line of a log\n" * 10_000 + "```\n")
            assert made.body.startswith("<!-- m -->")
            assert len(made.body) < 140_000
            assert made.body.count("```") % 2 == 0, "the fence is closed again"

    @pytest.mark.parametrize("reaction", ["eyes", "rocket", "-1"])
    def test_a_reaction_may_be_repeated(self, world: ForgeWorld, reaction: str) -> None:
        for conversation in self._conversations(world):
            comment = world.comment(conversation, "alice", "/gateline status")
            for _ in range(2):
                world.forge.react(conversation, comment.kind, comment.id, reaction)
            assert world.reactions(comment) == {reaction}

    # -- pull requests -----------------------------------------------------------------------------------------------------

    def test_a_pull_request_is_told_as_it_is_now(self, world: ForgeWorld) -> None:
        repository, number, head = self._pull_request(world)
        request = world.forge.pull_request(repository, number)
        assert (request.number, request.title, request.head, request.head_ref) == (number, "Faster", head, "topic")
        assert (request.base_ref, request.head_repository, request.author) == ("main", repository, world.person("alice"))
        assert (request.open, request.draft, request.merged, request.merge_commit) == (True, False, False, "")
        newer = world.commit(repository, "topic", {"b": b"2"})
        assert world.forge.pull_request(repository, number).head == newer
        with pytest.raises(NotFound):
            world.forge.pull_request(repository, number + 100)

    def test_open_pull_requests_are_those_that_are_open(self, world: ForgeWorld) -> None:
        repository, number, _ = self._pull_request(world)
        assert [request.number for request in world.forge.open_pull_requests(repository)] == [number]
        world.merge(repository, number)
        assert world.forge.open_pull_requests(repository) == ()

    def test_pull_requests_of_a_commit_are_found_by_head_and_by_merge_commit(self, world: ForgeWorld) -> None:
        repository, number, head = self._pull_request(world)
        assert [request.number for request in world.forge.pull_requests_of(repository, head)] == [number]
        merged = world.merge(repository, number)
        assert [request.number for request in world.forge.pull_requests_of(repository, merged)] == [number]
        request = world.forge.pull_request(repository, number)
        assert (request.open, request.merged, request.merge_commit) == (False, True, merged)
        assert world.forge.pull_requests_of(repository, UNKNOWN_SHA) == ()

    def test_a_request_nobody_reviewed_has_no_reviews(self, world: ForgeWorld) -> None:
        repository, number, _ = self._pull_request(world)
        assert world.forge.reviews(repository, number) == ()

    # -- the rest ----------------------------------------------------------------------------------------------------------

    def test_a_clone_source_has_no_credentials_in_its_url(self, world: ForgeWorld) -> None:
        source = world.forge.clone_source(world.repository().id)
        assert source.url
        assert not any(secret in source.url for secret in source.secrets)
        assert "@" not in source.url.partition("://")[2].partition("/")[0]

    def test_labels_of_a_new_repository_are_no_words_of_another_bot(self, world: ForgeWorld) -> None:
        assert not world.forge.labels(world.repository().id) & {"lgtm", "approved"}

    def test_the_clock_of_the_forge_is_near_ours(self, world: ForgeWorld) -> None:
        world.forge.repository(world.repository().id)
        assert abs(world.forge.clock_skew()) < 5

    def test_the_budget_is_a_share_that_comes_back(self, world: ForgeWorld) -> None:
        world.forge.repository(world.repository().id)
        assert 0.0 <= world.forge.budget() <= 1.0
        assert 0.0 <= world.forge.budget_reset() <= 3600.0

    def test_a_hook_may_be_ensured_twice_and_is_told_in_a_sentence(self, world: ForgeWorld) -> None:
        repository = world.repository().id
        for _ in range(2):
            told = world.forge.ensure_hook(repository, "https://gate.example/hooks/" + world.forge.name, "a secret")
            assert told.endswith(".")
            assert "a secret" not in told

    def test_bare_commands_are_verbs(self, world: ForgeWorld) -> None:
        assert all(re.fullmatch("[a-z]+", verb) for verb in world.forge.bare_commands)

    # -- miniature worlds --------------------------------------------------------------------------------------------------

    def _pull_request(self, world: ForgeWorld) -> tuple[str, int, str]:
        repository = world.repository().id
        world.person("alice")
        world.commit(repository, "main", {"a": b"1"})
        head = world.commit(repository, "topic", {"b": b"1"})
        return repository, world.pull_request(repository, "topic", "alice", "Faster"), head

    def _conversations(self, world: ForgeWorld) -> tuple[Conversation, Conversation]:
        repository, number, head = self._pull_request(world)
        world.person("mallory")
        return Conversation(repository, number=number), Conversation(repository, sha=head)
