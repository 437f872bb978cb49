"""accelsim: a network's real arithmetic and, in the same run, its time, bytes and joules on a described chip."""

__version__ = "0.1.0"

# Public names and where they live; imported on first use, so that ``import accelsim`` stays light.
_HOMES = {
    "load_chip": "accelsim.pipeline",
    "load_graph": "accelsim.importers",
    "run": "accelsim.pipeline",
    "Options": "accelsim.pipeline",
    "run_data_set": "accelsim.studies.rbf_run",
    "NeuroMemClassifier": "accelsim.functional.neuromem_classifier",
    "Request": "accelsim.results.result",
    "Result": "accelsim.results.result",
    "load_result": "accelsim.results.result_file",
    "compare": "accelsim.studies.compare",
    "diff": "accelsim.studies.diff",
    "sweep": "accelsim.studies.sweep",
    "together": "accelsim.studies.together",
    "Task": "accelsim.studies.together",
    "stages": "accelsim.studies.stages",
    "AccelsimError": "accelsim.base.errors",
}
__all__ = [*_HOMES, "figures", "__version__"]


def __getattr__(name: str):
    import importlib

    if name == "figures":
        return importlib.import_module("accelsim.reports.figures")
    if name not in _HOMES:
        raise AttributeError(f"module 'accelsim' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
