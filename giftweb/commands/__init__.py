"""The commands of API.md 1: one small file a noun, gathered by giftweb.cli."""
