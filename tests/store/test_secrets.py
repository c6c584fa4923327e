"""Secrets: encrypted at rest, keys that rotate, and who may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.errors import NotFound, Permanent, Refused
from app.store import SecretRow, Store
from app.store.around import secrets
from tests.store.making import ACCOUNT

SOURCE = "github:acme/app@main"
AWS = SecretRow(ACCOUNT, "aws", "amazonKeys", ("accessKey", "secretKey"), (SOURCE,), False)
VALUES = {"accessKey": "AKIA-canary", "secretKey": "ünï\n\0 canary"}

WithKeys = Callable[..., Store]


@pytest.fixture
def with_keys(database_url: str, tmp_path: Path) -> Iterator[WithKeys]:
    """Opens the one database with these keys, newest first."""
    with ExitStack() as opened:
        yield lambda *keys: opened.enter_context(closing(Store(database_url, tmp_path, keys)))


def test_a_secret_is_seen_by_the_sources_named_and_no_others(store: Store) -> None:
    store.put_secret(AWS, VALUES)
    assert store.reveal(ACCOUNT, "aws", SOURCE, gated=False) == VALUES
    with pytest.raises(Refused, match="not visible to github:acme/other@main"):
        store.reveal(ACCOUNT, "aws", "github:acme/other@main", gated=True)
    for account, name in ((ACCOUNT, "azure"), ("github:other", "aws")):
        with pytest.raises(NotFound):
            store.reveal(account, name, SOURCE, gated=True)


def test_a_gated_secret_is_only_for_runs_that_an_approval_opened(store: Store) -> None:
    store.put_secret(SecretRow(ACCOUNT, "aws", "amazonKeys", (), (SOURCE,), True), VALUES)
    assert store.reveal(ACCOUNT, "aws", SOURCE, gated=True) == VALUES
    with pytest.raises(Refused, match="approval"):
        store.reveal(ACCOUNT, "aws", SOURCE, gated=False)


def test_nothing_of_a_secrets_values_is_in_the_database(store: Store) -> None:
    store.put_secret(AWS, VALUES)
    with store.database.read() as transaction:
        assert "canary" not in str(transaction.rows(select(secrets)))


def test_rows_tell_everything_but_values(store: Store) -> None:
    store.put_secret(AWS, VALUES)
    store.put_secret(AWS, {"accessKey": "new"})
    assert store.secret_rows(ACCOUNT) == (AWS,)
    assert store.reveal(ACCOUNT, "aws", SOURCE, False) == {"accessKey": "new"}
    assert store.remove_secret(ACCOUNT, "aws")
    assert not store.remove_secret(ACCOUNT, "aws")
    assert store.secret_rows(ACCOUNT) == ()


def test_keys_rotate(with_keys: WithKeys) -> None:
    with_keys("old").put_secret(AWS, VALUES)
    both = with_keys("new", "old")
    assert both.reveal(ACCOUNT, "aws", SOURCE, False) == VALUES
    with pytest.raises(Permanent, match="none of the keys in GATELINE_SECRET_KEY"):
        with_keys("new").reveal(ACCOUNT, "aws", SOURCE, False)
    assert both.rotate_secrets() == 1
    assert with_keys("new").reveal(ACCOUNT, "aws", SOURCE, False) == VALUES
    with pytest.raises(Permanent):
        with_keys("old").reveal(ACCOUNT, "aws", SOURCE, False)


def test_a_rotation_that_lacks_a_key_changes_nothing(with_keys: WithKeys) -> None:
    with_keys("a").put_secret(AWS, VALUES)
    with_keys("b").put_secret(SecretRow(ACCOUNT, "gcp", "t", (), (SOURCE,), False), {"x": "y"})
    with pytest.raises(Permanent, match="gcp"):
        with_keys("new", "a").rotate_secrets()
    assert with_keys("a").reveal(ACCOUNT, "aws", SOURCE, False) == VALUES


def test_without_a_key_the_answer_says_what_to_set(with_keys: WithKeys) -> None:
    with pytest.raises(Permanent, match="GATELINE_SECRET_KEY"):
        with_keys().put_secret(AWS, VALUES)


def test_one_secrets_content_cannot_be_passed_off_as_another(store: Store) -> None:
    """Somebody who may write to the database copies a row's content to a name that their own source sees."""
    store.put_secret(AWS, VALUES)
    store.put_secret(SecretRow(ACCOUNT, "mine", "t", (), (SOURCE,), False), {"x": "y"})
    with store.database.write() as transaction:
        stolen = select(secrets.c.sealed).where(secrets.c.name == "aws").scalar_subquery()
        transaction.run(update(secrets).where(secrets.c.name == "mine").values(sealed=stolen))
    with pytest.raises(Permanent, match="another"):
        store.reveal(ACCOUNT, "mine", SOURCE, False)
