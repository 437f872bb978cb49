"""What a recipe's file says about each of its networks."""

from collections.abc import Callable
from dataclasses import dataclass

from accelsim.importers.recipes._network import Network


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named architecture.

    Attributes
    ----------
    variant : str
        Which of the variants in circulation this is, in a sentence.
    source : str
        The paper, and the definition that was followed.
    build : callable (network, input name, classes) -> output name or names
    variant_of : str
        The recipe whose network this is in another form, for a published measurement of that form; such are not offered as networks of their own.
    input_size : int
        Published height and width [pixel].
    smallest_input, input_multiple : int
        Sizes that the architecture can take.
    """

    variant: str
    source: str
    build: Callable[[Network, str, int], str | tuple[str, ...]]
    input_size: int = 224
    classes: int = 1000
    input_channels: int = 3
    smallest_input: int = 32
    input_multiple: int = 1
    variant_of: str = ""
