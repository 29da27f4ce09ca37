"""Tests of what finance reads."""
