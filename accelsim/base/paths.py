"""Where the shipped figures and workloads lie: inside the installed package, or in the checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """Return the folder ``hwconfigs`` or ``workloads`` of this installation."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name
