"""What `flask` offers on the command line, a small file a noun: options, progress, sentences.

The rules are in the domain. Door: the table of commands in giftweb.cli.
"""
