"""The processes: web, worker, their supervisor.

Nothing here knows a page or a rule. Door: ``web`` and ``supervisor``, started by ``python -m``, and
``worker``, which ``flask worker`` runs.
"""
