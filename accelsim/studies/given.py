"""A result that the user names: a saved one, or a chip and a network to run."""

from pathlib import Path

from accelsim.base.errors import AccelsimError
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.result import Result
from accelsim.results.result_file import ENDING, load_result


def result_of(given: str) -> Result:
    """Return a saved result by its path, or that of ``CHIP:MODEL``, run without arithmetic.

    Raises
    ------
    AccelsimError
        Neither, or what loading and running them raises.
    """
    if Path(given).is_file() or given.endswith(ENDING):
        return load_result(given)
    chip, colon, model = given.rpartition(":")
    if not (chip and colon and model):
        raise AccelsimError(f"'{given}'", "is neither a saved result nor CHIP:MODEL", "such as ethos_u55_128:mobilenet_v2")
    return run(load_chip(chip), model, options=Options(execute=False))
