"""Tests of the helpers for analysts."""
