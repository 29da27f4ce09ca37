"""The tools of the repository: what make runs."""
