"""Conditions on the rows of a table: ``latency_s < 0.01 and energy_j < 1e-3``, read by a grammar of comparisons, never executed."""

import ast
import operator
from collections.abc import Callable, Collection

from accelsim.base.errors import AccelsimError, guess

COMPARISONS = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
Row = dict
Reader = Callable[[Row], object]


class _NotKnown(Exception):
    """A row lacks a figure of the condition."""


def condition(text: str, columns: Collection[str]) -> Callable[[Row], bool]:
    """Return a test of a row.

    Parameters
    ----------
    text : str
        Comparisons of columns, numbers, words in quotes and their sums, differences, products, quotients; joined by
        and, or, not.
    columns : collection of str
        Names that may stand in it.

    Raises
    ------
    AccelsimError
        Anything else in the text, or an unknown column.
    """
    place = f"--where {text}"
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        truth = _truth(tree, _Names(place, columns))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise AccelsimError(place, "is not a condition", "such as 'latency_s < 0.01 and energy_j < 1e-3'") from error

    def holds(row: Row) -> bool:
        try:
            return bool(truth(row))
        except (_NotKnown, TypeError, ZeroDivisionError):
            return False

    return holds


class _Names:
    def __init__(self, place: str, columns: Collection[str]):
        self.place, self.columns = place, columns

    def refuse(self, node: ast.AST) -> AccelsimError:
        return AccelsimError(self.place, f"'{ast.unparse(node)}' is not a comparison of columns and numbers", "such as 'latency_s < 0.01 and energy_j < 1e-3'")

    def column(self, node: ast.AST) -> str:
        name = ast.unparse(node)
        if name not in self.columns:
            raise AccelsimError(self.place, f"'{name}' is not a column", guess(name, self.columns) or f"known: {', '.join(self.columns)}")
        return name


def _truth(node: ast.AST, names: _Names) -> Reader:
    if isinstance(node, ast.BoolOp):
        parts = [_truth(value, names) for value in node.values]
        if isinstance(node.op, ast.And):
            return lambda row: all(part(row) for part in parts)
        return lambda row: any(part(row) for part in parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _truth(node.operand, names)
        return lambda row: not inner(row)
    if isinstance(node, ast.Compare) and all(type(op) in COMPARISONS for op in node.ops):
        terms = [_term(part, names) for part in (node.left, *node.comparators)]
        tests = [COMPARISONS[type(op)] for op in node.ops]
        return lambda row: all(test(terms[i](row), terms[i + 1](row)) for i, test in enumerate(tests))
    raise names.refuse(node)


def _term(node: ast.AST, names: _Names) -> Reader:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str) and not isinstance(node.value, bool):
        return lambda row: node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _term(node.operand, names)
        return lambda row: -inner(row)
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        left, right, act = _term(node.left, names), _term(node.right, names), ARITHMETIC[type(node.op)]
        return lambda row: act(left(row), right(row))
    if isinstance(node, ast.Name | ast.Attribute):
        return _figure(names.column(node))
    raise names.refuse(node)


def _figure(name: str) -> Reader:
    def read(row: Row) -> object:
        value = row.get(name)
        if value is None:
            raise _NotKnown
        try:
            return float(value)  # overrides are kept as the text that was given
        except ValueError:
            return value

    return read
