"""How long forms of layers are predicted to take on a chip, before anything is simulated.

The busiest server sets the pace, and one piece of every other one is its fill and drain. Latency adds where it cannot hide: a buffer is filled again
only when its piece has been computed, so that no more pieces are on their way than there are buffers; and what the first group needs must have
arrived, constants ahead of time as far as the layer before left the way free.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.hardware.chip import Chip
from accelsim.kernels import form_choice
from accelsim.kernels.service import QUANTUM
from accelsim.mapping.tried import Tried
from accelsim.mapping.routes import Routes

GOOD_ENOUGH = 1.02


class Servers:
    """A chip's servers in the order of the places that they serve.

    Attributes
    ----------
    columns : dict of int to int
        Number of each server's column.
    places : tuple of str
    place : ndarray, shape (servers,), int64
        Of each column.
    speeds : ndarray, shape (4, servers), float64
        Seconds a byte or cycle, bytes of a burst, and latency of a read and of a write [s].
    """

    def __init__(self, chip: Chip, routes: Routes):
        found = {(name, routes.index[name]) for name in chip.units}
        found |= {(name, routes.access(name, write).resource) for name in chip.memories for write in (False, True)}
        found |= {(name, routes.index.get(name)) for name in chip.links}
        served = sorted((name, server) for name, server in found if server is not None)
        self.columns = {server: column for column, (_, server) in enumerate(served)}
        self.places = tuple(dict.fromkeys(name for name, _ in served))
        self.place = np.array([self.places.index(name) for name, _ in served], np.int64)
        self.speeds = np.array(
            [(routes.seconds(server, 1), routes.resources[server].parameters[QUANTUM], routes.latency(server, False), routes.latency(server, True)) for _, server in served]
        ).T.copy()  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Predicted:
    """What every form takes on one chip.

    Attributes
    ----------
    busy : ndarray, shape (forms, places), float64
        Of each place [s].
    seconds : ndarray, shape (forms,), float64
        In all, but for the wait for its first group [s].
    arrival : ndarray, shape (streams, 2), float64
        As ``kernels.form_choice`` writes it.
    """

    tried: Tried
    servers: Servers
    busy: np.ndarray
    seconds: np.ndarray
    arrival: np.ndarray

    def unsettled(self, patience: float) -> np.ndarray:
        """Return the numbers of the layers whose search may go on behind their first form; ``patience`` is the share of waits that counts."""
        of, ends = self.tried, np.empty(self.seconds.size, np.bool_)
        form_choice.settled(of.forms, of.streams, of.first_stream, self.servers.place, patience, GOOD_ENOUGH, self.busy, self.seconds, self.arrival, ends)
        return np.flatnonzero(~ends[of.first_form[:-1]])

    def chosen(self, patience: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the form of each layer and how many of its forms were looked at, shape (layers,), int64, and what these take, shape (forms,), float64 [s]."""
        of, taken = self.tried, np.empty(self.seconds.size)
        chosen, looked_at = np.empty((2, of.first_form.size - 1), np.int64)
        form_choice.choose(
            of.forms, of.streams, of.first_stream, self.servers.place, of.first_form, patience, GOOD_ENOUGH, self.busy, self.seconds, self.arrival, taken, chosen, looked_at
        )  # fmt: skip
        return chosen, looked_at, taken


def predicted(tried: Tried, servers: Servers, depth: int) -> Predicted:
    """Return how long forms take on a chip with so many buffers of each stream."""
    forms = tried.forms.shape[1]
    found = Predicted(tried, servers, np.empty((forms, len(servers.places))), np.empty(forms), np.empty((tried.streams.shape[1], 2)))
    form_choice.form_seconds(
        tried.forms, tried.streams, tried.first_stream, tried.hops, servers.place, servers.speeds, depth, found.busy, found.seconds, found.arrival
    )  # fmt: skip
    return found
