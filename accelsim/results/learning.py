"""What a projection learned on spiking cores, how long that took and what it cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LearnedOnCores:
    """All items together.

    Attributes
    ----------
    synapses, changed : int
        Of the projection, and those whose mantissa is another one afterwards.
    mean_change : float
        Mean magnitude of the change over all its synapses [mantissas].
    updates : int
        Synaptic updates.
    seconds, learning_s : float
        Time of all steps, and what the updates add to it [s].
    spiking_j, learning_j, static_j : float
        [J].
    grade : str
        The worse of those of an update's time and energy.
    """

    chip: str
    network: str
    projection: str
    items: int
    steps: int
    synapses: int
    changed: int
    mean_change: float
    updates: int
    seconds: float
    learning_s: float
    spiking_j: float
    learning_j: float
    static_j: float
    grade: str

    @property
    def total_j(self) -> float:
        """Energy of everything [J]."""
        return self.spiking_j + self.learning_j + self.static_j
