"""The table of mutants keeps up with the code it changes."""

import ast
from collections import Counter

import pytest

from tests.mutations.mutant import Mutant
from tests.mutations.table import MUTANTS
from tests.mutations.trial import ROOT

every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


@every_mutant
def test_a_mutants_old_text_occurs_once_and_the_new_one_is_python(mutant: Mutant) -> None:
    ast.parse(mutant.mutated(ROOT))
    assert mutant.old != mutant.new


@every_mutant
def test_the_tests_of_a_mutant_exist(mutant: Mutant) -> None:
    tree = ast.parse((ROOT / mutant.suite).read_text())
    written = {each.name for each in tree.body if isinstance(each, _FUNCTIONS)}
    named = {test.partition("[")[0] for test in mutant.tests}
    assert named
    assert named <= written


def test_no_two_mutants_have_one_name() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)
    assert [name for name, times in names.items() if times > 1] == []


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
