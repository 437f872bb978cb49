"""Recipes: named architectures built from their papers, with seeded weights.

One file per architecture. It defines ``RECIPES``, a mapping of name to ``Recipe``: ``resnet.py`` has "resnet18",
"resnet50" and "resnet50_v1". To add a network, add one file.

Weights are random, so a recipe's classes mean nothing; its shapes, multiply-accumulates, bytes, value distributions and
zeros are those of a network at the start of its training. The int8 form is TFLite's full-integer scheme (per-channel
symmetric weights, asymmetric activations, int32 biases) with analytic ranges (``_spread``).
"""

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.rooms import member, members
from accelsim.graph.graph import Graph
from accelsim.importers._quantize import quantize
from accelsim.importers.recipes._network import Network
from accelsim.importers.recipes._recipe import Recipe

PRECISIONS = ("int8", "float32")
LARGEST_INPUT = 4096


def recipe_names() -> tuple[str, ...]:
    """Return the names of all recipes."""
    return tuple(_catalogue())


def describe(name: str) -> Recipe:
    """Return what stands behind a name: variant, source, input size, classes.

    Raises
    ------
    AccelsimError
        No recipe has this name.
    """
    known = _catalogue()
    if name not in known:
        raise not_one_of("recipe", name, known)
    return known[name]


def load_recipe(name: str, precision: str = "int8", seed: int = 0, input_size: int | None = None, classes: int | None = None) -> Graph:
    """Return a named architecture with seeded weights.

    Parameters
    ----------
    precision : str
        "int8" or "float32"; both are the same network, since the float weights are exact multiples of the int8 scales.
    input_size : int, optional
        Height and width of the input [pixel]; by default the published one.
    classes : int, optional
        By default the published number.

    Raises
    ------
    AccelsimError
        No such recipe or precision, or a size that the architecture cannot take.
    """
    recipe = describe(name)
    if precision not in PRECISIONS:
        raise not_one_of(f"recipe {name}: precision", precision, PRECISIONS)
    network, outputs = _build(name, recipe, precision, seed, input_size, classes)
    facts = {
        "source": f"recipe {name}: {recipe.variant}",
        "notes": (f"weights are seeded random numbers (seed {seed}): shapes and counts are real, classes mean nothing",),
    }
    graph = network.graph(outputs, **facts)
    return quantize(graph, network.ranges()) if precision == "int8" else graph


def parameters(name: str) -> int:
    """Return the number of parameters as the published tables count them.

    Weights, biases, and two per channel of a batch normalisation (scale and shift, although the graph has them folded into
    one bias); running means and variances are no parameters.
    """
    network, _ = _build(name, describe(name), "shape", 0, None, None)
    return network.parameters


def _build(name: str, recipe: Recipe, precision: str, seed: int, input_size: int | None, classes: int | None) -> tuple[Network, tuple[str, ...]]:
    size, classes = recipe.input_size if input_size is None else input_size, recipe.classes if classes is None else classes
    if not 1 <= classes <= 10**6:
        raise AccelsimError(f"recipe {name}: classes", f"{classes} is not from 1 to 1000000")
    if not recipe.smallest_input <= size <= LARGEST_INPUT or size % recipe.input_multiple:
        rule = f"a multiple of {recipe.input_multiple} " if recipe.input_multiple > 1 else ""
        raise AccelsimError(f"recipe {name}: input size", f"{size} is not {rule}from {recipe.smallest_input} to {LARGEST_INPUT}")
    network = Network(name, precision, seed)
    outputs = recipe.build(network, network.input(1, size, size, recipe.input_channels), classes)
    return network, (outputs,) if isinstance(outputs, str) else tuple(outputs)


def _catalogue() -> dict[str, Recipe]:
    return {name: recipe for file in members(__name__) for name, recipe in member(__name__, file).RECIPES.items()}
