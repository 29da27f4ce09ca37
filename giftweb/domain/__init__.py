"""The verbs and their rules, a package a noun: keyword-only arguments, frozen values out.

It knows nothing of the web. Door: the packages, and of each what its ``__init__`` names.
"""
