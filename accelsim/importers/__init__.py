"""Foreign files and known names -> Graph. One file per model format; recipes and data sets in rooms of their own."""

from accelsim.importers._lookup import load_graph, model_names, trained_names

__all__ = ["load_graph", "model_names", "trained_names"]
