"""The processes: web, worker, their supervisor. Nothing here knows a page or a rule."""
