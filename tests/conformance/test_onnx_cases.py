"""The onnx package's own generated cases: none gives a wrong answer, and networks' operators nearly all pass."""

from collections import Counter

import pytest

pytest.importorskip("onnx", reason="onnx generates the cases (extra 'onnx')")

from onnx_cases import OPERATORS, has_common_types, outcome, single_node_cases  # noqa: E402

pytestmark = [pytest.mark.conformance, pytest.mark.slow]


def test_no_single_node_case_gives_a_wrong_answer_and_network_operators_pass():
    counts, wrong = Counter(), []
    for case in single_node_cases():
        verdict, why = outcome(case)
        if verdict == "wrong":
            wrong.append((case.name, why))
        if case.model.graph.node[0].op_type in OPERATORS and has_common_types(case):
            counts[verdict] += 1
    assert wrong == []
    assert counts["passed"] >= 0.965 * counts.total() and counts["passed"] >= 628, counts
