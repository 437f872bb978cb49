"""Numba kernels: numbers and arrays in and out, no field objects.

Numba's disk cache does not notice an edit in another file and fails on an unwritable install, so before the
first compile the cache is pointed at a user folder named by a hash of everything that shapes the machine code:
the sources of this room, the versions of numba and numpy, and the processor.
"""

import hashlib
import os
import platform
from pathlib import Path


def _cache_key() -> str:
    from importlib.metadata import version

    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + source.read_bytes())
    for word in (version("numba"), version("numpy"), platform.python_version(), platform.machine(), _cpu_name()):
        digest.update(word.encode())
    return digest.hexdigest()[:16]


def _cpu_name() -> str:
    try:
        from llvmlite import binding

        return binding.get_host_cpu_name() + binding.get_host_cpu_features().flatten()
    except (ImportError, RuntimeError):
        return platform.processor()


if "NUMBA_CACHE_DIR" not in os.environ:
    import numba
    from platformdirs import user_cache_dir

    numba.config.CACHE_DIR = str(Path(user_cache_dir("accelsim")) / "kernels" / _cache_key())
