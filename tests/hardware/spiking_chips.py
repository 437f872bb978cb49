"""Two sets of published costs of Loihi for the tests, never mixed."""

import yaml

from accelsim.base.schema import describe
from accelsim.hardware.spiking_core import SpikingCore

LIMITS = "{compartments: 1024, axons_in: 4096, axons_out: 4096, synapse_memory: 128 KiB}"

# SANA-FE 2.2.9, arch/loihi.yaml: calibrated on hardware; its networks store every synapse as dense unless told otherwise.
CALIBRATED = f"""
limits: {LIMITS}
costs:
  access_time: 6.0 ns
  access_energy: 51.2 pJ
  update_time: 3.7 ns
  update_energy: 21.6 pJ
  spike_time: 30 ns
  spike_energy: 69.3 pJ
  message_out_time: 5.1 ns
  message_out_energy: 111 pJ
  message_in_time: 16 ns
  synapses:
    dense: {{time: 3.8 ns, energy: 35.5 pJ}}
    convolution: {{time: 3.8 ns, energy: 35.5 pJ}}
    sparse: {{time: 4.7 ns, energy: 33.6 pJ}}
mesh:
  columns: 8
  rows: 4
  cores_per_tile: 4
  buffer: 16
  column_hop_time: 4.1 ns
  column_hop_energy: 3.0 pJ
  row_hop_time: 6.5 ns
  row_hop_energy: 4.2 pJ
  barrier: {{tiles: [1, 2, 4, 29], times: [0.6 us, 1.0 us, 1.4 us, 1.8 us]}}
"""

# Davies et al., IEEE Micro 38(1), 2018, table "pre-silicon performance and energy": active 81 pJ, 8.4 ns and inactive 52 pJ, 5.3 ns.
PRE_SILICON = f"""
limits: {LIMITS}
costs:
  access_time: 5.3 ns
  access_energy: 52 pJ
  update_time: 3.1 ns
  update_energy: 29 pJ
  synapses:
    dense: {{time: 3.5 ns, energy: 23.6 pJ}}
    convolution: {{time: 3.5 ns, energy: 23.6 pJ}}
    sparse: {{time: 3.5 ns, energy: 23.6 pJ}}
mesh:
  columns: 8
  rows: 4
  cores_per_tile: 4
  buffer: 16
  column_hop_time: 4.1 ns
  column_hop_energy: 3.0 pJ
  row_hop_time: 6.5 ns
  row_hop_energy: 4.0 pJ
  local_time: 2.1 ns
  local_energy: 1.7 pJ
  barrier: {{tiles: [1, 32], times: [113 ns, 465 ns], between: linear}}
"""


def chip(text: str) -> SpikingCore:
    """Return the checked description."""
    return describe(SpikingCore, yaml.safe_load(text), "test chip")
