"""Suites that every implementation of a port must pass; a test module subclasses them."""

import pytest

pytest.register_assert_rewrite("tests.contract.forges")
