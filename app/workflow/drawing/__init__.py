"""Drawings of a graph as text: one module a format, each a pure function."""
