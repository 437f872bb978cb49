"""How long forms of layers are predicted to take, before anything is simulated.

The busiest server sets the pace, and one piece of every other one is its fill and drain. Latency adds where it cannot hide: a buffer is filled again
only when its piece has been computed, so that no more pieces are on their way than there are buffers; and what the first group needs must have
arrived, constants ahead of time as far as the layer before left the way free.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from accelsim.hardware.chip import Compiler
from accelsim.mapping.choice import chunks_of
from accelsim.mapping.forms import Form


@dataclass(frozen=True, eq=False)
class Waits:
    """The streams of many forms as arrays, free of speeds; each row is a stream.

    Attributes
    ----------
    form : ndarray, shape (streams,), int64
        Number of the stream's form.
    trips : ndarray, shape (streams,), float64
        How often a buffer is filled; 0 where every piece has a buffer of its own.
    transfers : ndarray, shape (streams,), float64
        In how many the bytes move at each hop.
    amounts, reads, writes : ndarray, shape (streams, servers), float64
        Bytes at each server, and how often a piece is read from and written to it.
    grouped : list of (int, int, float, bool)
        Of streams that stay for a group: row, form, groups, and whether they are constants.
    """

    form: np.ndarray
    trips: np.ndarray
    transfers: np.ndarray
    amounts: np.ndarray
    reads: np.ndarray
    writes: np.ndarray
    grouped: list[tuple[int, int, float, bool]]

    def in_bursts(self, bursts: np.ndarray, forms: int) -> tuple["Waits", np.ndarray]:
        """Return the streams with every transfer rounded up to bursts, and what that adds to each form at each server, shape (forms, servers) [B].

        Parameters
        ----------
        bursts : ndarray, shape (servers,), float64 [B]
        forms : int
            How many forms there are.
        """
        hops = self.reads + self.writes
        count = np.maximum(1.0, self.transfers[:, None] * hops)
        rounded = np.ceil(self.amounts / count / bursts) * bursts * count
        added = np.zeros((forms, bursts.size))
        np.add.at(added, self.form, rounded - self.amounts)
        return replace(self, amounts=rounded), added

    def round_trips(self, speeds: np.ndarray, latencies: np.ndarray, compute: np.ndarray, depth: int) -> np.ndarray:
        """Return for each form how long its stream of the longest way takes, one piece behind the other in each buffer [s].

        Parameters
        ----------
        speeds : ndarray, shape (servers,), float64 [s/B]
        latencies : ndarray, shape (2, servers), float64
            Of reads and writes [s].
        compute : ndarray, shape (forms,), float64
            Busy seconds of the unit.
        depth : int
            Buffers of each stream.
        """
        latency = self.reads @ latencies[0] + self.writes @ latencies[1]
        taken = np.where(self.trips > 0, self.trips * latency + self.amounts @ speeds + compute[self.form], 0.0) / depth
        longest = np.zeros(compute.size)
        np.maximum.at(longest, self.form, taken)
        return longest

    def first_groups(self, speeds: np.ndarray, latencies: np.ndarray) -> dict[int, list[tuple[float, int, bool]]]:
        """Return for each form the seconds in which what its first group needs arrives, the server that is busiest with it, and whether it may come ahead."""
        busy = self.amounts * speeds
        busiest = busy.argmax(axis=1).tolist()
        latency = (self.reads @ latencies[0] + self.writes @ latencies[1]).tolist()
        found: dict[int, list[tuple[float, int, bool]]] = {}
        for row, form, groups, ahead in self.grouped:
            found.setdefault(form, []).append((float(busy[row, busiest[row]]) / groups + latency[row], busiest[row], ahead))
        return found


def waits_of(forms: list[Form], servers: Mapping[tuple[str, int], int], depth: int, compiler: Compiler) -> Waits:
    """Return the streams of forms; ``servers`` numbers each (place, server)."""
    rows = list(_rows(forms))
    amounts, reads, writes = (np.zeros((len(rows), len(servers))) for _ in range(3))
    for row, (_, form, stream) in enumerate(rows):
        for hop, amount in stream.loads:
            if hop.resource is not None:
                column = servers[hop.place, hop.resource]
                amounts[row, column] += amount
                (writes if hop.write else reads)[row, column] += 1
    trips = [form.groups if stream.grouped else form.pieces * (1 if stream.first_group_only else form.groups) for _, form, stream in rows]
    chunks = [chunks_of(stream, form.groups, compiler) for _, form, stream in rows]
    grouped = [(row, number, float(form.groups), stream.role == "constant") for row, (number, form, stream) in enumerate(rows) if stream.grouped]
    return Waits(
        np.array([number for number, _, _ in rows], np.int64), np.array([count if count > depth else 0 for count in trips], np.float64),
        np.array(trips, np.float64) * np.array(chunks, np.float64), amounts, reads, writes, grouped,
    )  # fmt: skip


def _rows(forms: list[Form]) -> Iterator[tuple]:
    for number, form in enumerate(forms):
        for stream in form.streams:
            yield number, form, stream
