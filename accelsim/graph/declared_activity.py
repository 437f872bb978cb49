"""What is declared of data that was not run: shares of zeros, and toggles as of random bits."""

from collections.abc import Mapping
from dataclasses import dataclass

from accelsim.graph.activity import block_count
from accelsim.graph.tensor import Tensor

RANDOM_TOGGLES = 0.5  # of a wire from one random word to the next


@dataclass(frozen=True)
class DeclaredActivity:
    """Answers the questions of an Activity from declared shares of zeros; an assumption about data, graded estimated.

    Zeros are taken to be independent of one another. Constants need no declaration: their values are known.

    Attributes
    ----------
    tensors : mapping of str to Tensor
    zero_share : mapping of str to float
        By tensor name; the entry "" holds for all others.
    """

    tensors: Mapping[str, Tensor]
    zero_share: Mapping[str, float]

    def density(self, name: str, block: int = 1) -> float:
        """Return the expected fraction of elements, or of runs of ``block`` channels, that are not zero."""
        return 1.0 - self.zero_share.get(name, self.zero_share.get("", 0.0)) ** block

    def zeros(self, name: str, block: int = 1) -> int:
        """Return the expected number of zeros, or of runs of ``block`` channels of zeros."""
        return round((1.0 - self.density(name, block)) * block_count(self.tensors[name].shape, block))

    def toggle_rate(self, name: str, order: str = "memory", word_bytes: int = 1) -> float:
        """Return toggles per wire and step: those of random bits."""
        return RANDOM_TOGGLES
