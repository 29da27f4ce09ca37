"""Do the tests notice? Faults are put into a copy of the program, one at a time.

``planted`` is a list of bugs that a person could write; ``mutants`` makes small faults out of every
line. ``trials`` runs the tests that should turn red. A fault that no test notices is a test that is
missing, or a mutant that changes nothing (``equivalent`` says which, and why).
"""
