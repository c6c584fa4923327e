"""Tests of the GitHub forge."""
