"""Do the classifiers stand side by side on the same test part?"""

import numba
import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.studies.rbf_compare import Contestants, compare_classifiers, nearest_labels, nearest_neighbour

COMPILED = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="millions of component differences take minutes in plain Python")


@COMPILED
def test_the_network_is_right_more_often_and_the_processor_searches_longer_on_a_microcontroller():
    contest = compare_classifiers("digits", Contestants(spiking=()))
    through_link, alone, network, *processors, small, large = contest.rows
    assert [row.chip for row in processors] == ["cortex_m7", "cortex_a53"] and {row.accuracy for row in processors} == {network.accuracy}
    assert processors[0].latency_s > processors[1].latency_s > network.latency_s
    assert network.chip == "ethos_u55_128" and network.accuracy > small.accuracy == large.accuracy > through_link.accuracy == alone.accuracy > 0.85
    assert alone.latency_s < large.latency_s < small.latency_s < through_link.latency_s
    assert all(row.energy_j > 0 and row.latency_grade and row.energy_grade for row in contest.rows)


def test_a_data_set_without_trained_network_says_so():
    contest = compare_classifiers("iris", Contestants(processors=("cortex_m7",)))
    assert [row.chip for row in contest.rows] == ["nm500", "nm500", "cortex_m7"]
    assert any("no shipped network was trained on 'iris'" in note for note in contest.notes)


def test_the_nearest_neighbour_of_a_stored_vector_is_itself_and_of_equals_the_first():
    stored = np.array([[0, 0], [9, 9], [9, 9]], np.uint8)
    assert nearest_labels(stored, np.array([5, 6, 7]), np.array([[1, 0], [9, 8], [9, 9]], np.uint8)).tolist() == [5, 6, 6]


def test_labels_that_16_bits_do_not_hold_are_refused():
    with pytest.raises(AccelsimError, match="16 bits"):
        nearest_neighbour(np.zeros((1, 2), np.uint8), np.array([70_000]))
