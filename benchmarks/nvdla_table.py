"""ResNet-50 on NVDLA: the primer's table, its assumptions simulated, and the fuller model: ``python benchmarks/nvdla_table.py``."""

from accelsim import run
from accelsim.importers import load_graph
from accelsim.pipeline import Options, load_chip

TABLE = ((2048, 512, 20, 269), (1024, 256, 15, 153), (512, 256, 10, 93), (256, 256, 5, 46), (128, 256, 2, 20), (64, 128, 1, 7.3), (32, 128, 0.5, 3.6))
# The sizes of which a chip file describes the hardware itself.
FULLER = {2048: "nvdla_full", 256: "nvdla_small_256", 64: "nvdla_small"}


def main() -> None:
    """Print one line per row of the table."""
    graph = load_graph("resnet50_v1")
    frames = lambda chip: 1 / run(chip, graph, options=Options(execute=False)).latency_s  # noqa: E731
    print("multipliers  buffer   DRAM GB/s   primer fps   simulated    off     fuller model")
    for macs, kib, gb, primer in TABLE:
        found = frames(load_chip("nvdla_table" if macs == 2048 else f"nvdla_table_{macs}"))
        fuller = ""
        if macs in FULLER:
            memory = next(name for name, m in load_chip(FULLER[macs]).memories.items() if m.kind == "dram_channel")
            fuller = f"{frames(load_chip(FULLER[macs], [f'memories.{memory}.bandwidth={gb} GB/s'])):9.2f} ({FULLER[macs]} at {gb} GB/s)"
        print(f"{macs:11d} {kib:5d} KiB {gb:10g} {primer:12g} {found:11.2f} {found / primer - 1:+7.2%} {fuller}")


if __name__ == "__main__":
    main()
