"""Waves of thread blocks beside the head: chains of loads, blocks that hide them, fill and drain."""

from hypothesis import given
from hypothesis import strategies as st

from accelsim.hardware.gpu_waves import Blocks, wave_cycles


def test_a_block_alone_loads_computes_and_stores():
    assert wave_cycles(Blocks(1, 4, 100.0, 1), 1, 1.0, 50.0, 2) == 50 + 4 * 100 + 50


def test_a_block_whose_operands_come_late_steps_at_their_pace():
    assert wave_cycles(Blocks(1, 4, 10.0, 1), 1, 1.0, 50.0, 2) == 50 + 4 * 50 + 50


def test_more_tiles_on_their_way_halve_the_pace_and_a_single_buffer_alternates():
    assert wave_cycles(Blocks(1, 4, 10.0, 1), 1, 1.0, 60.0, 4) == 60 + 4 * 20 + 60
    assert wave_cycles(Blocks(1, 4, 10.0, 1), 1, 1.0, 60.0, 1) == 60 + 4 * (10 + 60) + 60


def test_two_blocks_on_one_sm_hide_each_others_waits():
    assert wave_cycles(Blocks(2, 4, 40.0, 2), 1, 1.0, 50.0, 2) == 50 + 2 * 4 * 40 + 50


def test_every_wave_of_a_lone_block_pays_its_own_fill_and_drain():
    assert wave_cycles(Blocks(3, 4, 100.0, 1), 1, 1.0, 50.0, 2) == 3 * (50 + 4 * 100 + 50)


@given(st.integers(1, 200), st.integers(1, 50), st.floats(1, 1e4), st.integers(1, 8), st.integers(1, 16), st.floats(0, 1e4), st.integers(1, 6))
def test_no_kernel_beats_its_multipliers_or_its_latency(count, steps, step, held, sms, latency, stages):
    cycles = wave_cycles(Blocks(count, steps, step, held), sms, 1.0, latency, stages)
    assert cycles >= (count * steps * step / sms + 2 * latency) * (1 - 1e-9)


@given(st.integers(1, 200), st.integers(1, 50), st.floats(1, 1e4), st.integers(1, 8), st.integers(1, 16), st.floats(0, 1e4), st.integers(2, 6))
def test_a_shorter_latency_or_another_stage_is_never_slower(count, steps, step, held, sms, latency, stages):
    blocks = Blocks(count, steps, step, held)
    cycles = wave_cycles(blocks, sms, 1.0, latency, stages)
    assert wave_cycles(blocks, sms, 1.0, latency / 2, stages) <= cycles * (1 + 1e-9)
    assert wave_cycles(blocks, sms, 1.0, latency, stages + 1) <= cycles * (1 + 1e-9)
