"""The short form of what `make soak` does with planted bugs and mutants."""

from pathlib import Path

import pytest

from tests.mutation import mutants, planted, targets, trials
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.trials import ROOT, Outcome

pytestmark = pytest.mark.no_database


def test_there_are_sixty_bugs_and_each_has_its_place_in_the_program():
    assert len({bug.name for bug in planted.BUGS}) == len(planted.BUGS) >= 60
    for bug in planted.BUGS:
        assert bug.planted((ROOT / bug.path).read_text())
        assert all(Path(ROOT, test).exists() for test in bug.tests)


def test_a_planted_bug_turns_its_tests_red_and_nothing_else_does():
    (bug,) = [bug for bug in planted.BUGS if bug.name == "a discount is forgotten"]
    with trials.copied() as copy:
        text = copy.read(bug.path)
        assert copy.try_out(bug.path, bug.planted(text), bug.tests) is Outcome.RED
        assert copy.try_out(bug.path, text + "\n", bug.tests) is Outcome.GREEN
        assert copy.try_out(bug.path, "not python at all", bug.tests) is Outcome.BROKEN
        assert copy.read(bug.path) == text


def test_mutants_are_small_faults_with_names():
    made = list(mutants.of("def f(a):\n    '''Half.'''\n    if a > 1:\n        return a // 2\n"))
    assert {mutant.name for mutant in made} == {
        "if a > 1: => if a >= 1:",
        "if a > 1: => if a > 2:",
        "if a > 1: => if not a > 1:",
        "return a // 2 => return a * 2",
        "return a // 2 => return a // 3",
    }


def test_a_mutant_of_sql_changes_one_word():
    (sql,) = [mutant.name for mutant in mutants.of('Q = "SELECT a FROM t WHERE a <= ?"\n')]
    assert "WHERE a < ?" in sql


@pytest.mark.parametrize("path", targets.WHOLE)
def test_what_is_listed_as_changing_nothing_is_still_a_mutant(path):
    names = {mutant.name for mutant in mutants.of((ROOT / path).read_text())}
    assert {name for where, name in EQUIVALENT if where == path} <= names
