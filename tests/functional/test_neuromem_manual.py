"""Is it the manual's worked example?

API: NeuroMem API manual v6.3 (05/2019), p. 14-17, the script also in NeuroShield's Main_SimpleScript.cpp.
SS2: NeuroMem_SimpleScript2.ino of the vendor's Arduino library. NM: NM500 User's Manual v1.6.3. CM: CM1K Hardware User's Manual.
"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem import IDENTIFIED, UNCERTAIN, UNKNOWN, learn, recognise
from accelsim.functional.neuromem_registers import RegisterPort
from accelsim.functional.neuromem_state import NeuroMemDevice, Switches, new_state
from accelsim.hardware.neuromem import restore_runs

SMALL = NeuroMemDevice(neurons=8)


def level(value):
    """The scripts' patterns: four equal components."""
    return np.full((1, 4), value, np.uint8)


def taught(device=SMALL):
    """API p. 15: learn 11 as 55, 15 as 33, 20 as 100."""
    state = new_state(device)
    for value, category in ((11, 55), (15, 33), (20, 100)):
        learn(state, level(value), np.array([category]))
    return state


def answers(state, value, k=3):
    """(distance, category, identifier) of what fires."""
    seen = recognise(state, level(value), k)
    return [tuple(map(int, answer)) for answer in zip(seen.distance[0], seen.category[0], seen.identifier[0], strict=True) if answer[0] != 0xFFFF]


def test_three_lines_leave_fields_of_16_16_and_20():  # API p. 15
    assert taught().influence[:3].tolist() == [16, 16, 20]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, [(4, 55, 1), (12, 33, 2)]),
        (13, [(8, 33, 2), (8, 55, 1)]),
        (14, [(4, 33, 2), (12, 55, 1)]),
        (30, []),
    ],
)  # API p. 16
def test_the_script_recognises_as_printed(value, expected):
    assert answers(taught(), value) == expected


def test_an_unknown_line_reads_ffff_as_distance_and_category():  # API p. 16
    seen = recognise(taught(), level(30))
    assert (seen.distance[0, 0], seen.category[0, 0], seen.status[0]) == (0xFFFF, 0xFFFF, UNKNOWN)


def test_learning_between_two_neurons_shrinks_both_to_8():  # API p. 17
    state = taught()
    learn(state, level(13), np.array([100]))
    assert state.influence[:4].tolist() == [8, 8, 20, 8]


def test_each_neuron_shrinks_to_its_own_distance():  # API p. 17, the alternative of the text
    state = taught()
    learn(state, level(12), np.array([100]))
    assert state.influence[:2].tolist() == [4, 12]


def test_all_neurons_answer_in_knn_mode():  # SS2; the 32 of API p. 16 for [14] is a slip: 4 x (20 - 14) = 24
    state = taught()
    state.set_mode("knn")
    assert answers(state, 12) == [(4, 55, 1), (12, 33, 2), (32, 100, 3)]
    assert answers(state, 14) == [(4, 33, 2), (12, 55, 1), (24, 100, 3)]
    state.set_mode("rbf")
    assert answers(state, 12) == [(4, 55, 1), (12, 33, 2)]


def simple_script_2():
    state = taught()
    for context, norm, category in ((2, "l1", 200), (1, "lsup", 300), (1, "l1", 100)):
        state.set_context(context, norm)
        learn(state, level(13), np.array([category]))
    return state


def test_each_context_and_norm_learns_for_itself():  # SS2
    state = simple_script_2()
    assert state.contexts[:6].tolist() == [1, 1, 1, 2, 129, 1]
    assert state.influence[:6].tolist() == [8, 8, 20, 0x4000, 0x4000, 8]


@pytest.mark.parametrize(("context", "norm", "expected"), [(1, "l1", (4, 55, 1)), (2, "l1", (4, 200, 4)), (1, "lsup", (1, 300, 5))])
def test_each_context_answers_for_itself(context, norm, expected):  # SS2, its last three classifications
    state = simple_script_2()
    state.set_context(context, norm)
    assert answers(state, 12, k=1) == [expected]


def test_context_zero_lets_all_neurons_react():  # API p. 14
    state = simple_script_2()
    state.set_context(0)
    assert [answer[1] for answer in answers(state, 13, k=8)] == [100, 200, 300]


def test_a_vector_at_the_edge_of_a_field_does_not_fire_it():  # CM p. 21: "less than its influence field"
    state = taught()
    assert recognise(state, level(19)).firing[0] == 1
    assert recognise(state, level(7)).firing[0] == 0


def test_a_counter_example_shrinks_and_commits_nothing():  # NM p. 5, CM p. 20
    state = taught()
    done = learn(state, level(12), np.array([0]))
    assert (done.identifier[0], done.shrunk[0], int(state.committed.sum())) == (0, 2, 3)
    assert state.influence[:3].tolist() == [4, 12, 20]


def test_a_known_category_commits_nothing_but_others_still_shrink():  # CM p. 20, API p. 8
    state = taught()
    done = learn(state, level(12), np.array([55]))
    assert (done.identifier[0], done.shrunk[0], int(state.influence[1])) == (0, 1, 12)


def test_a_field_at_its_minimum_marks_the_neuron_degenerated():  # CM p. 20 remark 3
    state = new_state(SMALL)
    state.set_influence(minimum=6)
    learn(state, level(11), np.array([55]))
    learn(state, level(12), np.array([33]))
    assert (int(state.influence[0]), int(state.categories[0])) == (6, 0x8000 | 55)
    assert recognise(state, level(11)).firing[0] == 2


def test_the_status_is_identified_uncertain_or_unknown():  # API p. 9
    state = taught()
    assert [int(recognise(state, level(value)).status[0]) for value in (20, 12, 30)] == [IDENTIFIED, UNCERTAIN, UNKNOWN]


def test_knn_mode_commits_one_neuron_per_new_category():  # API p. 8
    state = new_state(SMALL)
    state.set_mode("knn")
    done = learn(state, np.vstack([level(value) for value in (10, 200, 90, 30)]), np.array([1, 1, 2, 2]))
    assert done.identifier.tolist() == [1, 0, 2, 0]


def test_the_script_through_the_registers_reads_as_printed():  # API p. 15-16, register by register
    port = RegisterPort(new_state(SMALL))
    for value, category in ((11, 55), (15, 33), (20, 100)):
        broadcast(port, value)
        port.write("CAT", category)
    broadcast(port, 13)
    assert port.read("NSR") == UNCERTAIN
    assert [(port.read("DIST"), port.read("CAT"), port.read("NID")) for _ in range(2)] == [(8, 33, 2), (8, 55, 1)]
    assert (port.read("DIST"), port.read("CAT")) == (0xFFFF, 0xFFFF)


def broadcast(port, value):
    for _ in range(3):
        port.write("COMP", value)
    port.write("LCOMP", value)


def test_reading_the_distance_twice_drops_the_winner():  # NM p. 9
    port = RegisterPort(taught())
    broadcast(port, 12)
    assert [port.read("DIST"), port.read("DIST"), port.read("CAT"), port.read("DIST")] == [4, 12, 33, 0xFFFF]


def test_an_identified_category_can_be_read_at_once():  # NM p. 9
    port = RegisterPort(taught())
    broadcast(port, 20)
    assert (port.read("NSR"), port.read("CAT"), port.read("NID")) == (IDENTIFIED, 100, 3)


def test_the_chain_counts_its_neurons_with_testcat():  # NM p. 20
    port = RegisterPort(new_state(NeuroMemDevice(neurons=8, chips=3)))
    port.write("NSR", 0x10)
    port.write("TESTCAT", 1)
    port.write("RESETCHAIN", 0)
    count = 0
    while port.read("CAT") != 0xFFFF:
        count += 1
    assert count == 24


def test_neurons_read_out_one_after_another_with_four_components():  # SS2, displayNeuronsLtd
    port = RegisterPort(taught())
    port.write("NSR", 0x10)
    port.write("RESETCHAIN", 0)
    seen = [([port.read("COMP") for _ in range(4)], port.read("NCR"), port.read("AIF"), port.read("CAT")) for _ in range(3)]
    assert seen == [([11] * 4, 1, 16, 55), ([15] * 4, 1, 16, 33), ([20] * 4, 1, 20, 100)]


def test_clearing_the_neurons_zeroes_their_memory():  # NM p. 10-11: TESTCAT in save-and-restore mode, then TESTCOMP
    state = taught()
    port = RegisterPort(state)
    port.write("NSR", 0x10)
    port.write("TESTCAT", 1)
    port.write("NSR", 0)
    for index in range(256):
        port.write("INDEXCOMP", index)
        port.write("TESTCOMP", 0)
    port.write("FORGET", 0)
    assert not state.memory.any()
    assert (port.read("NCOUNT"), port.read("GCR"), port.read("MINIF"), port.read("MAXIF")) == (0, 1, 2, 0x4000)


def test_forgetting_keeps_the_memory_and_restores_the_defaults():  # NM p. 9-10
    state = taught()
    port = RegisterPort(state)
    port.write("MAXIF", 100)
    port.write("FORGET", 0)
    assert (port.read("NCOUNT"), port.read("MAXIF"), int(state.memory[0, 0])) == (0, 0x4000, 11)


def test_a_full_chain_reports_ffff_committed():  # NM p. 10
    state = new_state(NeuroMemDevice(neurons=2))
    state.set_influence(maximum=5)
    learn(state, np.vstack([level(10), level(200)]), np.array([1, 2]))
    assert RegisterPort(state).read("NCOUNT") == 0xFFFF


def test_a_full_chain_commits_nothing_more():  # CM p. 20 remark 1; whether it shrinks is a switch
    for switches, field in ((Switches(), 8), (Switches(full_chain_shrinks=False), 16)):
        state = taught(NeuroMemDevice(neurons=3))
        done = learn(state, level(13), np.array([100]), switches)
        assert (done.identifier[0], int(state.influence[0])) == (0, field)


def test_fields_set_after_the_broadcast_do_not_reach_it():  # CM p. 20 remark 2
    state = new_state(SMALL)
    port = RegisterPort(state)
    broadcast(port, 10)
    port.write("MAXIF", 7)
    port.write("CAT", 1)
    assert int(state.influence[0]) == 0x4000


def test_the_neuron_that_waits_keeps_what_was_broadcast():  # NM p. 6: COMP is stored in the ready-to-learn neuron
    state = new_state(SMALL)
    recognise(state, np.array([[1, 2, 3, 4, 5]], np.uint8))
    learn(state, level(9), np.array([1]))
    assert state.memory[0, :6].tolist() == [9, 9, 9, 9, 5, 0]


def test_identifiers_have_24_bits():  # NM p. 8-9: the upper 8 are read from NCR
    state = new_state(NeuroMemDevice(neurons=70_000, components=1))
    state.categories[66_000 - 1] = 5
    port = RegisterPort(state)
    port.write("LCOMP", 0)
    assert (port.read("CAT"), port.read("NID"), port.read("NCR")) == (5, 66_000 & 0xFFFF, 66_000 >> 16)
    assert recognise(state, np.zeros((1, 1), np.uint8)).identifier[0, 0] == 66_000


def test_neurons_that_share_distance_and_category_answer_as_one():  # NM p. 9: the identifiers overlap on the bus
    state = new_state(SMALL)
    state.set_influence(maximum=3)
    learn(state, np.vstack([level(10), level(12), level(14)]), np.array([1, 9, 1]))
    state.set_mode("knn")
    assert answers(state, 12) == [(0, 9, 2), (8, 1, 1 & 3)]


@pytest.mark.parametrize(("fills_all", "expected"), [(True, [7] * 4), (False, [1, 1, 1, 1])])
def test_a_quarkse_clears_its_neurons_in_save_and_restore_mode(fills_all, expected):  # CuriePME.cpp begin(): TESTCOMP without INDEXCOMP
    state = new_state(NeuroMemDevice(neurons=2, components=4))
    recognise(state, level(1))
    port = RegisterPort(state, Switches(test_component_fills_all_in_save_restore=fills_all))
    port.write("NSR", 0x10)
    for _ in range(4):
        port.write("TESTCOMP", 7)
    assert state.memory[0].tolist() == expected


def test_restoring_through_the_registers_rebuilds_the_network():  # CM p. 26-27
    old, new = taught(), new_state(SMALL)
    source, target = RegisterPort(old), RegisterPort(new)
    target.write("FORGET", 0)
    for port in (source, target):
        port.write("NSR", 0x10)
        port.write("RESETCHAIN", 0)
    for _ in range(3):
        for register in ("NCR", *["COMP"] * 256, "AIF", "MINIF", "CAT"):
            target.write(register, source.read(register))
    for port in (source, target):
        port.write("NSR", 0)
    assert target.accesses().runs() == restore_runs(3, 256)
    assert target.read("NCOUNT") == 3
    assert [answers(new, value) for value in (12, 13, 14)] == [answers(old, value) for value in (12, 13, 14)]


def test_writing_past_the_last_neuron_is_refused():
    port = RegisterPort(taught(NeuroMemDevice(neurons=3)))
    port.write("NSR", 0x10)
    port.write("RESETCHAIN", 0)
    assert [port.read("CAT") for _ in range(4)] == [55, 33, 100, 0xFFFF]
    assert port.read("NCOUNT") == 3
    with pytest.raises(AccelsimError, match="no neuron after its 3"):
        port.write("AIF", 1)
