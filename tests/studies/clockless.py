"""An array without clock and a layer for it: what SCALE-Sim's users bring."""

from pathlib import Path

CONFIG = """[general]
run_name = small
[architecture_presets]
ArrayHeight: 8
ArrayWidth: 4
IfmapSramSzkB: 64
FilterSramSzkB: 32
OfmapSramSzkB: 16
Bandwidth: 10
Dataflow: ws
[run_presets]
InterfaceBandwidth: CALC
"""


def write_array_and_layer(folder: Path, rows: int = 8) -> tuple[str, str]:
    """Write a configuration and a topology of one product; return their paths."""
    (folder / f"array{rows}.cfg").write_text(CONFIG.replace("ArrayHeight: 8", f"ArrayHeight: {rows}"))
    (folder / "net.csv").write_text("Layer, M, N, K,\nL0, 64, 32, 48,\n")
    return str(folder / f"array{rows}.cfg"), str(folder / "net.csv")
