"""The processes: web, worker, their supervisor.

Nothing here knows a page or a rule. Door: ``web`` and ``supervisor``, each a program of its own,
and ``worker``, which ``flask worker`` runs.
"""
