"""A chain of RBF neurons in plain Python, written from the manuals' rules alone; shares nothing with the package."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class Neuron:
    memory: list
    context: int = 1
    category: int = 0
    degenerated: bool = False
    aif: int = 0x4000
    minif: int = 2
    distance: int = 0xFFFF

    @property
    def shown(self):
        return self.category + (0x8000 if self.degenerated else 0)


@dataclass
class NaiveChain:
    size: int
    components: int
    switches: object
    context: int = 1
    minif: int = 2
    maxif: int = 0x4000
    knn: bool = False
    neurons: list = field(default_factory=list)

    def __post_init__(self):
        self.neurons = [Neuron([0] * self.components) for _ in range(self.size)]

    def forget(self):
        self.context, self.minif, self.maxif = 1, 2, 0x4000
        for neuron in self.neurons:
            neuron.category, neuron.degenerated = 0, False

    def broadcast(self, vector):
        """Return the ready neuron, the active ones, the firing ones and the status."""
        active = [n for n in self.neurons if n.category and (self.context % 128 == 0 or n.context == self.context)]
        for n in active:
            differences = [abs(a - b) for a, b in zip(n.memory, vector, strict=False)]
            norm_of = n.context if self.switches.context_zero_uses_own_norm else self.context
            n.distance = max(differences) if norm_of >= 128 else sum(differences)
        ready = next((n for n in self.neurons if not n.category), None)
        if ready is not None:
            ready.memory[: len(vector)] = vector
            ready.distance = 0
        firing = [n for n in active if self.knn or n.distance < n.aif]
        agreed = {n.shown if self.switches.degenerated_bit_in_identification else n.category for n in firing}
        return ready, active, firing, (0 if not agreed else 8 if len(agreed) == 1 else 4)

    def learn(self, vector, category):
        """Return status, identifier committed (0 if none) and number of neurons shrunk."""
        ready, active, firing, status = self.broadcast(vector)
        limiting = active if self.switches.nearest_counts_same_category else [n for n in active if n.category != category]
        nearest = min((n.distance for n in limiting), default=None)
        known = category in [n.category for n in firing]
        shrunk = 0
        if ready is not None or self.switches.full_chain_shrinks:
            for n in firing:
                if n.category == category or (self.switches.knn_shrinks_only_inward and n.distance >= n.aif):
                    continue
                shrunk += 1
                n.aif = n.distance
                if n.aif <= n.minif:
                    n.aif, n.degenerated = n.minif, True
        if ready is None or known or category == 0:
            return status, 0, shrunk
        ready.category, ready.context, ready.minif = category, self.context, self.minif
        ready.aif = self.maxif if nearest is None else min(self.maxif, nearest)
        if ready.aif <= self.minif:
            ready.aif, ready.degenerated = self.minif, self.switches.degenerates_at_commit
        return status, self.neurons.index(ready) + 1, shrunk

    def recognise(self, vector, k):
        """Return status, number firing and up to k answers (distance, category with bit 15, identifier)."""
        _, _, firing, status = self.broadcast(vector)
        answers, left = [], list(firing)
        while left and len(answers) < k:
            def bus(n):
                return n.distance, n.shown if self.switches.degenerated_bit_in_race else n.category

            first = min(map(bus, left))
            together = [n for n in left if bus(n) == first]
            left = [n for n in left if bus(n) != first]
            identifier, flag = -1, True
            for n in together:
                identifier &= self.neurons.index(n) + 1
                flag = flag and n.degenerated
            answers.append((first[0], together[0].category + (0x8000 if flag else 0), identifier))
        return status, len(firing), answers
