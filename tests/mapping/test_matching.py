"""Do the tasks of an RBF chip take the cycles of the manual and the bytes of the link, in both engines?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.functional.neuromem import learn, recognise
from accelsim.functional.neuromem_accesses import from_runs
from accelsim.functional.neuromem_state import new_state
from accelsim.graph.work import Match
from accelsim.hardware.chip_files import load_chip_file
from accelsim.hardware.neuromem import learn_cycles, nearest_cycles, restore_runs, save_runs, status_cycles, transfer_cycles
from accelsim.mapping.matching import map_accesses
from accelsim.mapping.plan import COMPUTE, MOVE

ENGINES = pytest.mark.parametrize("engine", [compiled, event], ids=["compiled", "event"])


def chip(*overrides, name="nm500"):
    return load_chip_file(name, overrides)


def rows(*values, length=256):
    return np.array([[value] * length for value in values], np.uint8)


def uncertain_chain():
    """Return a chain on which [13] * 256 fires neurons of two categories."""
    state = new_state()
    learn(state, rows(11, 15), np.array([55, 33]))
    return state


def seconds_of(accesses, chip, engine, linked=False):
    trace = engine.simulate(map_accesses(chip, "do", accesses.codes, accesses.counts, 0).plan(linked=linked))
    return (trace.finish[trace.plan.ends] - trace.start[trace.plan.starts]) * 1e-12


@ENGINES
@pytest.mark.parametrize(("overrides", "hz"), [((), 35e6), (("units.rbf.chips=2",), 18e6)])
def test_learning_and_recognising_last_the_manuals_cycles(engine, overrides, hz):  # NM p. 27; the accesses sum to one less than its status and K formulas
    state = uncertain_chain()
    status, best = recognise(state, rows(13), k=0).accesses, recognise(state, rows(13), k=2).accesses
    taught = learn(state, rows(13), np.array([7])).accesses
    for accesses, cycles in ((taught, learn_cycles(256)), (status, status_cycles(256) - 1), (best, nearest_cycles(256, 2) - 1)):
        assert seconds_of(accesses, chip(*overrides), engine) == pytest.approx([cycles / hz], abs=2e-12)


@ENGINES
@pytest.mark.parametrize("runs", [save_runs(576, 256), restore_runs(576, 256)], ids=["save", "restore"])
def test_saving_and_restoring_a_full_chip_last_the_printed_milliseconds(engine, runs):  # NM p. 27 prints 4.27 ms
    found = seconds_of(from_runs(runs), chip(), engine)
    assert found == pytest.approx([transfer_cycles(576) / 35e6], abs=2e-12)
    assert found == pytest.approx([4.27e-3], rel=0.003)


@ENGINES
def test_the_link_carries_its_frames_before_the_chip_answers(engine):  # NS p. 16-17: burst of 8 + 2 * 255 bytes, then 10 an access, 4 us a byte at 2 MHz
    accesses = recognise(uncertain_chain(), rows(13), k=1).accesses
    mapping = map_accesses(chip(), "recognise", accesses.codes, accesses.counts, 2)
    trace = engine.simulate(mapping.plan())
    assert mapping.link_bytes.tolist() == [8 + 2 * 255 + 3 * 10]
    link, unit = (int(np.flatnonzero(trace.plan.role == role)[0]) for role in (MOVE, COMPUTE))
    assert trace.finish[link] == 548 * 4_000_000 <= trace.start[unit]
    assert trace.makespan == pytest.approx(548 * 4e6 + 295 / 35e-6, abs=1 / 35e-6)


@ENGINES
def test_vectors_follow_one_another_and_never_overlap(engine):
    accesses = recognise(uncertain_chain(), rows(*range(20)), k=1).accesses
    trace = engine.simulate(map_accesses(chip(), "recognise", accesses.codes, accesses.counts, 2).plan())
    assert (trace.start[trace.plan.starts][1:] == trace.finish[trace.plan.ends][:-1]).all()
    assert trace.plan.tasks == 4 * 20


@ENGINES
def test_vectors_at_a_rate_wait_for_their_release(engine):
    accesses = recognise(uncertain_chain(), rows(1, 2, 3), k=1).accesses
    trace = engine.simulate(map_accesses(chip(), "recognise", accesses.codes, accesses.counts, 2).plan(period_ps=10**10))
    assert trace.start[trace.plan.starts].tolist() == [0, 10**10, 2 * 10**10]


@ENGINES
def test_a_cold_chip_restores_its_knowledge_before_the_first_vector(engine):  # NS p. 16-17, NM p. 27
    accesses = recognise(uncertain_chain(), rows(1), k=1).accesses
    trace = engine.simulate(map_accesses(chip(), "recognise", accesses.codes, accesses.counts, 2).plan(cold=True))
    restored = trace.finish[3]
    frames = 4 * 10 + 2 * (4 * 10 + 8 + 2 * 256)
    assert restored == pytest.approx(frames * 4e6 + transfer_cycles(2) / 35e-6, abs=1 / 35e-6)
    assert trace.start[trace.plan.starts[0]] == restored and trace.plan.frame[:4].tolist() == [-1] * 4


def test_both_engines_give_the_same_trace():
    vectors = np.random.default_rng(0).integers(0, 30, (40, 8), dtype=np.uint8)
    state = uncertain_chain()
    accesses = learn(state, vectors, np.arange(40) % 3 + 1).accesses
    plan = map_accesses(chip(), "learn", accesses.codes, accesses.counts, 2).plan(period_ps=77_777_777, cold=True)
    one, other = compiled.simulate(plan), event.simulate(plan)
    assert (one.start == other.start).all() and (one.finish == other.finish).all()


def test_one_piece_of_work_costs_the_sum_of_its_vectors():
    accesses = recognise(uncertain_chain(), rows(*range(30)), k=2).accesses
    mapping = map_accesses(chip(), "recognise", accesses.codes, accesses.counts, 2)
    work = accesses.match(576)
    assert isinstance(work, Match) and chip().units["rbf"].cost(work).cycles == mapping.cycles.sum()


def test_on_its_own_parallel_bus_a_cm1k_waits_for_no_link():  # CM p. 24, 45: a burst takes one cycle a component
    accesses = recognise(uncertain_chain(), rows(13), k=0).accesses
    assert seconds_of(accesses, chip(name="cm1k"), compiled, linked=True) == pytest.approx([259 / 27e6], abs=2e-12)


def test_a_faster_link_is_never_later():
    accesses = recognise(uncertain_chain(), rows(13, 14), k=1).accesses
    slow, fast = (seconds_of(accesses, chip(f"links.spi.bandwidth={rate}"), compiled, linked=True).sum() for rate in ("300 kbit/s", "4 Mbit/s"))
    assert fast < slow


def test_a_chip_without_rbf_unit_or_link_is_refused():
    accesses = recognise(uncertain_chain(), rows(13), k=0).accesses
    with pytest.raises(AccelsimError, match="learns no vectors"):
        map_accesses(chip(name="cortex_m7"), "recognise", accesses.codes, accesses.counts, 2)
    with pytest.raises(AccelsimError, match="no host_link leads to 'knowledge'"):
        map_accesses(chip("links.spi.targets=[host]"), "recognise", accesses.codes, accesses.counts, 2)
