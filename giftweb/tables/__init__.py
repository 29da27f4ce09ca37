"""The tables by subject; giftweb.models lists them all in reading order."""
