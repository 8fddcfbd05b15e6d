"""Layers of raw tables."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from launcher.config.merge import Layer, leaves, merge, problem, source_of, without
from launcher.config.problems import Fault, Problem

LOW = Layer("low", {"apps": {"x": {"args": ["a", "b"], "env": {"PATH": {"prepend": "p"}, "A": "1"}}}, "n": 1})
HIGH = Layer("high", {"apps": {"x": {"args": ["c"], "env": {"PATH": {"append": "q"}}}}})
TABLES = st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
).filter(lambda value: isinstance(value, dict))


def test_tables_are_joined_lists_and_changes_of_a_variable_are_replaced() -> None:
    """Real: the function alone, it is pure."""
    assert merge([LOW, HIGH]) == {
        "apps": {"x": {"args": ["c"], "env": {"PATH": {"append": "q"}, "A": "1"}}},
        "n": 1,
    }


@given(st.lists(TABLES, max_size=4))
def test_merging_changes_no_layer_and_the_highest_one_counts_whole(tables: list[dict[str, object]]) -> None:
    """Real: generated tables."""
    before = deepcopy(tables)
    merged = merge([Layer(str(i), table) for i, table in enumerate(tables)])
    assert tables == before
    if tables:
        assert all(Layer("", merged).depth(path) == len(path) for path in leaves(tables[-1]))


@given(TABLES, TABLES)
def test_what_another_one_sets_is_left_out(table: dict[str, object], taken: dict[str, object]) -> None:
    """Real: generated tables."""
    kept = without(table, taken)
    over = Layer("", merge([Layer("", kept), Layer("", taken)]))
    for path in leaves(taken):
        assert over.depth(path) == len(path)


def test_the_highest_layer_that_says_it_is_the_source() -> None:
    """Real: the function alone, it is pure."""
    assert source_of([LOW, HIGH], ("apps", "x", "args")) is HIGH
    assert source_of([LOW, HIGH], ("apps", "x", "env", "A")) is LOW
    assert source_of([LOW, HIGH], ("apps", "x", "missing")) is HIGH
    assert source_of([LOW, HIGH], ("n",)) is LOW
    assert source_of([LOW, HIGH], ("other",)) is None
    assert source_of([], ("n",)) is None


def test_a_fault_is_told_of_the_file_that_said_it() -> None:
    """Real: tree-sitter for the line."""
    layer = Layer("f.toml", {"apps": {"x": {"n": 1}}}, ("projects", "A B"), b'[projects."A B"]\napps.x.n = 1\n')
    fault = Fault(("apps", "x"), "is wrong", ("apps", "x", "n"))
    assert problem([LOW, layer], fault) == Problem("f.toml", 2, 'projects."A B".apps.x', "is wrong")
