"""Anything in any order: the real domain beside a small model of what every card must hold."""
