"""Chip files that are wrong in one place: what stands in the whole file, what is put there, and what the one line says."""

WHOLE = """\
title: Tiny
fidelity: modelled
energy: edge_16nm
host: cpu
units:
  npu:
    kind: systolic_array
    provenance: {source: "a paper", grade: published}
    clock: 1 GHz
    memories: [sram]
    rows: 4
    cols: 4
    dataflow: weight_stationary
  cpu:
    kind: vector_unit
    clock: 1 GHz
    memories: [dram, sram]
    vector_bits: 128
    rates: {mac: 1.0, add: 2.0}
memories:
  sram:
    kind: scratchpad
    capacity: 256 KiB
    bandwidth: 32 GB/s
    burst: 16
  dram:
    kind: dram_channel
    bandwidth: 6.4 GB/s
links:
  dma:
    kind: dma
    sources: [dram, sram]
    targets: [sram, dram]
placement:
  constants: [dram]
  activations: [sram, dram]
"""

# " ... " in a message leaves words out that grow with the project.
BROKEN = [
    ("kind: systolic_array", "kind: systolic_aray", "units.npu.kind: 'systolic_aray' is not one of ... (did you mean 'systolic_array'?)"),
    ("kind: systolic_array\n", "\n", "units.npu.kind: is missing"),
    ("kind: systolic_array", "kind: 7", "units.npu.kind: '7' is not one of"),
    ("kind: systolic_array", "kind: [a]", "units.npu.kind: '['a']' is not one of"),
    ("kind: systolic_array", "kind: scratchpad", "units.npu.kind: 'scratchpad' is not one of"),
    ("rows: 4", "rws: 4", "units.npu.rws: is not a known key (and 1 more) (did you mean 'rows'?)"),
    ("rows: 4", "", "units.npu.rows: is missing (it must be stated)"),
    ("rows: 4", "rows: four", "units.npu.rows: 'four' is not a whole number"),
    ("rows: 4", "rows: 4.5", "units.npu.rows: '4.5' is not a whole number"),
    ("rows: 4", "rows: -4", "units.npu.rows: '-4' is not at least 1"),
    ("rows: 4", "rows: 0", "units.npu.rows: '0' is not at least 1"),
    ("rows: 4", "rows: true", "units.npu.rows: 'true' is not a whole number"),
    ("rows: 4", "rows: [4]", "units.npu.rows: a list is not a whole number"),
    ("rows: 4", "rows: .inf", "units.npu.rows: 'inf' is not a whole number"),
    ("rows: 4", "rows: 99999999999999999999999999", "units.npu.rows: '99999999999999999999999999' is not at most 1099511627776"),
    ("rows: 4", "rows: 4\n    rows: 5", "line 12: key 'rows' stands twice"),
    ("rows: 4", "rows: null", "units.npu.rows: 'null' is not a whole number"),
    ("rows: 4", "rows: 1e3", "units.npu.rows: '1e3' is not a whole number"),
    ("clock: 1 GHz", "clock: 1 GHZ", "units.npu.clock: unit 'GHZ' of '1 GHZ' is not one of frequency [Hz]"),
    ("clock: 1 GHz", "clock: 0 Hz", "units.npu.clock: '0 Hz' is not above 0"),
    ("clock: 1 GHz", "clock: 1000000", "units.npu.clock: '1000000' is not a quantity of frequency [Hz]"),
    ("clock: 1 GHz", "clock: 1 GB", "units.npu.clock: unit 'GB' of '1 GB' is not one of frequency [Hz]"),
    ("clock: 1 GHz", "clock: -1 GHz", "units.npu.clock: '-1 GHz' is not above 0"),
    ("clock: 1 GHz", "clock: 1e400 Hz", "units.npu.clock: '1e400 Hz' is not a finite quantity"),
    ("clock: 1 GHz", "clock: .nan", "units.npu.clock: 'nan' is not a quantity of frequency [Hz]"),
    ("clock: 1 GHz", "clock: nan Hz", "units.npu.clock: 'nan Hz' is not a quantity of frequency [Hz]"),
    ("clock: 1 GHz", "clock: 5 THz", "units.npu.clock: '5 THz' is not between 0.001 and 1e+12 Hz"),
    ("clock: 1 GHz", "clock: 1 YHz", "units.npu.clock: unit 'YHz' of '1 YHz' is not one of frequency [Hz]"),
    ("clock: 1 GHz", "clock: 1 uHz", "units.npu.clock: '1 uHz' is not between 0.001 and 1e+12 Hz"),
    ("clock: 1 GHz", "", "units.npu.clock: is missing (it must be stated)"),
    ("clock: 1 GHz", "clock: {value: 1 GHz, grade: sure}", "units.npu.clock: grade: 'sure' is not one of published, derived, estimated"),
    ("clock: 1 GHz", "clock: {value: 1 GHz, grade: published}", "units.npu.clock: is graded 'published' without a source"),
    ("clock: 1 GHz", "clock: {value: 1 GHz, srce: x}", "units.npu.clock: 'srce' is not one of grade, high, low, note, source, value (did you mean 'source'?)"),
    ("memories: [sram]", "memories: sram", "units.npu.memories: 'sram' is not a list"),
    ("memories: [sram]", "memories: [srm]", "units.npu.memories.0: 'srm' is not one of sram, dram (did you mean 'sram'?)"),
    ("memories: [sram]", "memories: []", "units.npu.memories: names no memory"),
    ("memories: [sram]", "memories: [7]", "units.npu.memories.0: '7' is not text"),
    ("memories: [sram]", "memories: {a: b}", "units.npu.memories: a mapping is not a list"),
    ("memories: [sram]", "memories: null", "units.npu.memories: 'null' is not a list"),
    ("dataflow: weight_stationary", "dataflow: weight_stationry", "units.npu.dataflow: 'weight_stationry' is not one of ... (did you mean 'weight_stationary'?)"),
    ("dataflow: weight_stationary", "dataflow: 3", "units.npu.dataflow: '3' is not one of output_stationary, weight_stationary, input_stationary"),
    ("capacity: 256 KiB", "capacity: 256 kB/s", "memories.sram.capacity: unit 'kB/s' of '256 kB/s' is not one of bytes [B]"),
    ("capacity: 256 KiB", "capacity: 1e400 B", "memories.sram.capacity: '1e400 B' is not a finite quantity"),
    ("capacity: 256 KiB", "capacity: 0.1 bit", "memories.sram.capacity: '0.1 bit' is not between 1 and 1e+18 B"),
    ("bandwidth: 32 GB/s", "bandwidth: 1e-9 B/s", "memories.sram.bandwidth: 0 Hz is not a clock frequency (from 1 mHz to 1 THz)"),
    ("bandwidth: 32 GB/s", "bandwidth: 1e30 B/s", "memories.sram.bandwidth: '1e30 B/s' is not between 0 and 1e+18 B/s"),
    ("burst: 16", "burst: 1000000000000000000", "memories.sram.burst: '1000000000000000000' is not at most 1099511627776"),
    ("kind: dma", "kind: dmaa", "links.dma.kind: 'dmaa' is not one of ... (did you mean 'dma'?)"),
    ("sources: [dram, sram]", "sources: [flash]", "links.dma.sources.0: 'flash' is not one of sram, dram"),
    ("sources: [dram, sram]", "sources: []", "links.dma.sources: names no memory"),
    ("constants: [dram]", "constants: []", "placement.constants: names no memory"),
    ("constants: [dram]", "constants: [drm]", "placement.constants.0: 'drm' is not one of sram, dram (did you mean 'dram'?)"),
    ("constants: [dram]", "constnts: [dram]", "placement.constnts: is not a known key (and 1 more) (did you mean 'constants'?)"),
    ("activations: [sram, dram]", "activations: 3", "placement.activations: '3' is not a list"),
    ("host: cpu", "host: cpux", "host: 'cpux' is not one of npu, cpu (did you mean 'cpu'?)"),
    ("host: cpu", "host: 7", "host: '7' is not text"),
    ("host: cpu", "host: [cpu]", "host: a list is not text"),
    ("fidelity: modelled", "fidelity: sure", "fidelity: 'sure' is not one of measured, modelled, speculative (did you mean 'measured'?)"),
    ("fidelity: modelled\n", "", "fidelity: is missing (it must be stated)"),
    ("title: Tiny", "titel: Tiny", "titel: is not a known key (and 1 more) (did you mean 'title'?)"),
    ("title: Tiny", "title: [a]", "title: a list is not text"),
    ("title: Tiny", "title: Tiny\nextends: nobody", "extends: no chip is called 'nobody' ('accelsim chips' lists them; a path to a file works too)"),
    ("title: Tiny", "title: Tiny\nextends: [a]", "extends: a list is not the name of a chip"),
    ("title: Tiny", "title: Tiny\nextends: 7", "extends: '7' is not the name of a chip"),
    ("title: Tiny", "title: Tiny\nextends: {a: b}", "extends: a mapping is not the name of a chip"),
    ("title: Tiny", "title: Tiny\nsources: [1]", "sources: is not a mapping of short names to citations"),
    ("title: Tiny", "title: Tiny\nsources: {a: [1]}", "sources.a: is a list, not the text of a citation"),
    ("title: Tiny", "title: Tiny\nprovenance: x", "provenance: is not a mapping of source and grade"),
    ("title: Tiny", "title: Tiny\nprovenance: {grade: published}", "provenance: is graded 'published' without a source"),
    ("title: Tiny", "title: Tiny\nprovenance: {source: [a], grade: [b]}", "provenance: source: is a list, not text"),
    ("title: Tiny", "7: Tiny", "title: is missing (and 1 more) (it must be stated)"),
    ("title: Tiny", "title: Tiny\n? [a, b]\n: c", "line 2: a key is not a word"),
    ("title: Tiny", "title: Tiny\n<<: {a: b}", "a: is not a known key"),
    ("title: Tiny", "title: *a", "line 1: an alias (*name) is not read; use 'extends'"),
    ("title: Tiny", "title: &a Tiny\nname: *a", "line 2: an alias (*name) is not read; use 'extends'"),
    ("title: Tiny", "title: Tiny\n\tx: y", "line 2: while scanning a plain scalar, found a tab character that violates indentation"),
    ("title: Tiny", "title: 'Tiny", "line 37: while scanning a quoted scalar, found unexpected end of stream"),
    ("title: Tiny", "title: !!python/object:os.system x", "line 1: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'"),
    ("title: Tiny", "title: Tiny\n---\nx: 1", "line 2: expected a single document in the stream, but found another document"),
    ("title: Tiny", "title: 2020-01-01", "title: '2020-01-01' is not text"),
    ("title: Tiny", "title: Tiny\narea: {value: 3}", "area: '3' is not a quantity of area [mm2]"),
    ("title: Tiny", "title: Tiny\nstatic_power: -1 W", "static_power: '-1 W' is not at least 0"),
    ("title: Tiny", "title: Tiny\nenergy: 16", "line 4: key 'energy' stands twice"),
    ("title: Tiny", "title: Tiny\nname: [x]", "name: a list is not text"),
    ("title: Tiny", "title: Tiny\ncompiler: 3", "compiler: '3' is not a mapping"),
    ("title: Tiny", "title: Tiny\ncompiler: {transfer_chunk: 0 B}", "compiler.transfer_chunk: '0 B' is not above 0"),
    ("title: Tiny", "title: Tiny\ncompiler: {transfer_chunk: 0.5 B}", "compiler.transfer_chunk: '0.5 B' is not between 1 and 1e+18 B"),
    ("title: Tiny", "title: Tiny\ncompiler: {unit_order: [nobody]}", "compiler.unit_order.0: 'nobody' is not one of npu, cpu"),
    ("title: Tiny", "title: Tiny\nnumerics: {float_operand: float8}", "numerics.float_operand: 'float8' is not one of ... (did you mean 'float32'?)"),
    ("title: Tiny", "title: Tiny\nstart: {cold_cycles: -3}", "start.cold_cycles: '-3' is not at least 0"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: {mac: 0}", "units.cpu.rates.mac: '0' is not above 0.0"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: {mak: 1}", "units.cpu.rates.mak: 'mak' is not one of ... (did you mean 'mac'?)"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: 3", "units.cpu.rates: '3' is not a mapping"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: {mac: .nan}", "units.cpu.rates.mac: 'nan' is not a finite number"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: {mac: .inf}", "units.cpu.rates.mac: 'inf' is not a finite number"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: {mac: '1'}", "units.cpu.rates.mac: '1' is not a number"),
    ("rates: {mac: 1.0, add: 2.0}", "rates: {mac: true}", "units.cpu.rates.mac: 'true' is not a number"),
    ("units:\n", "units: 3\nunitz:\n", "units: is not a mapping of names to descriptions"),
    ("memories:\n  sram", "memories: []\nmemoriez:\n  sram", "memories: is not a mapping of names to descriptions"),
    ("units:\n", "units: {}\nunitz:\n", "unitz: is not a known key (did you mean 'units'?)"),
    ("links:\n", "links: 3\nlinkz:\n", "links: is not a mapping of names to descriptions"),
    ("  npu:\n", "  npu: 3\n  npu2:\n", "units.npu: '3' is not a description (a mapping with 'kind')"),
    ("  npu:\n", "  a.b:\n", "units: name 'a.b' is not a word of letters, digits, _ and -, a letter first"),
    ("  npu:\n", "  7:\n", "units: name '7' is not a word of letters, digits, _ and -, a letter first"),
    ("  npu:\n", "  '':\n", "units: name '' is not a word of letters, digits, _ and -, a letter first"),
    ("  npu:\n", "  sram:\n", "memories.sram: 'sram' is also the name of one of the units (names tell units, memories and links apart)"),
    ("placement:\n", "placement: []\nplacemint:\n", "placemint: is not a known key (and 1 more) (did you mean 'placement'?)"),
    ("  dma:\n", "  sram:\n", "links.sram: 'sram' is also the name of one of the memories (names tell units, memories and links apart)"),
    ("title: Tiny", "title: Tiny\nk0: 1\nk1: 1\nk2: 1\nk3: 1\nk4: 1\nk5: 1\nk6: 1\nk7: 1\nk8: 1\nk9: 1", "k0: is not a known key (and 9 more)"),
    ("title: Tiny", "title: Tiny\nunits: null", "line 6: key 'units' stands twice"),
]
