"""Tests of the notifiers, against doubles that speak their protocols."""
