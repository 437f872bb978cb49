"""Find a network: a model file by path, a shipped trained network or a recipe by name."""

from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError, guess
from accelsim.base.paths import data_folder
from accelsim.base.rooms import member, members
from accelsim.graph.graph import Graph
from accelsim.graph.spiking_network import SpikingNetwork

# Formats of spiking networks, which are no graphs of operators.
SPIKING = ("lava_net", "nir")
# Endings that are not the name of their format.
ENDINGS = {".csv": "scalesim", ".net": "deep_compression", ".npz": "bnn_pynq"}
HDF5 = b"\x89HDF"


def trained_names() -> tuple[str, ...]:
    """Return the names of the shipped networks with trained weights."""
    return tuple(sorted(path.stem for path in data_folder("workloads").glob("*.tflite")))


def model_names() -> tuple[str, ...]:
    """Return every network that is known by name."""
    from accelsim.importers.recipes import recipe_names

    return (*trained_names(), *recipe_names())


def load_graph(name_or_path: str, precision: str = "int8", seed: int = 0) -> Graph:
    """Return a network.

    Parameters
    ----------
    name_or_path : str
        ``digits_cnn``, ``mobilenet_v2`` or ``./my_model.tflite``.
    precision : str
        Of a recipe: "int8" or "float32". Files carry their own.
    seed : int
        Of a recipe's weights.

    Raises
    ------
    AccelsimError
        No such file or name, or anything wrong with the file, in one line.
    """
    path = Path(name_or_path)
    if path.suffix or path.is_file():
        return _from_file(path, str(name_or_path))
    if name_or_path in trained_names():
        shipped = data_folder("workloads") / f"{name_or_path}.tflite"
        return _from_file(shipped, str(shipped)).renamed(name_or_path)
    if "/" not in name_or_path:
        from accelsim.importers.decoders import MARK, decoder_names, load_step
        from accelsim.importers.recipes import load_recipe, recipe_names

        if name_or_path in recipe_names():
            return load_recipe(name_or_path, precision, seed)
        if name_or_path.partition(MARK)[0] in decoder_names():
            return load_step(name_or_path, precision, seed)
    hint = guess(name_or_path, model_names()) or "'accelsim models' lists them; a path to a model file works too"
    raise AccelsimError("model", f"no network is called '{name_or_path}'", hint)


def is_spiking_file(name_or_path: str) -> bool:
    """Return whether a model's name ends as a file of a spiking network does."""
    return _kind(Path(name_or_path)) in SPIKING


def load_spiking_network(path: str) -> SpikingNetwork:
    """Return the spiking network of a file, timed as on a chip.

    Raises
    ------
    AccelsimError
        No such file, not one of a spiking network, or anything wrong with it, in one line.
    """
    file = Path(path)
    if not file.is_file():
        raise AccelsimError(path, "no such model file", _neighbour(file))
    if not is_spiking_file(path):
        raise UnsupportedError(path, "holds no spiking network", "known: .nir, and .net of lava-dl")
    return getattr(member("accelsim.importers", _kind(file)), f"load_{_kind(file)}")(file)


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".net" and path.is_file():  # two formats share this ending; lava-dl's is HDF5
        with path.open("rb") as file:
            return "lava_net" if file.read(len(HDF5)) == HDF5 else ENDINGS[suffix]
    return ENDINGS.get(suffix, suffix.lstrip("."))


def _from_file(path: Path, place: str) -> Graph:
    formats = members("accelsim.importers")
    kind = _kind(path)
    if kind in SPIKING:
        raise UnsupportedError(place, "is a spiking network, not a graph of operators", "chips with spiking cores run it, such as 'accelsim run loihi'")
    if kind not in formats:
        known = sorted({f".{name}" for name in formats if name not in ENDINGS.values()} - {".chips", ".decoders", ".recipes", ".datasets"} | set(ENDINGS))
        raise UnsupportedError(place, f"model files that end in '{path.suffix}' are not read", f"known: {', '.join(known)}")
    if not path.is_file():
        raise AccelsimError(place, "no such model file", _neighbour(path))
    loaded = member("accelsim.importers", kind).load(path, place)
    return loaded.renamed(path.stem) if hasattr(loaded, "renamed") else loaded


def _neighbour(path: Path) -> str:
    beside = [p.name for p in path.parent.glob(f"*{path.suffix}")] if path.parent.is_dir() else []
    return guess(path.name, beside)
