"""Foreign files and known names -> Graph. One file per model format; recipes and data sets in rooms of their own."""

from accelsim.importers._lookup import is_spiking_file, load_graph, load_spiking_network, model_names, trained_names

__all__ = ["is_spiking_file", "load_graph", "load_spiking_network", "model_names", "trained_names"]
