"""Tests of closed months and of files for the accountant."""
